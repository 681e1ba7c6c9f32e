"""What opens over the screen and waits for an answer."""
