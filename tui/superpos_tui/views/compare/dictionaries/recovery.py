"""How well both dictionaries find each feature: below the matrices of the compare view."""

import numpy as np

from superpos_core.analysis.dictionaries.matching import RECOVERED_COSINE
from superpos_core.geometry.blocks import greatest_in_blocks
from superpos_core.record.dictionaries import DictionaryRecord
from superpos_tui.drawing.bars import NEGATIVE_BAR, POSITIVE_BAR, standing_bars
from superpos_tui.drawing.cells import Cells
from superpos_tui.drawing.numbers import fixed
from superpos_tui.drawing.palette import FULL_COLOURS, Palette
from superpos_tui.measures.dictionaries import best_cosines, is_recovered
from superpos_tui.scene import Scene
from superpos_tui.selection import Change
from superpos_tui.views.compare.dictionaries import numbers
from superpos_tui.views.compare.measures import reference_word, sides_of
from superpos_tui.views.compare.paired_bars import LABELS_FROM, Bars, PairedBars
from superpos_tui.views.panel import Panel

MAX_SPACING = 15
"""Columns per feature: its two bars and the gap to the next one."""


def draw(scene: Scene, width: int, height: int, palette: Palette) -> Cells:
    """Two bars per feature: the reference, and beside it the current dictionary."""
    cells = Cells.blank(width, height)
    bars, has_labels = PairedBars.of(scene, width, MAX_SPACING), height >= LABELS_FROM
    reference, now = (
        _bars_of(side, bars.together, height - has_labels) for _, side in sides_of(scene)
    )
    bars.draw(cells, reference, now)
    if has_labels:
        bars.write_numbers(cells, scene)
    return cells


def _bars_of(side: Scene, together: int, rows: int) -> Bars:
    """Of features that share a bar the one that is found worst is shown."""
    best, _ = side.of(best_cosines)
    worst = greatest_in_blocks(-best, together)
    inks = np.where(side.of(is_recovered)[worst], POSITIVE_BAR, NEGATIVE_BAR).astype(np.uint16)
    return standing_bars(best[worst], rows, apart=False), inks


def pick(
    scene: Scene, width: int, height: int, x: int, y: int, palette: Palette = FULL_COLOURS
) -> Change | None:
    """Move the cursor to the feature with a bar in this column."""
    return PairedBars.of(scene, width, MAX_SPACING).pick(scene, x)


def read(
    scene: Scene, width: int, height: int, x: int, y: int, palette: Palette = FULL_COLOURS
) -> str:
    """The feature with a bar in this column, in both dictionaries."""
    feature = PairedBars.of(scene, width, MAX_SPACING).feature_at(x)
    if feature is None:
        return ""
    words = [f"feature {feature}"]
    for word, side in sides_of(scene):
        if feature < side.config.features:
            best, latents = side.of(best_cosines)
            cosine = fixed(float(best[feature]), 4, 2).strip()
            words.append(f"{word}: {cosine} by latent {latents[feature]}")
    return " · ".join(words)


PANEL = Panel(
    name="both-recovery",
    title=lambda scene: f"best |cosine| of each feature: {reference_word(scene)} and now",
    readings=(
        "left bars: the reference · right bars: now; a full one is a |cosine| of 1",
        "left: the reference · right: now",
    ),
    draw=draw,
    numbers=numbers.recovery,
    pick=pick,
    read=read,
    takes=DictionaryRecord,
    seconds_between_draws=0.25,
    story=(
        "Two bars per true feature, as long as the largest |cosine| that a latent has with it: "
        "which features one dictionary finds and the other does not. A feature counts as recovered "
        f"if a latent of its own has at least {RECOVERED_COSINE:g}."
    ),
    colours=(
        "grey: the reference; blue: the feature is recovered now, red: it is not. The length is "
        "max_j |cos(i, j)|.",
    ),
)
