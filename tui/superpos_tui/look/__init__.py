"""Themes, and layouts for every size of terminal."""
