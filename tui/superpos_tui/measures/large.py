"""Which runs are too large to be measured between two frames: one rule, by their sizes alone."""

from superpos_core.task.config import ExperimentConfig
from superpos_tui.scene import Scene

MOST_PRODUCTS = 1 << 20
"""Multiplications in one W·Wᵀ. So many take a millisecond, and a view needs dozens of them."""
MOST_FEATURES = 300
"""Above this the entries of W·Wᵀ count, however few dimensions there are."""
MOST_SETTINGS = 32
MOST_RESTARTS = 32
"""Each setting has its thumbnail, each restart its geometry."""


def is_large(config: ExperimentConfig) -> bool:
    """Whether drawing a run's panels takes longer than a frame.

    Then they are drawn in the drawing room and appear when they are done. Smaller runs are drawn at
    once, on the interface's own thread.
    """
    return (
        config.features > MOST_FEATURES
        or config.features**2 * config.hidden > MOST_PRODUCTS
        or len(config.settings) > MOST_SETTINGS
        or config.restarts > MOST_RESTARTS
    )


def is_slow_to_draw(scene: Scene) -> bool:
    """Whether a scene is of a lane of a large run: a map's cells are small, however many."""
    return scene.has_lane and is_large(scene.config)
