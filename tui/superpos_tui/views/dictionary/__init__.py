"""Dictionaries: whether their latents are the true features, as they train."""
