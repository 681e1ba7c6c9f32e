"""Analyses of a record: evaluation, events, stages, neurons, motifs, attacks."""
