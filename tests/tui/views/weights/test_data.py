"""The data panel: pairs and rows at the right cells, in every shape of panel."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.tui.pictures import scene_of, selected_by

from superpos_core.analysis.data import active_rows, correlations, second_moments
from superpos_core.record.lanes import LanesRecord
from superpos_core.task.data_files import matrix_of
from superpos_core.task.options import read_options
from superpos_tui.drawing.numbers import hundredths
from superpos_tui.drawing.palette import Ink, Palette
from superpos_tui.scene import Scene
from superpos_tui.views.weights import data
from superpos_tui.views.weights.data import PANEL

SIZES = [(24, 18), (31, 34), (50, 52), (118, 33), (198, 54)]
"""As part of the view at three sizes of the screen, and alone."""


def scene_with(**changed: object) -> Scene:
    plain = scene_of(np.zeros((7, 2)), np.ones((1, 1)))
    record = plain.snapshot.record_as(LanesRecord)
    config = replace(record.config, **changed)  # type: ignore[arg-type]
    cohort = replace(record.cohorts["tied"], lanes=config.lanes_of("tied"))
    record = LanesRecord(config, {"tied": cohort})
    return Scene(replace(plain.snapshot, record=record), plain.focus, plain.options)


TREE = scene_with(distribution="tree")


@pytest.mark.parametrize("size", SIZES)
def test_every_pair_is_read_where_a_click_selects_it(size: tuple[int, int]) -> None:
    second = second_moments(TREE.config, TREE.lane)
    read = set()
    for y in range(size[1]):
        for x in range(size[0]):
            pick, text = PANEL.pick(TREE, *size, x, y), PANEL.read(TREE, *size, x, y)
            if pick is None:
                assert not text.startswith("E[")
                continue
            cursor = selected_by(pick)
            i, j = cursor.feature, cursor.other
            scaled = hundredths(float(correlations(second)[i, j]), plus=True)
            assert text == f"E[x_{i}·x_{j}] = {second[i, j]:.3g} · scaled {scaled}"
            read.add((i, j))
    assert read == {(i, j) for i in range(7) for j in range(7)}


@pytest.mark.parametrize("size", SIZES)
def test_rows_are_read_in_the_colours_that_they_have(size: tuple[int, int]) -> None:
    rows = active_rows(TREE.config, TREE.lane, 128)
    cells = PANEL.draw(TREE, *size, Palette())
    assert (cells.width, cells.height) == size
    grounds: dict[float, set[int]] = {0.0: set(), 1.0: set()}
    seen = set()
    for y in range(size[1]):
        for x in range(size[0]):
            text = PANEL.read(TREE, *size, x, y)
            if text.startswith("row"):
                row, feature = int(text[4 : text.index(":")]), int(text.split("x_")[1].split()[0])
                value = float(rows[row, feature])
                assert text.endswith(hundredths(value, plus=True))
                if cells.glyphs[y, x] == " ":  # both halves alike
                    grounds[value].add(int(cells.grounds[y, x]))
                seen.add(feature)
    assert seen == set(range(7))
    assert grounds[0.0].isdisjoint(grounds[1.0] - {int(Ink.NONE)})


def test_a_file_that_is_gone_is_told(tmp_path: Path) -> None:
    path = tmp_path / "rows.npy"
    np.save(path, np.ones((4, 7), np.float32))
    scene = scene_with(**read_options(type(TREE.config), {"rows": str(path)}))
    assert "rows of x" in PANEL.draw(scene, 50, 40, Palette()).text()
    path.unlink()
    for kept in (matrix_of, active_rows, second_moments):
        kept.cache_clear()
    words = " ".join(PANEL.draw(scene, 50, 40, Palette()).text().split())
    assert "there is no such file" in words
    assert PANEL.read(scene, 50, 40, 20, 5) == ""


def test_pairs_and_rows_of_very_many_features_are_not_computed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    computed: list[str] = []
    for name in ("second_moments", "active_rows"):
        monkeypatch.setattr(data, name, lambda *_, name=name: computed.append(name))
    scene = scene_with(features=4096)
    assert "more than 512 features" in PANEL.draw(scene, 60, 40, Palette()).text()
    assert not computed
