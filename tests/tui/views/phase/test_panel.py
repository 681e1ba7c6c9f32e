"""The phase panel: both maps, their axes, the cursor and its numbers, at any size."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.core.phase_maps import (
    THREE_IN_TWO,
    TWO_IN_ONE,
    filled_as_theory_says,
    filled_with,
    phase_config,
)
from tests.tui.pictures import after, scene_of
from tests.tui.running import running, text_of, until, until_finished
from tests.tui.strategies import depths
from tests.tui.views.phase.phase_scenes import FULL, as_theory_says, draw, row_with, scene_with

from superpos_core.experiments import EXPERIMENTS
from superpos_core.record.phase_grid import Block, PhaseGrid
from superpos_core.record.phase_map import PhaseMap
from superpos_tui.drawing.palette import Ink, Palette, phase_inks
from superpos_tui.drawing.shades import PHASE_HUES, PHASE_NORMS, Depth
from superpos_tui.views.phase.panel import CURSOR, PANEL
from superpos_tui.views.phase.state import PhaseState
from superpos_tui.views.registry import VIEWS

PLAIN = Palette("none")
WHITE, BLUE = Ink.PHASE, Ink.PHASE + 1 + (PHASE_NORMS - 1) * PHASE_HUES
RED = BLUE + PHASE_HUES - 1


@given(
    st.tuples(st.integers(1, 40), st.integers(1, 40)),
    st.tuples(st.integers(1, 140), st.integers(1, 50)),
    st.integers(0, 6),
    depths,
    st.booleans(),
    st.tuples(st.integers(0, 45), st.integers(0, 45)),
)
def test_any_map_gives_exactly_the_size_asked_for(
    shape: tuple[int, int],
    size: tuple[int, int],
    blocks: int,
    depth: Depth,
    spoiled: bool,
    cell: tuple[int, int],
) -> None:
    grid = PhaseGrid(phase_config(*shape, replace(TWO_IN_ONE, restarts=300)))
    encoder = np.ones((*shape, 2, 1))
    if spoiled:
        encoder[0, 0] = np.nan
    phase_map = PhaseMap.empty(grid)
    for block in list(grid.blocks())[:blocks]:
        phase_map = filled_with(grid, encoder, block)
    scene, palette = scene_with(phase_map, cell), Palette(depth)
    cells = draw(scene, *size, palette)
    assert (cells.width, cells.height) == size
    assert cells.glyphs.shape == cells.inks.shape == cells.grounds.shape
    for y in range(-1, size[1] + 1):
        for x in range(-1, size[0] + 1, 7):
            picked = PANEL.pick(scene, *size, x, y, palette)
            if picked is not None:
                chosen = after(picked).options.of(PhaseState).cell
                assert chosen is not None
                assert all(0 <= at < count for at, count in zip(chosen, shape, strict=True))


@pytest.mark.parametrize("dark", [True, False])
def test_a_map_as_theory_says_looks_like_theory(dark: bool) -> None:
    palette = Palette("truecolor", dark)
    cells = draw(scene_with(as_theory_says(20, 20)), 100, 30, palette)
    inks = set(np.unique(cells.grounds).tolist()) - {Ink.NONE}
    assert inks == {WHITE, BLUE, RED}
    trained = cells.row_text(0).index("trained")
    theory = cells.row_text(0).index("theory")
    columns = theory - trained - 3
    ours = cells.grounds[1:21, trained : trained + columns]
    theirs = cells.grounds[1:21, theory : theory + columns]
    np.testing.assert_array_equal(ours, theirs)
    assert ours[0, 0] == WHITE
    assert ours[0, -1] == BLUE
    assert ours[-1, columns // 2] == RED


def test_each_cell_of_the_grid_is_as_large_as_the_others() -> None:
    grid = PhaseGrid(phase_config(4, 4))
    encoder = np.zeros((4, 4, 2, 1))
    encoder[::2, ::2, 1] = 1
    cells = draw(scene_with(filled_with(grid, encoder)), 90, 22)
    left = cells.row_text(0).index("trained")
    columns = (cells.row_text(0).index("theory") - 3 - left) // 4
    # In the first row of cells the map's first row of pixels is a whole cell of the grid.
    grounds = cells.grounds[1, left : left + 4 * columns].reshape(4, columns)
    assert [set(row.tolist()) for row in grounds] == [{BLUE}, {WHITE}, {BLUE}, {WHITE}]


@pytest.mark.parametrize("depth", ["16", "none"])
def test_without_colour_scales_the_phase_is_a_glyph(depth: Depth) -> None:
    cells = draw(scene_with(as_theory_says(20, 20)), 90, 24, Palette(depth))
    top, bottom = cells.row_text(1), cells.row_text(15)
    assert top.split()[1].startswith("··")
    assert top.split()[1].endswith("██")
    assert set(bottom.split()[-1]) == {"╳"}
    assert "· not represented  █ dedicated dimension  ▒ between  ╳ superposition" in cells.text()
    assert set(np.unique(cells.grounds).tolist()) == {Ink.NONE}


def test_inks_of_phases_tell_norm_and_superposition() -> None:
    norms = np.array([0, 0.02, 1, 1, 1, 0.5, np.nan, 99])
    shared = np.array([0, 1, 0, 0.5, 1, 1, 0, 99])
    assert phase_inks(norms, shared).tolist() == [
        WHITE, WHITE, BLUE, BLUE + 8, RED, RED - 8 * PHASE_HUES, Ink.NOT_FINITE, RED,
    ]  # fmt: skip


def test_regions_are_named_where_they_are() -> None:
    scene = scene_with(filled_as_theory_says(PhaseGrid(phase_config(30, 30, THREE_IN_TWO))))
    text = draw(scene, 110, 34, PLAIN).text()
    for words in ("extra feature", "ignored", "other feature", "in a pair", "others"):
        assert f" {words} " in text
    assert "antipodal" not in text


@pytest.mark.parametrize("palette", [FULL, PLAIN])
@pytest.mark.parametrize("size", [(78, 18), (110, 34)])
def test_the_cursor_covers_no_name(size: tuple[int, int], palette: Palette) -> None:
    """Wherever it is in the region with most room."""
    phase_map = as_theory_says(24, 24)
    for cell in ((row, column) for row in range(12, 18) for column in range(0, 24, 2)):
        text = draw(scene_with(phase_map, cell), *size, palette).text()
        assert " antipodal " in text
        assert " pair " in text


def test_the_axes_have_round_numbers() -> None:
    cells = draw(scene_with(as_theory_says(50, 50)), 118, 34)
    left = cells.row_text(0).index("trained")
    labels = [cells.row_text(y)[:left].strip() for y in range(1, 26)]
    assert [label for label in labels if label] == ["1", "0.3", "0.1", "0.03", "0.01"]
    ticks = next(
        row for row in cells.text().splitlines() if row.split()[:1] == ["0.1"] and "10" in row
    )
    assert ticks.split() == ["0.1", "0.3", "1", "3", "10"] * 2


def test_the_cursor_is_marked_on_both_maps_and_on_the_axes() -> None:
    scene = scene_with(as_theory_says(20, 20), cell=(3, 15))
    cells = draw(scene, 100, 30)
    grid = PhaseGrid(phase_config(20, 20))
    marked = np.argwhere(cells.glyphs == CURSOR)
    assert len(marked) == 2
    assert marked[0, 0] == marked[1, 0]
    theory, trained = cells.row_text(0).index("theory"), cells.row_text(0).index("trained")
    assert marked[1, 1] - marked[0, 1] == theory - trained
    accents = ["".join(cells.glyphs[y][cells.inks[y] == Ink.ACCENT]) for y in range(30)]
    assert f"{grid.densities[3]:.3g}▸" in accents[int(marked[0, 0])]
    assert any(accent == f"{grid.relative_importances[15]:.3g}" * 2 for accent in accents)
    without = draw(scene_with(as_theory_says(20, 20)), 100, 30)
    moved = (cells.glyphs != without.glyphs).any(axis=0).sum()
    assert CURSOR not in without.text()
    assert moved < 100


@pytest.mark.parametrize("size", [(100, 30), (60, 18), (30, 12), (9, 7)])
@pytest.mark.parametrize("palette", [FULL, PLAIN])
def test_a_click_on_the_cursor_is_a_click_on_its_cell(
    size: tuple[int, int], palette: Palette
) -> None:
    phase_map = as_theory_says(6, 5)
    for cell in np.ndindex(6, 5):
        scene = scene_with(phase_map, (cell[0], cell[1]))
        for y, x in np.argwhere(draw(scene, *size, palette).glyphs == CURSOR).tolist():
            picked = PANEL.pick(scene, *size, x, y, palette)
            assert picked is not None
            chosen = after(picked).options.of(PhaseState).cell
            assert chosen is not None
            assert chosen[1] == cell[1]
            # One cell of the screen may hold two cells of the grid.
            assert abs(chosen[0] - cell[0]) <= 1


def test_a_click_beside_the_maps_means_nothing() -> None:
    scene = scene_with(as_theory_says(6, 5))
    assert PANEL.pick(scene, 100, 30, 0, 10, FULL) is None
    assert PANEL.pick(scene, 100, 30, 50, 29, FULL) is None
    assert PANEL.pick(scene, 100, 30, 50, 0, FULL) is None


def test_the_last_lines_say_how_far_it_is_and_how_it_agrees() -> None:
    grid = PhaseGrid(phase_config(20, 20))
    empty = row_with(draw(scene_with(PhaseMap.empty(grid)), 100, 24), "cells trained")
    assert empty.startswith("  0% of 400 cells trained · as in theory:     —% of the 0 away")
    whole = row_with(draw(scene_with(as_theory_says(20, 20)), 100, 24), "cells trained")
    assert whole.startswith("100% of 400 cells trained · as in theory: 100.0% of the")


def test_untrained_cells_are_left_empty_and_coarse_cells_are_larger() -> None:
    grid = PhaseGrid(phase_config(26, 26))
    nothing = draw(scene_with(PhaseMap.empty(grid)), 100, 32)
    left = nothing.row_text(0).index("trained")
    right = nothing.row_text(0).index("theory") - 3
    assert (nothing.grounds[1:20, left:right] == Ink.NONE).all()
    first = Block(tuple(range(0, 26, 4)), tuple(range(0, 26, 4)))
    coarse = filled_with(grid, np.ones((26, 26, 2, 1)), first)
    shown = draw(scene_with(coarse), 100, 32).grounds[1:20, left:right]
    assert (shown == RED).all()


def test_the_rows_around_the_maps_appear_in_order_of_importance() -> None:
    scene = scene_with(as_theory_says(20, 20), (2, 2))
    shown = [draw(scene, 100, height).text() for height in (6, 7, 8, 9, 10, 11, 12)]
    marks = ("0.1 ", "‖W₁‖", "cells trained", "1−S trained", "dedicated", "relative importance")
    for count, text in enumerate(shown):
        rows = text.splitlines()
        assert [any(mark in row for row in rows) for mark in marks[1:]] == [
            index < count for index in range(1, 6)
        ]


def test_a_narrow_panel_shows_the_trained_map_alone() -> None:
    cells = draw(scene_with(as_theory_says(20, 20)), 22, 20)
    assert "trained" in cells.text()
    assert "theory " not in cells.text().splitlines()[0]


def test_a_cursor_of_another_grid_is_not_drawn() -> None:
    assert CURSOR not in draw(scene_with(as_theory_says(5, 5), (7, 2)), 80, 24).text()


async def test_without_a_map_enter_trains_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """The panel says so, and how long it takes."""
    phase = EXPERIMENTS["phase"]
    small = replace(phase.config, sparsities=(0.5, 0.9), sweep_values=(1.0,), restarts=2, steps=20)
    monkeypatch.setitem(EXPERIMENTS, "phase", replace(phase, config=small))
    async with running() as (app, pilot):
        await until_finished(app, pilot)
        await pilot.press(VIEWS["phase"].key)
        await until(pilot, lambda: "No phase diagram yet" in text_of(app, "phase-phase"))
        text = " ".join(text_of(app, "phase-phase").split())
        assert "Press enter to train one (about a second if the machine is idle), or x" in text
        await pilot.press("enter")
        await until(pilot, lambda: app.watched.config == small)
        await until_finished(app, pilot)
        assert app.selection.view == "phase"


def test_readings_fit_from_long_to_short() -> None:
    lengths = [len(reading) for reading in PANEL.readings]
    assert lengths == sorted(lengths, reverse=True)
    assert (
        PANEL.title(scene_of(np.eye(2, 1), np.ones((1, 1)))) == "phase diagram of the last feature"
    )
