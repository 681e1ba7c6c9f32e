"""Numbers and rules of the objectives of dictionaries that every engine shares."""

from superpos_core.task.dictionaries.kinds import DictionaryKind

JUMP_BANDWIDTH = 0.05
"""The width of the rectangle through which the gradient of a threshold is estimated.

The default of SAELens. That of the paper, 0.001, needs batches of thousands of tokens: only rows
whose pre-activation is within half of it of the threshold move the threshold.
"""
JUMP_THRESHOLD = 0.01
"""The thresholds of jump-relu at step 0, the default of SAELens.

Far below the activations of unit vectors, so that no latent starts silent, and closer to 0 than
half the bandwidth, so that even latents that are hardly active move it.
"""
THRESHOLD_NEWS = 0.01
"""The weight of a step's smallest activation in the running threshold of BatchTopK, as SAELens."""


def prefixes_of(kind: DictionaryKind, latents: int) -> tuple[int, ...]:
    """The numbers of first latents that each reconstruct h, in ascending order; the last is all.

    For a nested kind a quarter, a half and all of them.
    """
    if not kind.nested:
        return (latents,)
    return tuple(sorted({max(latents // 4, 1), max(latents // 2, 1), latents}))


def kept_of_row(active_latents: float) -> int:
    """How many latents of a row topk lets be active: k without its fraction, at least 1."""
    return max(int(active_latents), 1)


def kept_latents(kind: DictionaryKind, active_latents: float, batch: int) -> int:
    """How many activations a kind without a penalty lets be: of a row (topk) or of a batch.

    Of a batch the nearest whole number to k·batch, at least 1. BatchTopK counts a row that occurs m
    times m times; if only some of its copies may be active, it is divided into two rows. Equal
    activations rank by row, then by latent.
    """
    if kind.activation == "topk":
        return kept_of_row(active_latents)
    return max(int(active_latents * batch + 0.5), 1)
