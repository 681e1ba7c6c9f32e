"""Settings as people write them, turn them and keep them."""
