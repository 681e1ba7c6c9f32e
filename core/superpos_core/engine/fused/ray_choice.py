"""Which models are trained on rays (ray_rows.py). Cheap to import: estimates of memory ask, too."""

from superpos_core.task.config import ExperimentConfig
from superpos_core.task.data import distribution_named
from superpos_core.task.models import model_named

MAX_ACTIVE_SHARE = 1 / 8
"""Maximum share of active features with which rays pay off; they are sparse, not dense, rows."""


def are_rays(config: ExperimentConfig, name: str) -> bool:
    """Whether fresh rows of a model are trained on as rays: few, unequally frequent features.

    Features of equal frequency keep the numbers that they have always had.
    """
    model, distribution = model_named(name), distribution_named(config.distribution)
    # ReLU is linear in rows that are positive multiples of one another.
    is_linear = model.hidden_activation == "identity" or distribution.values != "signed"
    is_noisy = config.hidden_noise or config.hidden_dropout
    return (
        is_linear
        and not is_noisy
        and config.dataset_size == 0
        and not config.has_equal_frequencies
        and distribution.grouping == "independent"
        and not distribution.unit_norm
        and bool(config.feature_frequency.mean() <= MAX_ACTIVE_SHARE)
    )
