"""The feature-norm panel: one bar per feature, of length ‖W_i‖, coloured by superposition."""

import numpy as np

from superpos_core.analysis import loss_split
from superpos_core.analysis.loss_split import LossSplit
from superpos_core.arrays import FloatArray
from superpos_core.geometry.measures import largest_sum_of_dimensionality
from superpos_tui.drawing.bars import NEGATIVE_BAR, POSITIVE_BAR, pitch_of
from superpos_tui.drawing.cells import Cells
from superpos_tui.drawing.glyphs import NEARLY_FULL, SHADES, bar_apart
from superpos_tui.drawing.numbers import short_loss
from superpos_tui.drawing.palette import FULL_COLOURS, Ink, Palette
from superpos_tui.drawing.text_lines import longest_within
from superpos_tui.measures.geometry import (
    dimensions_per_feature,
    feature_norms,
    represented,
    sum_of_dimensionality,
    superposition,
)
from superpos_tui.scene import Scene, measure_of_lane
from superpos_tui.selection import Change, Cursor, MoveCursor
from superpos_tui.views.live.norm_bars import (
    NUMBER_WIDTH,
    write_lying_bars,
    write_standing_bars,
)
from superpos_tui.views.live.state import LiveState
from superpos_tui.views.panel import Panel
from superpos_tui.views.shared.colour_meanings import OF_NORMS, OF_SPLIT
from superpos_tui.views.shared.entries import read_feature
from superpos_tui.views.shared.feature_rows import Rows
from superpos_tui.views.shared.legends import superposition_legend
from superpos_tui.views.shared.numbers import numbers_of_features

MIN_BAR = 4
MIN_SPLIT_BAR = 2
SPLIT_NEEDS = frozenset({"importance", "models"})
SPLIT_READINGS = (
    "each feature alone: the cost of not keeping it, then the cost of driving others",
    "the cost of each feature alone",
)
TOTALS = (
    "D* = m/‖W‖²: dimensions per feature · ΣD: dimensions that features take up, of all there are"
)
TOTALS_OF_COSTS = (
    "the costs of all features, each active alone: of not keeping it, of driving others"
)


def draw(scene: Scene, width: int, height: int, palette: Palette) -> Cells:
    """Horizontal bars in as many columns as needed; vertical ones if there are too many."""
    if scene.options.of(LiveState).split_norms:
        return draw_split(scene, width, height, palette)
    cells = Cells.blank(width, height)
    norms, interference = scene.of(feature_norms), scene.of(superposition)
    rows = height - 1 if height > 1 else height
    layout = Rows.fitting(norms.size, width, rows)
    if _has_room(layout):
        dedicated, cursor = scene.hidden, scene.options.cursor
        selected = None if cursor is None else cursor.feature
        write_lying_bars(cells, layout, norms, interference, dedicated, selected, palette)
    else:
        write_standing_bars(cells, rows, norms, interference, palette)
    if height > 1:
        _write_summary(cells, scene)
    return cells


def _has_room(layout: Rows) -> bool:
    """Whether bars in rows are long enough to be compared."""
    return layout.room + 1 >= MIN_BAR + NUMBER_WIDTH


def _write_summary(cells: Cells, scene: Scene) -> None:
    """Write the totals of the bars, as many as have room."""
    y = cells.height - 1
    config = scene.config
    most = largest_sum_of_dimensionality(config.features, scene.hidden)
    kept = (
        f"{scene.of(represented):>2} of {config.features} represented"
        f" · D* {scene.of(dimensions_per_feature):4.2f}"
    )
    total = f"{kept} · ΣD {scene.of(sum_of_dimensionality):.2f}"
    summary = longest_within(cells.width, f"{total} ≤ {most}", total, kept)
    cells.write(0, y, summary, Ink.MUTED)


@measure_of_lane
def split_loss(scene: Scene) -> LossSplit:
    """The loss of each feature active alone: its own, and that from driving others."""
    return loss_split.split(scene.model, scene.parameters, scene.importance)


