"""Dictionaries in the program: attached to a model, pointed at, and beside the other views."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tests.core.analysis.events.dictionaries.planted import planted, turned
from tests.core.dictionary_records import SMALL_DICTIONARIES
from tests.scripted_dictionaries import scripted_engines
from tests.tui.running import running, text_of, until, until_finished
from textual.widgets import OptionList

from superpos_core.record.dictionaries import DictionaryRecord
from superpos_core.record.lanes import LanesRecord
from superpos_core.record.snapshot import Snapshot
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.dictionaries.options import DICTIONARIES
from superpos_tui.app import SuperposApp
from superpos_tui.dialogs.dials import DialBoard
from superpos_tui.dialogs.events import EventsDialog
from superpos_tui.process.opened_run import OpenedFile
from superpos_tui.selection import Cursor
from superpos_tui.views.dictionary.state import DictionaryState
from superpos_tui.views.panel_view import PanelView
from superpos_tui.views.registry import VIEWS
from superpos_tui.views.shared.viewpoint import Viewpoint

OF_MODELS = ExperimentConfig(
    "models", features=5, hidden=2, models=("tied",), sparsities=(0.5, 0.9), steps=40
)


def said(app: SuperposApp) -> set[str]:
    return {notice.message for notice in app._notifications}


async def test_a_key_attaches_a_dictionary_to_the_lane_in_focus_and_another_goes_back() -> None:
    async with running((140, 40), OF_MODELS, scripted_engines) as (app, pilot):
        await until_finished(app, pilot)
        await until(pilot, lambda: "S SAE" in text_of(app, "keys"))
        await pilot.press("right")
        assert app.watched.snapshot is not None
        cohort = app.watched.snapshot.record_as(LanesRecord).cohorts["tied"]
        await pilot.press("S")
        await until(pilot, lambda: app.watched.config.kind == DICTIONARIES)
        await until_finished(app, pilot)
        config, record = app.watched.config, app.watched.snapshot.record_as(DictionaryRecord)
        assert (config.sparsities, config.latents, config.models) == ((0.9,), 5, ("tied",))
        np.testing.assert_array_equal(record.directions[0], cohort.parameters.encoder[1])
        assert app.selection.view == "dictionary"
        assert "5 features → 2 dimensions → 5 latents" in text_of(app, "status")
        await pilot.press("u")
        await until(pilot, lambda: app.watched.config.name == "models")
        await until_finished(app, pilot)


async def test_keys_select_latents_and_escape_lets_go_of_them() -> None:
    async with running(config=SMALL_DICTIONARIES, make_engine=scripted_engines) as (app, pilot):
        await until_finished(app, pilot)
        await pilot.press("9")
        await pilot.press("greater_than_sign", "greater_than_sign")
        await pilot.pause()
        assert app.selection.options.of(DictionaryState).latent is not None
        assert text_of(app, "inspector").split()[0] == "latent"
        await pilot.press("escape")
        await pilot.pause()
        assert app.selection.options.of(DictionaryState).latent is None
        assert app.selection.options.cursor is None


async def test_kinds_are_chosen_like_models_and_seeds_and_moments_like_those_of_models() -> None:
    async with running(config=SMALL_DICTIONARIES, make_engine=scripted_engines) as (app, pilot):
        await until_finished(app, pilot)
        await pilot.press("m")
        assert app.selection.focus.model == "gated"
        await pilot.press("m", "m", "right", "s", "t", "home")
        focus = app.selection.focus
        assert (focus.model, focus.setting, focus.step) == ("relu", 1, 0)
        assert focus.rank == 1
        assert "looking at step  0" in text_of(app, "timeline")


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)])
async def test_the_other_views_say_where_dictionaries_are(size: tuple[int, int]) -> None:
    config = replace(SMALL_DICTIONARIES, dictionaries=("relu",))
    async with running(size, config=config, make_engine=scripted_engines) as (app, pilot):
        await until_finished(app, pilot)
        for view in VIEWS.values():
            await pilot.press(view.key)
            await pilot.pause()
            (front, panel), *_ = view.panels.items()
            text = " ".join(text_of(app, f"{view.name}-{front}").split())
            if not view.shows(DictionaryRecord) and panel.takes is LanesRecord:
                assert text == "This is a run of dictionaries: press 9 to see it."
                shown = [each for each in app.query(PanelView) if each.region.area]
                assert [each.panel_name for each in shown] == [front], "one box, one sentence"
                assert not str(shown[0].border_subtitle or ""), "no picture, nothing to read"
                assert "tab" not in text_of(app, "keys")
        await pilot.press("9")
        await pilot.pause()
        assert sum(each.region.area > 0 for each in app.query(PanelView)) == 4
        await pilot.press("m", "o", "W", "S")
        await pilot.pause()
        messages = said(app)
        assert "only relu is trained: F adds kinds" in messages
        assert "a run of dictionaries is not a single model" in messages
        assert (
            "a run of dictionaries has no linear model: p pins this lane, then move on" in messages
        )


async def test_a_sentence_stays_in_the_middle_when_the_terminal_changes_its_size() -> None:
    async with running((80, 24), config=SMALL_DICTIONARIES, make_engine=scripted_engines) as (
        app,
        pilot,
    ):
        await until_finished(app, pilot)
        await pilot.press("1")
        await pilot.resize_terminal(120, 40)
        await pilot.pause()
        rows = text_of(app, "live-matrix").split("\n")
        (y,) = (y for y, row in enumerate(rows) if "dictionaries" in row)
        left, right = (len(part) for part in rows[y].split("This is a run of dictionaries: press"))
        assert abs(y - len(rows) // 2) <= 1
        assert abs(left - (right - len(" 9 to see it."))) <= 2


async def test_dials_are_those_that_do_something_to_dictionaries() -> None:
    async with running(config=SMALL_DICTIONARIES, make_engine=scripted_engines) as (app, pilot):
        await until_finished(app, pilot)
        await pilot.press("d")
        await pilot.pause()
        board = app.screen.query_one(DialBoard)
        text = "\n".join(board.render_line(y).text for y in range(board.size.height))
        for offered in ("penalty λ", "active k", "sparsity S", "learning rate", "batch"):
            assert offered in text
        for idle in ("weight decay", "importance", "hidden noise", "dropout"):
            assert idle not in text


async def test_a_run_of_models_says_how_to_get_a_dictionary() -> None:
    async with running(config=OF_MODELS, make_engine=scripted_engines) as (app, pilot):
        await until_finished(app, pilot)
        await pilot.press("9")
        await pilot.pause()
        rows = [row.strip() for row in text_of(app, "dictionary-cosines").split("\n")]
        how, what = " ".join(row or "|" for row in rows).strip("| ").split(" | ")
        assert how.startswith("No dictionary yet. Press S")
        assert "sparse autoencoder" in what
        assert max(map(len, rows)) <= 72, "short enough to be read"


@pytest.mark.parametrize("view", ["9", "1"])
async def test_a_film_is_written_from_any_view(
    view: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    config = replace(SMALL_DICTIONARIES, dictionaries=("relu",), sparsities=(0.9,), steps=3)
    async with running(config=config, make_engine=scripted_engines) as (app, pilot):
        await until_finished(app, pilot)
        await pilot.press(view, "g")
        path = tmp_path / "superpos-small-dictionaries-0-step-3" / "film-dictionary.gif"
        await until(pilot, path.exists)
        await app.workers.wait_for_complete()
    with Image.open(path) as film:
        assert getattr(film, "n_frames", 1) == 4


async def test_events_are_listed_and_enter_goes_to_one() -> None:
    """Latent 2 finds feature 0 at step 10, and dies at step 20."""
    start, found = turned(1.0)[[2, 1, 0, 3]], np.eye(4)[[2, 1, 0, 3]]
    record = planted([start, found, found, found], [[], [], [2], [2]], steps=[0, 10, 20, 30])
    snapshot = Snapshot(0, record, "finished", 100.0, "fused", "cpu")
    source = OpenedFile(snapshot, Path("x"))
    async with running((120, 40), record.config, source=source) as (app, pilot):
        await until(pilot, lambda: app.watched.snapshot is not None)
        await pilot.press("9", "w")
        await until(pilot, lambda: isinstance(app.screen, EventsDialog))
        listed = [str(each.prompt).split("  ") for each in app.screen.query_one(OptionList).options]
        assert [(line[0].strip(), line[-1].split(":")[0]) for line in listed] == [
            ("10", "feature 0 recovered by latent 2"),
            ("10", "L0 reaches the truth"),
            ("20", "latent 2 dies"),
            ("20", "L0 leaves the truth"),
        ]
        await pilot.press("up")
        await pilot.press("enter")
        await pilot.pause()
        assert app.widgets.timeline_is_open
        assert app.selection.focus.step == 20
        assert app.selection.options.of(DictionaryState).latent == 2
        assert app.selection.options.cursor is None
        await pilot.press("w")
        await until(pilot, lambda: isinstance(app.screen, EventsDialog))
        await pilot.press("home", "enter")
        await pilot.pause()
        assert app.selection.focus.step == 10
        assert app.selection.options.cursor == Cursor(0, 0)


async def test_three_dimensions_are_turned_from_any_panel_unless_that_is_zoomed() -> None:
    config = replace(SMALL_DICTIONARIES, hidden=3, features=6, latents=6)
    async with running((120, 40), config, scripted_engines) as (app, pilot):
        await until_finished(app, pilot)
        await pilot.press("9", "shift+right")
        assert app.selection.options.of(Viewpoint) == Viewpoint().turned(15, 0)
        await pilot.press("tab", "shift+up")
        assert app.selection.options.of(Viewpoint) == Viewpoint().turned(15, 10)
        await pilot.press("shift+tab", "plus", "shift+right")
        assert app.selection.options.of(Viewpoint) == Viewpoint().turned(15, 10)
        assert app.selection.options.of(DictionaryState).columns is not None
