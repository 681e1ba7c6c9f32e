"""What a dictionary has found, with the true features known: which ones, how well, at what cost."""
