"""Settings: as text, as dials, as a command line, and as remembered between starts."""