def draw_split(scene: Scene, width: int, height: int, palette: Palette) -> Cells:
    """One bar per feature: the cost of not keeping it, then that of its interference."""
    cells = Cells.blank(width, height)
    layout = Rows.fitting(scene.config.features, width, max(height - 1, 1))
    if layout.room < MIN_SPLIT_BAR:
        cells.write_centred(height // 2, "too many features for this panel", Ink.MUTED)
        return cells
    split, cursor = scene.of(split_loss), scene.options.cursor
    kept, spread = split.benefit_loss, split.interference
    full = _largest_finite(kept + spread)
    for feature in range(layout.features):
        is_selected = cursor is not None and cursor.feature == feature
        x, y = layout.write_label(cells, feature, Ink.ACCENT if is_selected else Ink.MUTED)
        first = bar_apart(_eighths(kept[feature] / full, layout.room))
        second = _interference_bar(_eighths(spread[feature] / full, layout.room), palette)
        layout.write_bar(cells, x, y, first, POSITIVE_BAR)
        layout.write_bar(cells, x + len(first), y, second, NEGATIVE_BAR)
    if height > 1:
        cells.write(0, height - 1, NEARLY_FULL, POSITIVE_BAR)
        cells.write(2, height - 1, f"not kept {short_loss(float(np.sum(kept)))}", Ink.MUTED)
        cells.write(20, height - 1, _interference_bar(8, palette), NEGATIVE_BAR)
        cells.write(22, height - 1, f"interference {short_loss(float(np.sum(spread)))}", Ink.MUTED)
    return cells


def _largest_finite(values: FloatArray) -> float:
    finite = values[np.isfinite(values)]
    return max(float(finite.max(initial=0)), 1e-30)


def _eighths(share: float, width: int) -> int:
    """A share of a width in eighths of a cell; nothing if it is not finite."""
    return round(min(max(float(np.nan_to_num(share, posinf=0)), 0), 1) * width * 8)


def _interference_bar(eighths: int, palette: Palette) -> str:
    """A bar that is told from the one before it by its colour, or else by its shade."""
    if palette.has_scales:
        return bar_apart(eighths)
    return SHADES[1] * round(eighths / 8) or SHADES[0] * (eighths > 0)


def _title(scene: Scene) -> str:
    if scene.options.of(LiveState).split_norms:
        return "loss of each feature alone: not kept, interference"
    if scene.model.tied:
        return "feature norms ‖W_i‖"
    return f"feature norms √{scene.model.diagonal}_ii"


def _legend(scene: Scene, palette: Palette) -> Cells:
    """What the colours of the bars mean; the split bars explain their own."""
    if scene.options.of(LiveState).split_norms:
        return Cells.blank(0, 1)
    return superposition_legend(palette)


def _feature_at(features: int, width: int, height: int, x: int, y: int) -> int | None:
    """The feature whose bar is at a cell, the first one of those that share it."""
    rows = max(height - 1, 1)
    if height > 1 and y >= rows:
        return None
    layout = Rows.fitting(features, width, rows)
    if _has_room(layout):
        return layout.feature_at(x, y)
    together = -(-features // max(width, 1))
    feature = x // pitch_of(-(-features // together), width) * together
    return feature if 0 <= feature < features else None


def _pick(
    scene: Scene, width: int, height: int, x: int, y: int, palette: Palette = FULL_COLOURS
) -> Change | None:
    """Select the feature whose bar was clicked."""
    feature = _feature_at(scene.config.features, width, height, x, y)
    return None if feature is None else MoveCursor(Cursor(feature, feature))


def _read(
    scene: Scene, width: int, height: int, x: int, y: int, palette: Palette = FULL_COLOURS
) -> str:
    """A feature's norm, or its costs; below, what the totals mean."""
    feature = _feature_at(scene.config.features, width, height, x, y)
    is_split = scene.options.of(LiveState).split_norms
    if feature is None:
        is_total = y == height - 1 > 0
        return (TOTALS_OF_COSTS if is_split else TOTALS) if is_total else ""
    if not is_split:
        return read_feature(scene, feature)
    split = scene.of(split_loss)
    kept, spread = float(split.benefit_loss[feature]), float(split.interference[feature])
    return (
        f"feature {feature} alone: not keeping it costs {short_loss(kept).strip()} · "
        f"driving others costs {short_loss(spread).strip()}"
    )


PANEL = Panel(
    name="norms",
    title=_title,
    readings=(
        "length: how much of feature i is kept (about 1: represented)",
        "length: how much of feature i is kept",
        "length: norm",
    ),
    draw=draw,
    numbers=numbers_of_features,
    legend=_legend,
    other_readings=lambda scene, *_: (
        SPLIT_READINGS if scene.options.of(LiveState).split_norms else ()
    ),
    other_needs=lambda scene: (
        SPLIT_NEEDS if scene.options.of(LiveState).split_norms else frozenset()
    ),
    story=(
        "A feature with a norm near 1 is represented, one near 0 is ignored. Dark bars have a "
        "dedicated dimension; the brighter a bar, the more other features share its direction "
        "(“Demonstrating Superposition”). With two weight matrices, whose scales can be traded "
        "without effect, the norm is √(W₁W₂)_ii, how much of feature i alone is recovered; if "
        "W₂ = W₁ᵀ this is ‖W_i‖ again. b shows instead, for each feature active alone, the cost "
        "of not keeping it and the cost of its interference with others."
    ),
    pick=_pick,
    read=_read,
    colours=(*OF_NORMS, *OF_SPLIT),
)
