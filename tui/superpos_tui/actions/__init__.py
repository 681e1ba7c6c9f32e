"""What keys, clicks and commands do, by subject; ``app`` puts them together."""
