"""Weights from elsewhere: read without trust, recognised by their content, opened as a run."""
