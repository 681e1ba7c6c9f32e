"""The norms of both lanes, feature by feature: below the squares of the compare view."""

from superpos_core.geometry.blocks import greatest_in_blocks
from superpos_tui.drawing.bars import mark_norm_of_one
from superpos_tui.drawing.cells import Cells
from superpos_tui.drawing.palette import FULL_COLOURS, Palette, superposition_inks
from superpos_tui.measures.geometry import feature_norms, superposition
from superpos_tui.scene import Scene
from superpos_tui.selection import Change
from superpos_tui.views.compare import numbers
from superpos_tui.views.compare.measures import awaited_reference, reference_word, sides_of
from superpos_tui.views.compare.paired_bars import LABELS_FROM, Bars, PairedBars
from superpos_tui.views.panel import Panel
from superpos_tui.views.shared.colour_meanings import OF_NORMS
from superpos_tui.views.shared.entries import read_feature
from superpos_tui.views.shared.legends import superposition_legend
from superpos_tui.views.shared.norm_glyphs import standing_norms

MAX_SPACING = 9
"""Columns per feature: its two bars and the gap to the next one."""
LEGEND_FROM = 8
"""Minimum rows of a picture with the scale of superposition."""


def draw(scene: Scene, width: int, height: int, palette: Palette) -> Cells:
    """Two bars per feature: the reference, and beside it the current lane, in its colour."""
    cells = Cells.blank(width, height)
    legend = superposition_legend(palette)
    top = int(height >= LEGEND_FROM and legend.width <= width)
    if top:
        cells.paste(width - legend.width, 0, legend)
    has_labels = height >= LABELS_FROM
    rows = height - top - has_labels
    bars = PairedBars.of(scene, width, MAX_SPACING)
    reference, now = (
        _bars_of(side, bars.together, rows, palette if side is scene else FULL_COLOURS)
        for _, side in sides_of(scene)
    )  # without colours shades tell superposition, but of the reference nothing does
    bars.draw(cells, reference, now, top)
    mark_norm_of_one(cells, rows, top)
    if has_labels:
        bars.write_numbers(cells, scene)
    return cells


def _bars_of(side: Scene, together: int, rows: int, palette: Palette) -> Bars:
    """Of features that share a bar the longest is shown."""
    norms = side.of(feature_norms)
    longest = greatest_in_blocks(norms, together)
    interference = side.of(superposition)[longest]
    glyphs = standing_norms(norms[longest], interference, rows, palette, apart=False)
    return glyphs, superposition_inks(interference)


def pick(
    scene: Scene, width: int, height: int, x: int, y: int, palette: Palette = FULL_COLOURS
) -> Change | None:
    """Move the cursor to the feature with a bar in this column."""
    return PairedBars.of(scene, width, MAX_SPACING).pick(scene, x)


def read(
    scene: Scene, width: int, height: int, x: int, y: int, palette: Palette = FULL_COLOURS
) -> str:
    """The feature with a bar in this column, in both lanes."""
    feature = PairedBars.of(scene, width, MAX_SPACING).feature_at(x)
    if feature is None:
        return ""
    (word, reference), (_, now) = sides_of(scene)
    words = [f"feature {feature}"]
    if feature < now.config.features:
        words = [read_feature(now, feature)]
    if feature < reference.config.features:
        words.append(f"{word}: {reference.of(feature_norms)[feature]:.2f}")
    return " · ".join(words)


PANEL = Panel(
    name="both-norms",
    title=lambda scene: f"norms: {reference_word(scene)} and now",
    readings=(
        "left bars: the reference · right bars: the current lane",
        "left: the reference · right: now",
    ),
    draw=draw,
    awaits=awaited_reference,
    numbers=numbers.norms,
    pick=pick,
    read=read,
    seconds_between_draws=0.25,
    story=(
        "Two bars per feature, of length ‖W_i‖: which features one lane represents and the other "
        "does not. The current lane’s are coloured by superposition (“Demonstrating "
        "Superposition”)."
    ),
    colours=OF_NORMS,
)
