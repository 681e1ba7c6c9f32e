"""What dictionaries have found: the cosines of true features with latents, kind by kind."""

from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from superpos_core.analysis.dictionaries.matching import LARGEST_COSINE, RECOVERED_COSINE
from superpos_core.analysis.dictionaries.of_record import score_of
from superpos_core.analysis.dictionaries.score import DictionaryScore
from superpos_core.arrays import FloatArray
from superpos_core.figures.tools import marks, notes, style
from superpos_core.figures.tools import page as pages
from superpos_core.figures.tools.placing import evenly
from superpos_core.figures.tools.spokes import draw_sphere
from superpos_core.geometry.hidden_space import picture_axes
from superpos_core.geometry.projection import seen_from
from superpos_core.geometry.spoke_limits import NOISE, TILT, TURN
from superpos_core.record.dictionaries import DictionaryRecord
from superpos_core.task.setting_names import setting_name

MAX_COLUMNS, MAX_PICTURED, MAX_SIDE, MAX_HEIGHT = 4, 3, 1.9, 2.6
LABELS, GAP, INNER_GAP = 0.36, 0.26, 0.06
BARS, PICTURE = 0.34, 0.9
"""Inches across the bars of recovery, and the side of a picture of the hidden space."""
TITLE, NUMBERS, BETWEEN_KINDS = 0.2, 0.3, 0.16
BAR, LINE, ARROW = 0.72, 1.1, 5.0
ROOM = 1.3
"""How far a picture of the hidden space reaches, in lengths of the longest feature."""
PICTURED = {2: "plane", 3: "space"}
"""The dimensions of which there is a picture."""


@dataclass(frozen=True)
class _Sizes:
    """Sizes in inches that all blocks of a page share: matrices, and all beside one."""

    width: float
    height: float
    block: float
    has_picture: bool

    @classmethod
    def of(cls, record: DictionaryRecord, columns: int) -> "_Sizes":
        config = record.config
        has_picture = config.hidden in PICTURED
        beside = INNER_GAP + BARS + (2 * INNER_GAP + PICTURE if has_picture else 0)
        room = (pages.TEXT_WIDTH - 2 * pages.MARGIN - LABELS - (columns - 1) * GAP) / columns
        entry = min(
            max(room - beside, 0.4) / config.latents,
            MAX_SIDE / max(config.latents, config.features),
        )
        width = max(entry * config.latents, 0.3)
        height = float(np.clip(entry * config.features, 0.4, MAX_HEIGHT))
        return cls(width, height, max(room, width + beside), has_picture)

    @property
    def high(self) -> float:
        """The height of a block without its texts."""
        return max(self.height, PICTURE) if self.has_picture else self.height


def draw(record: DictionaryRecord) -> Figure:
    """One matrix per kind and setting, with bars of recovery; for d = 2 and 3 all directions too.

    The best seed by what is minimised is drawn; of a single setting, several seeds.
    """
    columns = _columns(record)
    sizes = _Sizes.of(record, len(columns))
    row = sizes.high + NUMBERS
    kinds = list(record.cohorts)
    body = TITLE + len(kinds) * (row + BETWEEN_KINDS)
    header = pages.Header("Dictionaries and the true features", _reading(record, len(columns)))
    page = pages.new_page(record, header, pages.TEXT_WIDTH, body)
    top = header.height(page.width) + TITLE
    for number, column in enumerate(columns):
        left = pages.MARGIN + LABELS + number * (sizes.block + GAP)
        page.text(left, top - TITLE + 0.02, column.title)
        for index, kind in enumerate(kinds):
            at = left, top + index * (row + BETWEEN_KINDS)
            lane = column.lane_of(record, kind)
            _draw_block(page, at, sizes, record, kind, lane, is_first=number == 0)
    marks.weight_scale_bar(page, "cosine of feature and latent", most=LARGEST_COSINE)
    return page.figure


@dataclass(frozen=True)
class _Column:
    """One column of blocks: a setting, of which the best seed is drawn, or one of its seeds."""

    title: str
    setting: int
    seed: int | None = None

    def lane_of(self, record: DictionaryRecord, kind: str) -> int:
        """The index of the lane that is drawn of a kind."""
        cohort = record.cohorts[kind]
        return cohort.ranked(self.setting)[0] if self.seed is None else self.seed


def _columns(record: DictionaryRecord) -> list[_Column]:
    config = record.config
    most = MAX_PICTURED if config.hidden in PICTURED else MAX_COLUMNS
    if len(config.settings) == 1 and config.restarts > 1:
        seeds = range(min(config.restarts, most))
        return [_Column(f"seed {config.seed + seed}", 0, seed) for seed in seeds]
    return [
        _Column(setting_name(config, config.settings[setting]), setting)
        for setting in evenly(range(len(config.settings)), most)
    ]


def _reading(record: DictionaryRecord, shown: int) -> str:
    hidden = record.config.hidden
    picture = (
        f" Pictures of the {PICTURED[hidden]}: true directions in grey, latents as arrows"
        + ("; dotted: behind the middle." if hidden == 3 else ".")
        if hidden in PICTURED
        else ""
    )
    seeds, settings = record.config.restarts, len(record.config.settings)
    if settings == 1 and seeds > 1:
        several = f" The first {shown} of {seeds} seeds." if shown < seeds else ""
    else:
        best = f" Best of {seeds} seeds by loss, penalty included." if seeds > 1 else ""
        several = best + notes.some_note(shown, settings)
    return (
        "One row per true feature, one column per latent, in the order that matches latents with "
        "features: a perfect dictionary is a blue diagonal. Bars: the largest |cosine| of a "
        f"feature with any latent, filled if it is recovered (≥ {RECOVERED_COSINE:g}). L0: active "
        "latents per row." + picture + several
        + marks.blocks_note(record.config.features, record.config.latents)
    )  # fmt: skip


