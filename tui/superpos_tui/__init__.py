"""superpos-tui: the terminal program around ``superpos_core``."""
