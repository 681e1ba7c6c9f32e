"""Two dictionaries in the compare view: their matrices, what they share, and their numbers."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core.dictionary_records import SMALL_DICTIONARIES, made_record
from tests.core.snapshots import finished
from tests.scripted_dictionaries import scripted_engines
from tests.tui.pictures import after, options_with, selected_by
from tests.tui.running import running, text_of, until, until_finished
from tests.tui.strategies import depths
from tests.tui.views.compare.test_panel import row
from tests.tui.views.dictionary.dictionary_scenes import FOUR, record_with

from superpos_core.arrays import FloatArray
from superpos_core.experiments import Trial
from superpos_core.record.dictionaries import DictionaryRecord
from superpos_core.record.snapshot import Snapshot
from superpos_tui.drawing.palette import Ink, Palette, diverging_inks
from superpos_tui.drawing.shades import Depth
from superpos_tui.scene import Scene
from superpos_tui.selection import Cursor, Focus
from superpos_tui.views.compare.dictionaries import curves, panel, pointing, recovery
from superpos_tui.views.compare.dictionaries.state import ComparedPart
from superpos_tui.views.compare.measures import reference_scene
from superpos_tui.views.compare.state import CompareState, PinnedRun
from superpos_tui.views.panel import Panel

PANELS: tuple[Panel, ...] = (panel.PANEL, recovery.PANEL, curves.PANEL)
SIZES = ((1, 1), (12, 4), (40, 9), (76, 16), (118, 24), (196, 38))
MIXING = np.array([[0, 1, 0, 0], [1, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]]) + 0.0
"""Latent 1 mixes features 0 and 1, of which latent 0 is the other."""


def snapshot_of(record: DictionaryRecord) -> Snapshot:
    return Snapshot(0, record, "finished", 100.0, "fused", "cpu")


def comparing(
    reference: FloatArray, now: FloatArray, cursor: Cursor | None = None, *, turned: bool = False
) -> Scene:
    """Four orthogonal features; the reference is a ReLU dictionary, now a gated one is shown.

    If they are ``turned``, the true directions of the reference's run are others.
    """
    record = record_with(FOUR, np.eye(4), now)
    pinned = record_with(FOUR, np.eye(4)[::-1] if turned else np.eye(4), reference)
    run = PinnedRun("other", Trial(FOUR), snapshot_of(pinned))
    state = CompareState(Focus("relu"), run)
    return Scene(snapshot_of(record), Focus("relu"), options_with(state, cursor=cursor))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("each", PANELS, ids=lambda each: each.name)
def test_every_size_is_filled_exactly(each: Panel, size: tuple[int, int]) -> None:
    for scene in (
        comparing(MIXING, np.eye(4), Cursor(1, 1)),
        comparing(MIXING, np.eye(4), turned=True),
        Scene(snapshot_of(made_record()), Focus("gated", 1), options_with()),
    ):
        cells = each.draw(scene, *size, Palette())
        assert (cells.width, cells.height) == size


@given(st.integers(1, 12), st.integers(1, 12), depths, st.data())
@settings(max_examples=8)
def test_runs_of_any_sizes_are_compared(
    features: int, latents: int, depth: Depth, data: st.DataObject
) -> None:
    config = replace(SMALL_DICTIONARIES, features=features, latents=latents, hidden=3)
    config = replace(config, active_latents=min(config.active_latents, latents))
    pinned = snapshot_of(made_record(SMALL_DICTIONARIES))
    run = PinnedRun("other", Trial(SMALL_DICTIONARIES), pinned)
    options = options_with(CompareState(Focus("relu", 1), run), cursor=Cursor(features - 1, 0))
    scene = Scene(snapshot_of(made_record(config)), Focus("relu"), options)
    size = 110, 30
    for each in PANELS:
        each.draw(scene, *size, Palette(depth))
        x, y = data.draw(st.integers(0, size[0] - 1)), data.draw(st.integers(0, size[1] - 1))
        each.read(scene, *size, x, y, Palette(depth))
        change = each.pick(scene, *size, x, y, Palette(depth))
        if change is not None:
            assert 0 <= selected_by(change).feature < features


def test_the_numbers_of_both_and_their_change_are_side_by_side() -> None:
    text = panel.draw(comparing(MIXING, np.eye(4)), 118, 24, Palette()).text()
    assert "pinned: relu S 0.9" in text
    assert "now: relu S 0.9" in text
    mcc = (3 + np.sqrt(0.5)) / 4
    assert row(text, "MCC") == [f"{mcc:.3f}", "1.000", f"+{1 - mcc:.3f}"]
    assert row(text, "recovered") == ["3", "of", "4", "4", "of", "4", "+1"]
    assert row(text, "dead") == ["0", "of", "4", "0", "of", "4", "·"]
    assert row(text, "duplicates") == ["0", "of", "4", "0", "of", "4", "·"]
    assert "latents: pinned × now" in text
    assert f"3 of 4 the same · PW-MCC {mcc:.3f}" in text


def test_the_same_latents_in_another_order_are_the_same() -> None:
    text = panel.draw(comparing(np.eye(4)[[2, 0, 3, 1]], np.eye(4)), 118, 24, Palette()).text()
    assert "4 of 4 the same · PW-MCC 1.000" in text


def test_latents_for_other_directions_are_not_compared() -> None:
    text = panel.draw(comparing(MIXING, np.eye(4), turned=True), 118, 24, Palette()).text()
    assert "other true directions" in text
    assert "PW-MCC" not in text
    readings = panel.PANEL.other_readings
    assert readings is not None
    shown = readings(comparing(MIXING, np.eye(4), turned=True), 118, 24, Palette())
    assert not any("right" in each for each in shown)


def test_a_diverged_dictionary_has_no_numbers_and_no_diagonal() -> None:
    scene, size = comparing(np.full((4, 4), np.nan), np.eye(4)), (118, 26)
    text = panel.draw(scene, *size, Palette("none")).text()
    assert "nan" not in text
    assert "?" in text
    assert row(text, "MCC") == row(text, "mean max cos") == ["—", "1.000", "—"]
    assert "0 of 4 the same" in text
    for each in PANELS:
        each.draw(scene, *size, Palette())
        assert all("nan" not in each.read(scene, *size, x, 20, Palette()) for x in range(118))


def test_very_many_latents_are_not_matched() -> None:
    """Hundreds of thousands of pairs are; the assignment of millions would hold up the picture."""
    config = replace(FOUR, latents=1100)
    record = record_with(config, np.eye(4), np.tile(np.eye(4), (275, 1)))
    text = panel.draw(Scene(snapshot_of(record), Focus("relu"), options_with()), 118, 24,
                      Palette()).text()  # fmt: skip
    assert "too many latents" in text
    assert row(text, "duplicates")[0] == "1096"


def test_all_three_have_one_scale_and_the_diagonal_of_the_perfect_one() -> None:
    """Read everywhere: the ground of an entry is the ink of its cosine, in every matrix."""
    scene, size = comparing(MIXING, np.eye(4)), (118, 26)  # entries of whole rows
    cells, read = panel.draw(scene, *size, Palette()), dict[str, set[int]]()
    for x in range(size[0]):
        for y in range(size[1]):
            if "cos(" in (line := pointing.read(scene, *size, x, y, Palette())):
                read.setdefault(line.split(" = ")[0], set()).add(int(cells.grounds[y, x]))
    one, mixed, none = diverging_inks(np.array([1.0, np.sqrt(0.5), 0.0]), 1.3).tolist()
    assert len(read) == 3 * 16
    for feature in range(4):
        for latent in range(4):
            expected = one if feature == latent else none
            assert read[f"now: cos(feature {feature}, latent {latent})"] == {expected}
    assert read["pinned: cos(feature 0, latent 1)"] == {mixed}
    assert read["pinned: cos(feature 1, latent 1)"] == {mixed}
    assert read["pinned: cos(feature 1, latent 0)"] == {one}
    assert read["cos(latent 1 of pinned, latent 0 now)"] == {mixed}
    assert read["cos(latent 0 of pinned, latent 1 now)"] == {one}


def test_a_click_selects_a_feature_in_each_of_the_three() -> None:
    scene, size = comparing(MIXING, np.eye(4)[[1, 0, 3, 2]]), (118, 24)
    found: dict[str, set[int]] = {"pinned": set(), "now": set(), "cos(latent": set()}
    for x in range(size[0]):
        for y in range(size[1]):
            change = pointing.pick(scene, *size, x, y, Palette())
            line = pointing.read(scene, *size, x, y, Palette())
            assert (change is not None) == ("cos(" in line)
            if change is not None:
                where = line.split()[0].rstrip(":")
                found[where].add(selected_by(change).feature)
                if where == "cos(latent":  # latent 0 now is that of feature 1, and so on
                    latent = int(line.split("latent ")[2].split()[0])
                    assert [1, 0, 3, 2][latent] == selected_by(change).feature
    assert all(features == {0, 1, 2, 3} for features in found.values())


def test_the_selected_feature_has_a_row_of_its_own() -> None:
    text = panel.draw(comparing(MIXING, np.eye(4), Cursor(0, 0)), 118, 25, Palette()).text()
    assert row(text, "feature 0") == ["0.71", "1.00", "+0.29"]
    assert text.count("▸0") == 2


def test_both_matrices_zoom_together_and_back() -> None:
    config = replace(FOUR, features=40, hidden=40, latents=40)
    record = record_with(config, np.eye(40), np.eye(40))
    scene, size = Scene(snapshot_of(record), Focus("relu"), options_with()), (118, 24)
    assert pointing.ZOOM.whole(scene) is None
    change = pointing.ZOOM.at(scene, *size, (60, 8), 1, Palette())
    assert change is not None
    state = after(change).options.of(ComparedPart)
    assert state.features is not None
    assert state.features.size < 40
    closer = Scene(scene.snapshot, scene.focus, options_with(state))
    assert "of 40" in panel.PANEL.title(closer)
    for x in range(size[0]):
        line = pointing.read(closer, *size, x, 8, Palette())
        if line.startswith(("now", "reference")):
            assert int(line.split("feature ")[1].split(",")[0]) in state.features.items
    back = pointing.ZOOM.whole(closer)
    assert back is not None
    assert after(back).options.of(ComparedPart) == ComparedPart()


def test_bars_of_the_current_one_have_the_ink_of_what_is_recovered() -> None:
    cells = recovery.draw(comparing(np.eye(4), MIXING), 60, 6, Palette())
    perfect = recovery.draw(comparing(MIXING, np.eye(4)), 60, 6, Palette())
    assert (cells.inks[0] == Ink.MUTED).any()
    assert set(cells.inks[4].tolist()) - set(perfect.inks[4].tolist()), "one is not recovered"
    line = recovery.read(comparing(np.eye(4), MIXING), 60, 6, 0, 3)
    assert line == "feature 0 · pinned: 1.00 by latent 0 · now: 0.71 by latent 1"


def test_the_default_reference_is_a_setting_a_kind_or_a_restart() -> None:
    def reference(record: DictionaryRecord, focus: Focus) -> Scene:
        return Scene(snapshot_of(record), focus, options_with()).of(reference_scene)

    settings = made_record(SMALL_DICTIONARIES)
    for rank in (0, 1):
        here = Scene(snapshot_of(settings), Focus("gated", 1, rank), options_with())
        found = here.of(reference_scene)
        assert (found.focus.model, found.focus.setting) == ("gated", 0)
        assert found.lane.seed == here.lane.seed, "so that the true directions may be the same"
    kinds = made_record(replace(SMALL_DICTIONARIES, sparsities=(0.9,)))
    assert reference(kinds, Focus("relu")).focus.model == "batch-topk"
    assert reference(kinds, Focus("gated")).focus.model == "relu"
    restarts = made_record(
        replace(SMALL_DICTIONARIES, sparsities=(0.9,), dictionaries=("relu",), restarts=3)
    )
    assert reference(restarts, Focus("relu")).focus.rank == 2
    assert reference(restarts, Focus("relu", rank=1)).focus.rank == 0
    alone = Scene(snapshot_of(made_record(FOUR)), Focus("relu"), options_with())
    assert alone.of(reference_scene).focus == Focus("relu")
    text = " ".join(panel.draw(alone, 118, 24, Palette()).text().split())
    assert "nothing else to compare" in text


def test_a_pinned_run_of_models_is_no_reference_for_dictionaries() -> None:
    models = finished()
    run = PinnedRun("models", Trial(models.config), models)
    options = options_with(CompareState(Focus("tied"), run))
    scene = Scene(snapshot_of(made_record()), Focus("relu"), options)
    assert scene.of(reference_scene).focus == Focus("relu", 1, scene.of(reference_scene).focus.rank)
    assert "reference: relu" in panel.draw(scene, 118, 24, Palette()).text()


# ── in the program ────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)])
async def test_the_view_shows_the_panels_for_what_trains(size: tuple[int, int]) -> None:
    async with running(size, SMALL_DICTIONARIES, scripted_engines) as (app, pilot):
        await until_finished(app, pilot)
        await pilot.press("7")
        await pilot.pause()
        assert app.widgets.front_panel.panel_name == "compare-dictionaries"
        shown = set(app.widgets.panel_titles)
        assert shown == {"compare-dictionaries", "both-recovery", "both-errors"}
        assert "MCC" in text_of(app, "compare-compare-dictionaries")
        await pilot.press("tab")
        assert app.widgets.front_panel.panel_name == "both-recovery"


async def test_a_pin_stays_while_the_focus_moves_on_and_export_has_both(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    config = replace(SMALL_DICTIONARIES, dictionaries=("relu",), steps=5)
    async with running((120, 40), config, scripted_engines) as (app, pilot):
        await until_finished(app, pilot)
        await pilot.press("7", "p", "right")
        text = "compare-compare-dictionaries"
        await until(pilot, lambda: "pinned: relu S 0.5" in text_of(app, text))
        assert "now: relu S 0.9" in text_of(app, text)
        await pilot.press("e")
        folder = tmp_path / "superpos-small-dictionaries-0-step-5"
        await until(pilot, (folder / "compare.svg").exists)
        await app.workers.wait_for_complete()


async def test_a_run_of_models_cannot_be_pinned_beside_dictionaries() -> None:
    models = finished()
    async with running(
        config=SMALL_DICTIONARIES, make_engine=scripted_engines, notifications=True
    ) as (app, pilot):
        await until_finished(app, pilot)
        assert not app.actions["pin_run"]("models", Trial(models.config), models)
        await until(pilot, lambda: bool(app._notifications))
        message = next(iter(app._notifications)).message
        assert message == "a run of lanes cannot be compared with a run of dictionaries"
