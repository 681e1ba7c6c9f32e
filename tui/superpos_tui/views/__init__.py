"""The views: the types that they share, and one folder per view."""
