"""The views: what one is, how it stands on the screen, and one room for each of them."""
