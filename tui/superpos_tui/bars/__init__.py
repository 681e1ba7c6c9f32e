"""The rows above and below the panels: status, tabs, timeline, keys."""
