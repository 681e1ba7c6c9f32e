"""The files of a run: weights, losses, numbers and figures, each written whole or not at all."""
