"""The machine: usable cores, free memory and the user's folders."""
