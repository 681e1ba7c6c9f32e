"""The list of runs: a table to sort, filter and open from, on the screen and in print."""
