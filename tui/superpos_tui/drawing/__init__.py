"""Drawing tools shared by panels and bars: cells, canvas, palette, bars, numbers."""
