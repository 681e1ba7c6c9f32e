"""The palettes that the screen and the figures share, without a plotting library."""
