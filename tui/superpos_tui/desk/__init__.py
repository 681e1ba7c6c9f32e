"""What actions act on: the watched run, the current selection, and the screen."""
