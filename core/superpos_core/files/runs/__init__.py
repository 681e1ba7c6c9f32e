"""A run as a folder: written while it trains, opened and followed by others."""
