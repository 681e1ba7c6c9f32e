"""Weights: the matrices, the bias, and the neurons of a privileged basis."""
