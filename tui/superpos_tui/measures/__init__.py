"""Measures that several rooms show; those of one room stand in that room."""
