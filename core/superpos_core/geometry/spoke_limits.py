"""How much of a hidden space is drawn, alike on the screen and in print."""

NOISE = 1e-6
"""A spoke that lies in the paper may be so far behind it, in radii of the circle."""
MAX_SPOKES = 60
"""Of more features only the ends are drawn: their spokes would cover one another."""
MAX_LABELS = 24
MIN_LABELLED = 0.3
"""A spoke shorter than this, in radii of the circle, has no label: the middle would be crowded."""
TURN, TILT = 30.0, 20.0
"""The direction from which three dimensions are seen, in degrees; on the screen, the first one."""
