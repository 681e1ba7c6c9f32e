"""Phases: what becomes of the last feature, as trained and in theory."""
