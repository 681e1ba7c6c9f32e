"""The torch engine: the reference for every gradient, and the one for GPUs."""
