"""What panels need to know of a run that was not trained here, and how they say so."""

from collections.abc import Collection

from superpos_core.task.config import ExperimentConfig
from superpos_core.task.options import options_of
from superpos_tui.scene import TRAINING

NEEDS_TRAINING = "needs the moments and losses of a run: a file with weights has neither"
WORDS = {
    "sparsities": "the feature probability",
    "importance": "the importance of features",
    "distribution": "the distribution of the data",
    "models": "the activations",
}
"""What a user would call these fields."""


def what_to_give(missing: Collection[str]) -> str:
    """What a panel lacks, in a sentence that says how to give it; empty if it lacks nothing.

    >>> what_to_give({"sparsities"})
    'needs the feature probability: add --sparsity S,…'
    """
    if TRAINING in missing:
        return NEEDS_TRAINING
    options = [each for each in options_of(ExperimentConfig) if each.field in missing]
    if not options:
        return ""
    words = [WORDS.get(each.field, each.name) for each in options]
    given = " ".join(f"--{each.name} {each.metavar}" for each in options)
    return f"needs {' and '.join(words)}: add {given}"
