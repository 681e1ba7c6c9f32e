"""The panels of dictionaries as they are drawn, clicked and zoomed."""

import re
from dataclasses import replace

import numpy as np
import pytest
from tests.core.dictionary_records import (
    SMALL_DICTIONARIES,
    made_record,
    still_training_models,
)
from tests.tui.pictures import after, options_with
from tests.tui.views.dictionary.dictionary_scenes import (
    absorbing,
    in_a_plane,
    pentagon,
    record_with,
    scene_of_record,
)

from superpos_tui.drawing.bars import NEGATIVE_BAR, POSITIVE_BAR
from superpos_tui.drawing.cells import Cells
from superpos_tui.drawing.palette import Ink, Palette, diverging_inks
from superpos_tui.drawing.shades import Depth
from superpos_tui.measures.dictionaries import latent_order
from superpos_tui.scene import Scene
from superpos_tui.selection import ViewState
from superpos_tui.views.dictionary import curves, latents, matrix, recovery
from superpos_tui.views.dictionary.picture import ARROW, PictureLayout
from superpos_tui.views.dictionary.state import DictionaryState
from superpos_tui.views.panel import Panel
from superpos_tui.views.shared.viewpoint import Viewpoint

SIZES = ((40, 9), (58, 22), (66, 24), (110, 40))
PANELS = (matrix.PANEL, latents.PANEL, recovery.PANEL, curves.PANEL)
EDGES = ((1, 1), (3, 2), (12, 4), (20, 6), (200, 60))


def drawn(panel: Panel, scene: Scene, size: tuple[int, int], depth: Depth = "truecolor") -> Cells:
    return panel.draw(scene, *size, Palette(depth))


# ── the matrix ────────────────────────────────────────────────────────────────────────────────


def test_matched_latents_are_on_the_diagonal() -> None:
    scene = absorbing()
    assert scene.of(latent_order).tolist() == [3, 2, 1, 0]


@pytest.mark.parametrize("size", SIZES[1:])
def test_the_diagonal_has_the_strongest_ink_and_the_absorbing_latent_two_entries(
    size: tuple[int, int],
) -> None:
    scene = absorbing()
    cells, read = drawn(matrix.PANEL, scene, size), {}
    for x in range(size[0]):
        for y in range(size[1]):
            if line := matrix.PANEL.read(scene, *size, x, y, Palette()):
                read[line.split(" = ")[0]] = int(cells.grounds[y, x])
    one, mixed, none = diverging_inks(np.array([1.0, np.sqrt(0.5), 0.0]), 1.3).tolist()
    assert read["cos(feature 3, latent 0)"] == one
    assert read["cos(feature 0, latent 2)"] == read["cos(feature 1, latent 2)"] == mixed
    assert read["cos(feature 2, latent 0)"] == none


def test_columns_are_numbered_by_latents_and_the_selected_one_is_marked() -> None:
    header = drawn(matrix.PANEL, absorbing(latent=1), (66, 24)).row_text(0).split()
    assert header == ["3", "2", "▾1", "0"]


@pytest.mark.parametrize("width", [42, 66, 100])
def test_no_number_runs_into_that_of_the_selected_latent(width: int) -> None:
    record = made_record(replace(SMALL_DICTIONARIES, features=20, latents=20))
    for latent in range(20):
        scene = scene_of_record(record, latent=latent)
        header = drawn(matrix.PANEL, scene, (width, 24)).row_text(0).split()
        order = [str(each) for each in scene.of(latent_order)]
        assert f"▾{latent}" in header
        shown = [order.index(word.removeprefix("▾")) for word in header]
        assert shown == sorted(shown)


def test_a_click_selects_the_feature_and_the_latent() -> None:
    scene, size = absorbing(), (66, 24)
    found = set()
    for x in range(size[0]):
        for y in range(size[1]):
            change = matrix.PANEL.pick(scene, *size, x, y, Palette())
            if change is not None:
                options = after(change).options
                assert options.cursor is not None
                found.add((options.cursor.feature, options.of(DictionaryState).latent))
    assert found == {(feature, latent) for feature in range(4) for latent in range(4)}


def test_below_it_are_the_totals() -> None:
    text = drawn(matrix.PANEL, absorbing(), (66, 24)).text()
    assert "MCC 0.927 · recovered 3 of 4 · of 4 latents 1 dead, 0 duplicate" in text
    assert "fresh rows: L0 " in text, "no other L0 on the screen is measured on these"


def test_a_single_latent_is_not_called_latents() -> None:
    record = record_with(replace(absorbing().config, latents=1), np.eye(4), np.eye(4)[:1])
    text = drawn(matrix.PANEL, scene_of_record(record), (66, 24)).text()
    assert "of 1 latent 0 dead, 0 duplicate" in text


