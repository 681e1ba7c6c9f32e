"""Dialogs that open over the screen and wait for an answer."""
