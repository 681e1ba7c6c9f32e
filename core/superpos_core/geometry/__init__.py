"""The geometry of one encoder: norms, interference, shapes and pictures of the hidden space."""
