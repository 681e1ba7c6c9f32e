"""Figures of a sweep over m: every lane with its own columns, circle, sphere or graph."""

from dataclasses import replace

import numpy as np
import pytest
from matplotlib.patches import Circle, Ellipse
from tests.core.figures.drawn import drawn, images, texts, words
from tests.core.hidden_sweeps import SWEEP
from tests.core.snapshots import trained

from superpos_core.figures.registry import FIGURES
from superpos_core.record.lanes import LanesRecord

MODELS = ("tied", "absolute")
CONFIG = replace(SWEEP, sparsities=(0.9,))


@pytest.fixture(scope="module")
def record() -> LanesRecord:
    return trained(replace(CONFIG, models=MODELS, steps=300))


def test_every_figure_can_be_drawn(record: LanesRecord) -> None:
    names = set()
    for figure in FIGURES.values():
        for name, draw in figure.drawings(record):
            assert draw().texts
            names.add(name)
    assert {f"{figure}-tied" for figure in ("gram", "weights", "geometry", "graphs")} <= names
    assert {"neurons-absolute", "motif-absolute", "energy-tied", "loss"} <= names
    assert not {"trajectories-tied", "restarts-tied"} & names


def test_every_matrix_has_the_columns_of_its_lane(record: LanesRecord) -> None:
    shapes = [image.shape for image in images(drawn(record, "weights-tied"))]
    assert shapes == [shape for m in (1, 2, 3, 5) for shape in ((8, m), (8, 1))]


def test_directions_up_to_three_dimensions_and_graphs_beyond(record: LanesRecord) -> None:
    directions, graphs = drawn(record, "geometry-tied"), drawn(record, "graphs-tied")
    assert [text for text in texts(directions) if text[:4] == "m = "] == ["m = 1", "m = 2", "m = 3"]
    assert "m = 5" in texts(graphs)
    assert "3 of 4 settings are drawn, all with m up to 3." in words(directions)
    assert "1 of 4 settings are drawn, all with m above 3." in words(graphs)
    rounds = [
        {type(patch) for patch in axes.patches if isinstance(patch, Circle | Ellipse)}
        for axes in directions.axes[:3]
    ]
    assert rounds == [{Circle}, {Circle}, {Circle, Ellipse}]


def test_the_line_of_the_norms_is_below_the_lane_s_own_m(record: LanesRecord) -> None:
    figure = drawn(record, "norms-tied")
    ends = [axes.lines[0].get_ydata() for axes in figure.axes[:4]]
    np.testing.assert_array_equal(ends, [[m - 0.5] * 2 for m in (1, 2, 3, 5)])
    assert "Line: below feature m." in words(figure)


def test_the_origin_names_the_range_of_m(record: LanesRecord) -> None:
    assert "n = 8 → m = 1…5" in words(drawn(record, "gram-tied"))
