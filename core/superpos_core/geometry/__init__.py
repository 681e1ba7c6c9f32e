"""What one encoder looks like: norms, interference, shapes, and pictures of the hidden space."""
