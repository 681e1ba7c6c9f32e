"""The probe in words: what is on, what it drives, and the output."""

import textwrap

import numpy as np

from superpos_core.activations import Activation
from superpos_core.analysis.adversarial import Attack
from superpos_core.arrays import BoolArray, FloatArray, IntArray
from superpos_tui.drawing.numbers import hundredths
from superpos_tui.scene import Scene
from superpos_tui.views.probe.measures import (
    followed,
)
from superpos_tui.views.probe.state import ProbeState

DRIVEN = 0.1
"""A feature counts as driven by the others' inputs if \\|h·W₂\\| is at least this."""
NOTICEABLE = 0.05
"""Smaller values are left out of the summary."""
MAX_NAMED = 4
"""Maximum features of one kind named in the summary; ``MAX_LEFT`` of those left over."""
MAX_LEFT = 2


def fitted(text: str, width: int, rows: int) -> list[str]:
    """At most ``rows`` lines of at most ``width`` columns."""
    return textwrap.wrap(
        text, max(width, 2), max_lines=max(rows, 1), placeholder=" …", break_on_hyphens=False
    )


def summary(scene: Scene) -> str:
    """One sentence: what is on, what it drives, what is cut off and what is left over."""
    probed = scene.of(followed)
    drive = probed.drive
    if not np.isfinite(probed.pre_activation).all():
        return "weights are not finite: the output is unknown"
    on = probed.x != 0
    driven = np.flatnonzero(~on & (np.abs(drive) >= DRIVEN))
    parts = [what_is_on(np.flatnonzero(on)) + ": " + _what_is_driven(driven, drive)]
    if scene.model.output_activation == "identity":
        parts.append("no output activation: nothing is cut")
    elif driven.size:
        parts.append(_what_is_held(scene.model.output, probed.is_held[driven]))
    if on.any():
        parts.append(_what_comes_out(np.flatnonzero(on), probed.output))
    left = driven[np.abs(probed.output[driven]) >= NOTICEABLE]
    if left.size:
        parts.append(_what_is_left(left, probed.output))
    return ", ".join(parts)


def what_is_on(on: IntArray) -> str:
    """Such as "features 3, 7 on" or "nothing on"."""
    if not on.size:
        return "nothing on"
    return f"feature{'s' * (on.size > 1)} {_numbers(on[:MAX_NAMED], on.size)} on"


def _what_is_driven(driven: IntArray, drive: FloatArray) -> str:
    if not driven.size:
        return "no other is driven"
    sides = {"positively": driven[drive[driven] > 0], "negatively": driven[drive[driven] < 0]}
    ways = [
        f"{_numbers(_strongest(which, drive, MAX_NAMED), which.size)} {way}"
        for way, which in sides.items()
        if which.size
    ]
    others = "1 other is" if driven.size == 1 else f"{driven.size} others are"
    return f"{others} driven ({'; '.join(ways)})"


def _what_is_held(activation: Activation, is_held: BoolArray) -> str:
    """What happens to the driven outputs, depending on which of them are held."""
    count = int(np.count_nonzero(is_held))
    if count == is_held.size:
        return activation.with_negatives("it" if count == 1 else f"all {count}")
    return activation.with_negatives(str(count or "none"))


def _what_comes_out(on: IntArray, output: FloatArray) -> str:
    named = [f"{short_value(output[feature])} on {feature}" for feature in on[:MAX_NAMED]]
    return f"the output is {_listed(named, on.size)}"


def _what_is_left(left: IntArray, output: FloatArray) -> str:
    strongest = _strongest(left, output, MAX_LEFT)
    named = [f"{short_value(output[feature])} on {feature}" for feature in strongest]
    return f"with {_listed(named, left.size)} left over"


def attack_in_words(scene: Scene, attack: Attack) -> str:
    """The output that the worst attack changes most, and by how much."""
    feature = attack.feature
    before, after = scene.of(followed).output[feature], attack.output[feature]
    verb = "raises" if after > before else "lowers"
    return (
        f"worst case of size {scene.options.of(ProbeState).attack:.2f}: {verb} output {feature}"
        f" from {short_value(before)} to {short_value(after)}"
    )


def short_value(value: float) -> str:
    """Such as 0.93 or −0.4."""
    return hundredths(value).strip()


def _numbers(named: IntArray, count: int) -> str:
    return _listed([str(feature) for feature in named], count)


def _listed(named: list[str], count: int) -> str:
    return ", ".join(named) + (", …" if count > len(named) else "")


def _strongest(which: IntArray, values: FloatArray, count: int) -> IntArray:
    """The features with the largest magnitudes, by index.

    Ties after rounding go by index too, so that names do not swap while a model trains.
    """
    magnitudes = np.round(np.abs(values[which]), 2)
    order = np.argsort(-magnitudes, kind="stable")
    strongest: IntArray = np.sort(which[order[:count]])
    return strongest
