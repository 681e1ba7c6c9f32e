"""Entries of the square product in words, as the line under the panels reads them."""

from superpos_tui.drawing.numbers import hundredths
from superpos_tui.measures.product import gram_entry
from superpos_tui.scene import Scene

SMALLEST_EFFECT = 0.005
"""Below this an entry reads 0.00."""


def read_entry(scene: Scene, feature: int, other: int) -> str:
    """Such as ``W·Wᵀ[3, 7] = −0.31 · feature 3 inhibits 7``."""
    value = scene.of(gram_entry, feature, other)
    number = hundredths(value, plus=True)
    effect = _effect(feature, other, value)
    return f"{scene.model.product}[{feature}, {other}] = {number} · {effect}"


def _effect(feature: int, other: int, value: float) -> str:
    if feature == other:
        return f"how much of feature {feature} is recovered"
    if not abs(value) >= SMALLEST_EFFECT:
        return f"feature {feature} leaves output {other} alone"
    return f"feature {feature} {'drives' if value > 0 else 'inhibits'} output {other}"
