"""The names of the themes, for the command line, which must not import textual."""

DEFAULT_THEME = "night"
TERMINAL_THEME = "terminal"
"""The user's own sixteen colours."""
THEME_NAMES = ("night", "black", "dusk", "paper", "white", TERMINAL_THEME)
