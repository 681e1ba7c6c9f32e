"""Themes, and layouts for every terminal size."""
