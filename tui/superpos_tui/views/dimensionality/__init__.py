"""Dimensionality: how much of a dimension each feature gets."""