def _draw_block(
    page: pages.Page, at: tuple[float, float], sizes: _Sizes, record: DictionaryRecord, kind: str,
    lane: int, *, is_first: bool,
) -> None:  # fmt: skip
    left, top = at
    score = score_of(record, kind, lane)
    matrix = page.axes(left, top, sizes.width, sizes.height)
    marks.draw_matrix(matrix, score.cosines_in_order)
    marks.feature_ticks(matrix, record.config.features)
    if is_first:
        matrix.set_ylabel(kind, labelpad=2, fontsize=style.TEXT_SIZE, color=style.INK)
    bars = page.axes(left + sizes.width + INNER_GAP, top, BARS, sizes.height)
    _draw_recovery(bars, score)
    if sizes.has_picture:
        beside = left + sizes.width + 3 * INNER_GAP + BARS
        picture = page.axes(beside, top, PICTURE, PICTURE)
        decoder = record.cohorts[kind].parameters.take(lane).decoder
        _draw_picture(picture, record.directions[lane], decoder)
    page.text(
        left, top + sizes.high + 0.05, _numbers(score), size=style.SMALL_SIZE, color=style.QUIET
    )


def _numbers(score: DictionaryScore) -> str:
    """In two lines, which fit under a narrow matrix."""
    recovered = int(score.is_recovered.sum())
    found = f"{recovered} of {len(score.is_recovered)} recovered"
    counts = {"dead": score.activity.is_dead, "duplicate": score.is_duplicate}
    wasted = [f"{each.sum()} {name}" for name, each in counts.items() if each.any()]
    second = ", ".join([f"L0 {score.activity.l0:.3g}", *wasted])
    return f"{found}, MCC {score.mcc:.3f}\n{second}"


def _draw_recovery(axes: Axes, score: DictionaryScore) -> None:
    best = np.nan_to_num(np.abs(score.cosines).max(axis=1))
    rows = np.arange(len(best))
    axes.barh(rows, 1, height=BAR, color="none", edgecolor=style.RULE, linewidth=0.3)
    colours = [style.CATEGORICAL[0] if each else style.RULE for each in score.is_recovered.tolist()]
    axes.barh(rows, best, height=BAR, color=colours, linewidth=0)
    axes.set(xlim=(0, 1), ylim=(len(best) - 0.5, -0.5), xticks=[], yticks=[])
    axes.spines[:].set_visible(False)


def _draw_picture(axes: Axes, directions: FloatArray, decoder: FloatArray) -> None:
    """True directions (n, d) as grey spokes with numbers, latents (K, d) as arrows; d = 2 or 3."""
    longest = float(np.nanmax(np.linalg.norm(directions, axis=1), initial=0)) or 1.0
    reach = ROOM * longest
    axes.set(xlim=(-reach, reach), ylim=(-reach, reach), xticks=[], yticks=[], aspect="equal")
    axes.spines[:].set_visible(False)
    if directions.shape[1] == 3:
        draw_sphere(axes, longest)
    ends, lines = _on_paper(directions, directions, longest)
    for feature, ((x, y), line) in enumerate(zip(ends.tolist(), lines, strict=True)):
        axes.plot([0, x], [0, y], color=style.RULE, linewidth=3 * LINE, linestyle=line,
                  solid_capstyle="round")  # fmt: skip
        axes.text(1.17 * x, 1.17 * y, str(feature), fontsize=style.SMALL_SIZE, color=style.QUIET,
                  ha="center", va="center")  # fmt: skip
    with np.errstate(all="ignore"):
        arrows = decoder / np.linalg.norm(decoder, axis=1, keepdims=True) * longest
    tips, lines = _on_paper(arrows, directions, longest)
    for (x, y), line in zip(tips.tolist(), lines, strict=True):
        if not np.isfinite(x + y):
            continue
        axes.annotate(
            "", (x, y), (0, 0),
            arrowprops={"arrowstyle": "-|>", "color": style.CATEGORICAL[0], "linewidth": LINE,
                        "linestyle": line,
                        "mutation_scale": ARROW, "shrinkA": 0, "shrinkB": 0},
        )  # fmt: skip


def _on_paper(
    vectors: FloatArray, directions: FloatArray, longest: float
) -> tuple[FloatArray, list[str]]:
    """Where vectors (count, d) end on the page, (count, 2), and the line that leads to each.

    Three dimensions are seen as in the other pictures of the true ``directions``; lines to what is
    behind the middle, by more than rounding of the ``longest`` direction, are dotted.
    """
    if vectors.shape[1] == 2:
        return vectors, ["solid"] * len(vectors)
    with np.errstate(all="ignore"):
        right, up, near = seen_from(vectors @ picture_axes(directions), TURN, TILT)
        behind = near < -NOISE * longest
    return np.stack([right, up], axis=1), ["dotted" if each else "solid" for each in behind]
