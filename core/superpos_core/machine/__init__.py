"""What this machine offers: cores, memory, and where the user's files belong."""
