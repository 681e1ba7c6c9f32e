"""Names for lanes shown side by side: as short as possible, but distinct."""

from collections import Counter
from collections.abc import Callable, Sequence

from superpos_core.task.lanes import HIDDEN, Lane


def lane_labels(lanes: Sequence[Lane]) -> list[str]:
    """Readable names, such as ``tied S=0.9``, or ``tied S=0.9 ×2 seed 3`` in a sweep.

    In a sweep over m it is ``tied S=0.9 m=5``. Lanes that have only a number are named by it, such
    as ``tied instance 3``.
    """
    swept = "m={}" if any(lane.sweep == HIDDEN for lane in lanes) else "×{}"
    return _distinct(
        lanes, " ", lambda value: f"{value:g}", swept=swept, seed="seed {}", instance="instance {}"
    )


def exact_lane_names(lanes: Sequence[Lane]) -> list[str]:
    """Names with all digits, for files, such as ``tied/S=0.9`` or ``tied/S=0.9/swept=2``."""
    return _distinct(lanes, "/", exact, swept="swept={}", seed="seed={}", instance="instance={}")


def exact(value: float) -> str:
    """A number with all its digits, such as ``0``, ``0.9`` or ``0.9999999``."""
    return repr(float(value)).removesuffix(".0")


def _distinct(
    lanes: Sequence[Lane],
    separator: str,
    number: Callable[[float], str],
    *,
    swept: str,
    seed: str,
    instance: str,
) -> list[str]:
    several_seeds = len({lane.seed for lane in lanes}) > 1
    names = []
    for lane in lanes:
        if lane.instance is not None:
            parts = [lane.model, instance.format(lane.instance)]
        else:
            parts = [lane.model, f"S={number(lane.sparsity)}"]
            if lane.swept is not None:
                parts.append(swept.format(number(lane.swept)))
        if several_seeds:
            parts.append(seed.format(lane.seed))
        names.append(separator.join(parts))
    return _numbered(names)


def _numbered(names: Sequence[str]) -> list[str]:
    """Number lanes that were dialled to the same sparsity during training."""
    seen: Counter[str] = Counter()
    distinct = []
    for name in names:
        seen[name] += 1
        distinct.append(name if seen[name] == 1 else f"{name} #{seen[name]}")
    return distinct
