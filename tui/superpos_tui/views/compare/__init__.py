"""Compare: two lanes, two models or two moments side by side."""
