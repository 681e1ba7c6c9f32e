"""What training has produced: immutable numpy arrays, at one moment or over all steps."""
