"""Events of runs of dictionaries: one file per kind of rule; ``log`` collects them."""
