"""Drives training: the loop, the jobs it runs, commands and pace."""
