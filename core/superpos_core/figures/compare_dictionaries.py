"""Two dictionaries side by side: features × latents of both, latents × latents, and a table.

It shows a pair, not a whole run, so the registry does not list it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from superpos_core.analysis.dictionaries.consistency import Consistency, consistency_of
from superpos_core.analysis.dictionaries.matching import LARGEST_COSINE
from superpos_core.analysis.dictionaries.of_record import score_of
from superpos_core.analysis.dictionaries.score import DictionaryScore
from superpos_core.arrays import FloatArray
from superpos_core.figures.tools import marks, style
from superpos_core.figures.tools import page as pages
from superpos_core.figures.tools.side_by_side import (
    ROW,
    TABLE_GAP,
    TITLES,
    Row,
    write_table,
    write_title,
)
from superpos_core.record.dictionaries import DictionaryCohort, DictionaryRecord
from superpos_core.task.setting_names import setting_name

NAMES, GAP = 0.86, 0.3
MOST_HIGH = 2.6
"""Inches of the highest matrix: one of many features and few latents is not drawn to scale."""


@dataclass(frozen=True)
class Side:
    """One side of the comparison: a lane of a kind of dictionary in a record.

    ``DictionaryRecord.at_step`` returns records of earlier moments.
    """

    record: DictionaryRecord
    kind: str
    lane_index: int

    @property
    def cohort(self) -> DictionaryCohort:
        """All lanes of its kind."""
        return self.record.cohorts[self.kind]

    @property
    def score(self) -> DictionaryScore:
        """How well it finds the features."""
        return score_of(self.record, self.kind, self.lane_index)

    @property
    def decoder(self) -> FloatArray:
        """Its latents' directions, (K, d)."""
        decoder: FloatArray = self.cohort.parameters.take(self.lane_index).decoder
        return decoder

    @property
    def directions(self) -> FloatArray:
        """The true directions, (n, d)."""
        directions: FloatArray = self.record.directions[self.lane_index]
        return directions

    @property
    def title(self) -> tuple[str, str]:
        """The kind and setting, then the seed and step."""
        lane = self.cohort.lanes[self.lane_index]
        setting = setting_name(self.record.config, lane)
        return f"{self.kind}, {setting}", f"seed {lane.seed} · step {self.cohort.step:,}"


def draw_pair(reference: Side, now: Side) -> Figure:
    """The matrices of both on one scale, the latents of both if they have the same task, a table.

    Raises ``KeyError`` for a kind missing from a record and ``IndexError`` for an unknown lane.
    """
    with style.house_style():
        return _compose(reference, now)


def _compose(reference: Side, now: Side) -> Figure:
    found = _consistency(reference, now)
    sides = (reference, now)
    matrices = [side.score.cosines_in_order for side in sides]
    titles = [side.title for side in sides]
    latents = None if found is None else _in_order(found, sides)
    if found is not None and latents is not None:
        matrices.append(latents)
        shared = f"{found.shared} of {min(found.cosines.shape)} the same"
        mcc = f"PW-MCC {found.matching.mcc:.3f}" if np.isfinite(latents).all() else "not finite"
        titles.append(("latents, left × middle", f"{shared} · {mcc}"))
    else:
        titles.append(("change", "middle − left"))
    rows = _rows(sides)
    width = _width()
    high = min(max(width * len(each) / each.shape[1] for each in matrices), MOST_HIGH)
    header = pages.Header("Dictionaries, compared", _reading(found, matrices))
    body = TITLES + high + TABLE_GAP + ROW * len(rows)
    page = pages.new_page(now.record, header, pages.TEXT_WIDTH, body)
    top = header.height(page.width) + TITLES
    for index, title in enumerate(titles):
        write_title(page, _left(index) + width / 2, top, *title)
    for index, matrix in enumerate(matrices):
        axes = page.axes(_left(index), top, width, min(width * len(matrix) / matrix.shape[1], high))
        marks.draw_matrix(axes, matrix)
        if matrix is not latents:
            marks.feature_ticks(axes, len(matrix))
        if index == 0:
            axes.set_ylabel("feature", labelpad=1)
    middles = [_left(index) + width / 2 for index in range(3)]
    write_table(page, top + high + TABLE_GAP, middles, rows)
    marks.weight_scale_bar(page, "cosine", most=LARGEST_COSINE)
    return page.figure


def _consistency(reference: Side, now: Side) -> Consistency | None:
    """The latents of both; ``None`` if they look for other directions."""
    if not np.array_equal(reference.directions, now.directions):
        return None
    return consistency_of(reference.decoder, now.decoder)


def _in_order(found: Consistency, sides: tuple[Side, Side]) -> FloatArray:
    """The cosines of latents, each side's in the order of the features that they match."""
    first, second = (side.score.matching.order(len(side.decoder)) for side in sides)
    ordered: FloatArray = found.cosines[np.ix_(first, second)]
    return ordered


def _width() -> float:
    return (pages.TEXT_WIDTH - 2 * pages.MARGIN - NAMES - 2 * GAP) / 3


def _left(index: int) -> float:
    return pages.MARGIN + NAMES + index * (_width() + GAP)


def _reading(found: Consistency | None, matrices: Sequence[FloatArray]) -> str:
    both = (
        " Right: the latents of one × those of the other, in the same orders; PW-MCC is the mean "
        "|cosine| of its best one-to-one pairs."
        if found is not None
        else " Their true directions differ, so no latent can be the same in both."
    )
    rows, columns = matrices[0].shape
    return (
        "One row per true feature, one column per latent, in the order that matches latents with "
        "features: a perfect dictionary is a blue diagonal."
        + both
        + marks.blocks_note(rows, columns)
        + marks.not_finite_note(matrices)
    )


def _rows(sides: tuple[Side, Side]) -> list[Row]:
    def both(measure: Callable[[DictionaryScore], float]) -> tuple[float, float]:
        first, second = (float(measure(side.score)) for side in sides)
        return first, second

    three, whole = ("{:.3f}".format, "{:+.3f}".format), ("{:.0f}".format, "{:+.0f}".format)
    powers = "{:.2e}".format, "{:+.2e}".format
    return [
        Row("MCC", both(lambda score: score.mcc), *three),
        Row("mean max cos", both(lambda score: score.mean_max_cosine_of_features), *three),
        Row("recovered", both(lambda score: score.is_recovered.sum()), *whole),
        Row("dead latents", both(lambda score: score.activity.is_dead.sum()), *whole),
        Row("duplicates", both(lambda score: score.is_duplicate.sum()), *whole),
        Row("L0", both(lambda score: score.activity.l0), *three),
        Row("true L0", both(lambda score: score.activity.true_l0), *three),
        Row("error", both(lambda score: score.reconstruction.error), *powers),
        Row("truth's error", both(lambda score: score.reconstruction.error_of_truth), *powers),
        Row("explained", both(lambda score: score.reconstruction.explained_variance), *three),
    ]
