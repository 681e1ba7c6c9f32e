"""Phases: what happens to the last feature, as trained and in theory."""
