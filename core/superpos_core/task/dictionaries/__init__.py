"""Dictionaries (sparse autoencoders): what they compute, what they read, and how they start."""
