"""What a record says: evaluation, events, stages, neurons, motifs, attacks."""
