"""Live: what the model is, what happens, and what it means."""
