"""Brushes that every panel and bar may use: cells, canvas, palette, bars, numbers."""
