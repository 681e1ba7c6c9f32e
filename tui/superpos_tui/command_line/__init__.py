"""The command line: options, help and what they start."""
