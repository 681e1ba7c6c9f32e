"""What is kept on disk: weights, losses, numbers and figures of a run, each whole or absent."""
