"""The reference engine for dictionaries: PyTorch, gradients by autograd."""
