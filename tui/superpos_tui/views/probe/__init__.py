"""Probe: a hand-made input, followed through the model."""
