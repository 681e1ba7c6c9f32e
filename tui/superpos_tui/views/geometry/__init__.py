"""Geometry: features as directions in the hidden space."""
