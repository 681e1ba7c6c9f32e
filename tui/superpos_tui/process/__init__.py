"""The process around the instrument: start, terminal, signals, threads, streams, exit."""
