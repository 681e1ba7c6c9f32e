"""Probe: an input made by hand, followed through the model."""
