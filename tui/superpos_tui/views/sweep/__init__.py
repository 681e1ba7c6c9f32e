"""Sweep: the model at every sparsity, side by side."""
