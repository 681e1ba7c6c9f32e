"""Sixteen dictionaries at once, one in each element of every vector, on rows that are counted."""
