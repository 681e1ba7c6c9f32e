"""Dimensionality over settings: one column per setting, and D* as a line."""

import numpy as np
import pytest
from tests.tui.pictures import scene_of_settings
from tests.tui.views.dimensionality.shapes import SEQUENTIAL, dots_of, row_of_label

from superpos_core.arrays import FloatArray
from superpos_core.task.config import ExperimentConfig
from superpos_tui.drawing.palette import Ink, Palette
from superpos_tui.scene import Scene
from superpos_tui.selection import SelectSetting
from superpos_tui.views.dimensionality import over_lanes as dimensions_over_lanes


def over_sparsities(encoders: FloatArray, sparsities: tuple[float, ...], setting: int = 0) -> Scene:
    _, n, m = encoders.shape
    config = ExperimentConfig(
        "test", features=n, hidden=m, models=("tied",), sparsities=sparsities, importance=1
    )
    return scene_of_settings(encoders, setting=setting, config=config)


def test_settings_are_placed_by_density_on_a_log_scale_in_any_order() -> None:
    scene = over_sparsities(np.zeros((3, 5, 2)), (0.99, 0.0, 0.9))
    cells = dimensions_over_lanes.PANEL.draw(scene, 64, 15, Palette())
    ticks = cells.row_text(14)
    assert ticks.split() == ["1", "10", "100"]
    first, middle, last = ticks.index("1 "), ticks.index("10 "), ticks.index("100")
    assert middle - first == pytest.approx(last + 1 - middle, abs=1)
    for x, setting in ((first, 1), (middle, 2), (last + 1, 0)):
        assert dimensions_over_lanes.PANEL.pick(scene, 64, 15, x, 5, Palette()) == SelectSetting(
            setting
        )
    assert "".join(cells.glyphs[14, cells.inks[14] == Ink.ACCENT]) == "100"


def test_the_line_is_d_star_and_the_dots_are_features() -> None:
    encoders = np.stack([np.eye(8, 4), np.concatenate([np.eye(4), -np.eye(4)])])
    scene = over_sparsities(encoders, (0.0, 0.9))
    cells = dimensions_over_lanes.PANEL.draw(scene, 64, 33, Palette())
    line = np.argwhere(dots_of(cells, {Ink.TEXT})[: 4 * 32])
    rows = {label: row_of_label(cells, label) for label in ("1", "1/2", "0")}
    assert line[:, 0].min() // 4 == rows["1"]
    # Dots lie over its end.
    assert rows["1/2"] - line[:, 0].max() // 4 in (0, 1)
    dots = dots_of(cells, SEQUENTIAL)[: 4 * 32]
    half = dots.shape[1] // 2
    dense = set((np.flatnonzero(dots[:, :half].any(axis=1)) // 4).tolist())
    sparse = set((np.flatnonzero(dots[:, half:].any(axis=1)) // 4).tolist())
    assert {rows["1"], rows["0"]} <= dense
    assert rows["1/2"] not in dense
    assert rows["1/2"] in sparse
    assert rows["0"] not in sparse


def test_a_sweep_is_shown_along_its_own_axis_at_the_sparsity_in_focus() -> None:
    config = ExperimentConfig(
        "test", features=2, hidden=1, models=("tied",), sparsities=(0.0, 0.9), importance=1,
        sweep="last-importance", sweep_values=(0.1, 1.0, 10.0),
    )  # fmt: skip
    scene = scene_of_settings(np.zeros((6, 2, 1)), setting=4, config=config)
    cells = dimensions_over_lanes.PANEL.draw(scene, 64, 15, Palette())
    assert cells.row_text(14).split() == ["0.1", "1", "10"]
    assert "importance of the last feature" in dimensions_over_lanes.PANEL.title(scene)
    picks = [dimensions_over_lanes.PANEL.pick(scene, 64, 15, x, 5, Palette()) for x in (0, 34, 63)]
    assert picks == [SelectSetting(3), SelectSetting(4), SelectSetting(5)]


def test_of_more_settings_than_columns_the_one_in_focus_is_shown() -> None:
    sparsities = tuple(index / 200 for index in range(200))
    scene = over_sparsities(np.ones((200, 3, 1)), sparsities, setting=101)
    cells = dimensions_over_lanes.PANEL.draw(scene, 30, 10, Palette())
    assert "".join(cells.glyphs[9, cells.inks[9] == Ink.ACCENT]) == f"{1 / (1 - 101 / 200):.3g}"