def test_it_zooms_and_back() -> None:
    config = replace(SMALL_DICTIONARIES, features=40, latents=50)
    scene, size = scene_of_record(made_record(config)), (66, 24)
    zoom = matrix.PANEL.zoom
    assert zoom is not None
    assert zoom.whole(scene) is None
    change = zoom.at(scene, *size, None, 1, Palette())
    assert change is not None
    state = after(change).options.of(DictionaryState)
    assert state.features is not None
    assert state.columns is not None
    assert state.features.size < 40
    closer = Scene(scene.snapshot, scene.focus, scene.options.with_state(state))
    assert "of 40" in matrix.PANEL.title(closer)
    back = zoom.whole(closer)
    assert back is not None
    assert after(back).options.of(DictionaryState) == DictionaryState()


# ── the others ────────────────────────────────────────────────────────────────────────────────


def test_bars_have_the_ink_of_what_is_recovered() -> None:
    cells = drawn(recovery.PANEL, absorbing(), (50, 4))
    inks = [
        {int(cells.inks[y, x]) for x in range(50) if cells.glyphs[y, x] == "▇"} for y in range(4)
    ]
    assert inks == [{POSITIVE_BAR}, {NEGATIVE_BAR}, {POSITIVE_BAR}, {POSITIVE_BAR}]
    assert cells.row_text(1).split()[-2:] == ["0.707", "←2"]


def test_without_colours_what_is_not_recovered_is_hatched() -> None:
    cells = drawn(recovery.PANEL, absorbing(), (50, 4), "none")
    hatched = ["░" in cells.row_text(y) for y in range(4)]
    assert hatched == [False, True, False, False]


def test_many_features_have_standing_bars_in_little_room() -> None:
    config = replace(SMALL_DICTIONARIES, features=20, hidden=20, latents=20)
    decoder = np.eye(20)
    decoder[7, 8] = 1
    scene = scene_of_record(record_with(config, np.eye(20), decoder))
    cells = drawn(recovery.PANEL, scene, (33, 5))
    assert [int(cells.inks[-1, x]) for x in range(20)].count(NEGATIVE_BAR) == 1
    assert recovery.PANEL.read(scene, 33, 5, 7, 3, Palette()).startswith(
        "feature 7: latent 7 (0.71)"
    )


@pytest.mark.parametrize("size", [(40, 12), (50, 15), (90, 40)])
def test_in_a_plane_every_feature_and_latent_has_its_label(size: tuple[int, int]) -> None:
    words = re.findall(r"L?\d", drawn(latents.PANEL, in_a_plane(), size).text())
    assert {*map(str, range(5))} <= set(words)
    if size[1] >= 15:
        assert {f"L{latent}" for latent in range(5)} <= set(words)


def test_arrows_have_the_ink_of_what_they_found() -> None:
    decoder = np.concatenate([pentagon(), [[1.0, 1.0]]])
    decoder[0] = pentagon()[0] + pentagon()[1]
    record = record_with(SMALL_DICTIONARIES, pentagon(), decoder, dead=(5,))
    inks = drawn(latents.PANEL, scene_of_record(record), (60, 30)).inks
    assert {NEGATIVE_BAR, POSITIVE_BAR, Ink.FAINT} <= set(inks.ravel().tolist())
    assert NEGATIVE_BAR not in drawn(latents.PANEL, in_a_plane(), (60, 30)).inks[:-1]


def test_in_more_dimensions_a_table_says_what_each_latent_mixes() -> None:
    rows = [row.split() for row in drawn(latents.PANEL, absorbing(), (50, 8)).text().splitlines()]
    assert rows[0] == ["L", "mixes", "active"]
    assert rows[1] == ["3", "1.00·0", "dead"]
    assert rows[2][:4] == ["2", "0.71·0", "+", "0.71·1"]


def test_a_click_on_a_row_of_the_table_selects_its_latent() -> None:
    change = latents.PANEL.pick(absorbing(), 50, 8, 6, 2, Palette())
    assert change is not None
    assert after(change).options.of(DictionaryState).latent == 2


def test_without_colours_the_curve_in_focus_is_marked_at_its_end() -> None:
    record = made_record(SMALL_DICTIONARIES)  # two settings
    one = replace(SMALL_DICTIONARIES, sparsities=(0.5,))
    scene, size = scene_of_record(record), (110, 9)
    text = drawn(curves.PANEL, scene, size, "none").text()
    assert text.count("◀") == 2
    marked = next(row for row in text.splitlines() if "◀" in row[:55])
    before = marked[:55].partition("◀")[0]
    assert "⠀" < before[-1] <= "⣿", "a dot of the curve"
    assert "◀" not in drawn(curves.PANEL, scene, size).text()
    assert "◀" not in drawn(curves.PANEL, scene_of_record(made_record(one)), size, "none").text()


