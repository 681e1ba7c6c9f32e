"""Which runs are too large to be measured between two frames: one rule based on their sizes."""

from superpos_core.task.config import ExperimentConfig
from superpos_core.task.dictionaries.options import DICTIONARIES
from superpos_tui.scene import Scene

MAX_PRODUCTS = 1 << 20
"""Maximum multiplications in one W·Wᵀ: they take a millisecond, and a view needs dozens."""
MAX_FEATURES = 300
"""Above this the entries of W·Wᵀ dominate, however few dimensions there are."""
MAX_LATENTS = 64
"""Above this, rows are encoded for too long."""
MAX_SETTINGS = 32
MAX_RESTARTS = 32
"""Each setting has its thumbnail, each restart its geometry."""


def is_large(config: ExperimentConfig) -> bool:
    """Whether drawing a run's panels takes longer than a frame.

    Large runs are drawn in the drawing room and appear when finished; smaller ones are drawn at
    once, in the interface's thread.
    """
    return (
        config.features > MAX_FEATURES
        or (config.kind == DICTIONARIES and max(config.features, config.latents) > MAX_LATENTS)
        or config.features**2 * config.hidden > MAX_PRODUCTS
        or len(config.settings) > MAX_SETTINGS
        or config.restarts > MAX_RESTARTS
    )


def is_slow_to_search(config: ExperimentConfig) -> bool:
    """Whether finding events takes longer than a frame: dictionaries read rows at every moment."""
    return is_large(config) or config.kind == DICTIONARIES


def is_slow_to_draw(scene: Scene) -> bool:
    """Whether a scene shows a lane of a large run: the cells of a map are small."""
    return scene.has_group and is_large(scene.config)
