"""What actions act on: the run that is watched, what is looked at, and the screen."""