def test_curves_name_their_newest_values_and_the_true_l0() -> None:
    scene = absorbing()
    head = drawn(curves.PANEL, scene, (110, 9)).row_text(0)
    assert re.search(r"error E‖h − ĥ‖² \d\.\de[+−]\d\d ", head), "as losses are written"
    assert re.search(r"smoothed L0 1\.\d\d ", head)
    assert "true 0.4" in head, "four features at S = 0.9"


def test_the_axis_of_l0_has_more_than_one_number() -> None:
    record = made_record()
    for size in ((58, 8), (116, 7), (116, 12)):
        (_, l0) = curves.charts_of(scene_of_record(record), *size)
        assert len(l0.plot.y_axis.ticks) >= 2


def test_while_models_train_the_view_says_so() -> None:
    record = still_training_models(made_record(), 12)
    scene = scene_of_record(record)
    assert record.preparing == "training the model first, 40%"
    assert record.preparing in matrix.PANEL.title(scene)
    assert record.preparing in drawn(curves.PANEL, scene, (110, 9)).text()


def test_nothing_is_prepared_once_dictionaries_train() -> None:
    assert made_record().preparing == ""


@pytest.mark.parametrize("panel", PANELS, ids=lambda panel: panel.name)
@pytest.mark.parametrize("depth", ["truecolor", "16", "none"])
def test_every_size_is_drawn(panel: Panel, depth: Depth) -> None:
    spoiled = record_with(SMALL_DICTIONARIES, pentagon(), np.full((6, 2), np.nan))
    waiting = still_training_models(made_record(), 0)
    scenes = [in_a_plane(latent=5, feature=0), absorbing(latent=3)]
    scenes += [scene_of_record(record) for record in (spoiled, waiting)]
    for scene in scenes:
        for width, height in EDGES:
            cells = drawn(panel, scene, (width, height), depth)
            assert (cells.width, cells.height) == (width, height)
            panel.title(scene)


# ── three dimensions ──────────────────────────────────────────────────────────────────────────


def in_space(*states: ViewState) -> Scene:
    """Six features on three axes, and a latent on each."""
    octahedron = np.concatenate([np.eye(3), -np.eye(3)])
    config = replace(SMALL_DICTIONARIES, features=6, hidden=3, latents=6)
    scene = scene_of_record(record_with(config, octahedron, octahedron))
    return Scene(scene.snapshot, scene.focus, options_with(*states))


@pytest.mark.parametrize("panel", PANELS, ids=lambda each: each.name)
def test_the_keys_that_move_a_zoomed_matrix_turn_the_space(panel: Panel) -> None:
    assert panel.turn is not None
    change = panel.turn(in_space(), 1, -1)
    assert change is not None
    assert after(change).options.of(Viewpoint) == Viewpoint().turned(15, 10)
    assert panel.turn(in_a_plane(), 1, -1) is None, "a plane has no other side"


def test_a_turned_space_looks_other_and_its_arrows_stay_on_their_features() -> None:
    layouts = [
        PictureLayout.of(in_space(Viewpoint(turn, tilt)), 60, 30)
        for turn, tilt in ((30.0, 20.0), (75.0, 20.0), (30.0, 60.0))
    ]
    for layout in layouts:
        spokes, arrows = layout.features - layout.centre, layout.latents - layout.centre
        np.testing.assert_allclose(arrows, ARROW * spokes, atol=1e-9)
    for other in layouts[1:]:
        assert np.abs(other.features - layouts[0].features).max() > layouts[0].unit / 4
    texts = {drawn(latents.PANEL, in_space(Viewpoint(*side)), (60, 30)).text()
             for side in ((30.0, 20.0), (75.0, 20.0))}  # fmt: skip
    assert len(texts) == 2


def test_from_above_the_equator_is_the_outline() -> None:
    """Then no dot is inside the circle that is not of a spoke or an arrow: none at 45°."""
    above = drawn(latents.PANEL, in_space(Viewpoint(0.0, 90.0)), (60, 31))
    level = drawn(latents.PANEL, in_space(Viewpoint(0.0, 20.0)), (60, 31))
    inside = (slice(10, 12), slice(36, 40))
    assert (above.glyphs[inside] == " ").all()
    assert (above.glyphs != level.glyphs).any()
