"""Two dictionaries side by side: the panels of the compare view for their runs."""
