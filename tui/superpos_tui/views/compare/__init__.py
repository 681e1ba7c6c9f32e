"""Compare: two lanes, models or moments side by side."""
