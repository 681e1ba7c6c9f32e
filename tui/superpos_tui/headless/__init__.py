"""``--export``: train without a screen, then write figures, numbers and weights.

Standard output is data: the path of each file once it is complete. Progress goes to standard error.
"""

from superpos_tui.headless.runs import export_headless

__all__ = ["export_headless"]
