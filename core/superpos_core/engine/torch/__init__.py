"""The torch engine: the reference for all gradients, and the engine for GPUs."""
