"""The gallery, the checks and the tour: every experiment is described, started and checked."""

import json
from dataclasses import replace
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
from tests.run_folders import make_run
from tests.tui.running import running, until, until_finished
from textual.widgets import OptionList, Static

from superpos_core.experiments import EXPERIMENTS, Experiment, Trial
from superpos_core.record.phase_grid import PHASE_MAP
from superpos_core.record.phase_map import PhaseMap
from superpos_core.task.dictionaries.options import DICTIONARIES
from superpos_tui.app import SuperposApp
from superpos_tui.bars.tour import TourBar, draw, keys_note, tour_stops
from superpos_tui.dialogs.checks import ChecksDialog
from superpos_tui.dialogs.gallery import GalleryDialog, about, by_section, found, title_of
from superpos_tui.dialogs.thumbnails import FILE, HEIGHT, WIDTH, thumbnail
from superpos_tui.drawing.palette import Palette
from superpos_tui.drawing.shades import Depth
from superpos_tui.selection import Focus, Options, first_focus, first_options
from superpos_tui.views.probe.state import ProbeState
from superpos_tui.views.registry import state_kinds, view_of_experiment
from superpos_tui.views.shared.colouring import Colouring

each_experiment = pytest.mark.parametrize("experiment", EXPERIMENTS.values(), ids=lambda e: e.name)


@pytest.fixture
def _short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every experiment in a few steps and restarts, for an engine that learns nothing."""
    for name, experiment in EXPERIMENTS.items():
        config = replace(experiment.config, steps=30, warm_up=0, restarts=2)
        monkeypatch.setitem(EXPERIMENTS, name, replace(experiment, config=config))


@each_experiment
def test_the_gallery_says_what_to_expect_from_an_experiment(experiment: Experiment) -> None:
    title, section, size, how_long = filter(None, title_of(experiment).plain.splitlines())
    config = experiment.config
    assert (title, section) == (experiment.title, experiment.section)
    sizes = sorted({config.hidden_values[0], config.hidden_values[-1]})
    assert size.startswith(f"{config.features}→{'…'.join(map(str, sizes))} · ")
    assert size.endswith(" steps")
    assert how_long.startswith("about ")
    assert how_long.endswith(f" · view {view_of_experiment(experiment).name}")
    assert experiment.what_to_see in about(experiment).plain.splitlines()


def at_first(name: str) -> Options:
    return first_options(state_kinds(), Trial(EXPERIMENTS[name].config, EXPERIMENTS[name]))


@each_experiment
def test_an_experiment_opens_at_its_first_setting(experiment: Experiment) -> None:
    config = experiment.config
    first = (config.dictionaries if config.kind == DICTIONARIES else config.models)[0]
    assert first_focus(Trial(config, experiment)) == Focus(first, experiment.first_setting)
    other = replace(config, sparsities=(0.25,), name=config.name)
    assert first_focus(Trial(other, experiment)) == Focus(first, 0)


@pytest.mark.usefixtures("_short")
async def test_an_experiment_chosen_in_the_gallery_starts_in_its_view() -> None:
    async with running() as (app, pilot):
        await until_finished(app, pilot)
        await pilot.press("x")
        await until(pilot, lambda: isinstance(app.screen, GalleryDialog))
        assert EXPERIMENTS["twenty"].title in titled(app)
        await pilot.press("up", "up", "up")
        await until(pilot, lambda: EXPERIMENTS["intro"].title in titled(app))
        await pilot.press("enter")
        await until(pilot, lambda: app.watched.config.name == "intro")
        await until_finished(app, pilot)
        assert app.selection.view == "geometry"
        assert app.watched.snapshot is not None
        assert app.watched.snapshot.config.name == "intro"


@pytest.mark.parametrize(
    ("typed", "first"),
    [("pentagon", "pentagon"), ("PENT", "pentagon"), ("phase", "phase"), ("phase change", "phase"),
     ("adversarial", "adversarial"), ("twenty", "twenty")],
)  # fmt: skip
def test_what_is_named_so_is_found_first(typed: str, first: str) -> None:
    assert found(typed)[0] == first


def test_a_search_finds_all_experiments_whose_texts_have_all_its_words() -> None:
    for name in found("sparse pentagon"):
        experiment = EXPERIMENTS[name]
        text = f"{name} {experiment.title} {experiment.section} {experiment.what_to_see}".lower()
        assert "sparse" in text
        assert "pentagon" in text
    assert found("no-such-word") == []
    assert sorted(found("")) == sorted(EXPERIMENTS)


@pytest.mark.usefixtures("_short")
async def test_the_pentagon_is_three_keys_and_its_first_letters_away() -> None:
    async with running() as (app, pilot):
        await until_finished(app, pilot)
        await pilot.press("x", *"zzz", "enter")
        assert isinstance(app.screen, GalleryDialog), "there is nothing to start"
        await pilot.press("escape")
        await until(pilot, lambda: EXPERIMENTS["twenty"].title in titled(app))
        await pilot.press(*"pent")
        await until(pilot, lambda: EXPERIMENTS["pentagon"].title in titled(app))
        await pilot.press("enter")
        await until(pilot, lambda: app.watched.config.name == "pentagon")
        assert app.selection.view == "geometry"
        await until_finished(app, pilot)


def titled(app: SuperposApp) -> str:
    return str(app.screen.query_one("#title", Static).content)


def test_the_gallery_lists_every_experiment_once_under_the_papers_sections() -> None:
    sections = by_section()
    assert list(sections)[:3] == [
        "Introduction",
        "Demonstrating Superposition",
        "Superposition as a Phase Change",
    ]
    listed = [name for names in sections.values() for name in names]
    assert sorted(listed) == sorted(EXPERIMENTS)
    assert all(EXPERIMENTS[name].section == each for each in sections for name in sections[each])


@each_experiment
@pytest.mark.parametrize("depth", get_args(Depth))
def test_every_experiment_has_a_thumbnail_in_every_depth(
    experiment: Experiment, depth: Depth
) -> None:
    """`screenshots/thumbnails.py` makes them; numbers of experiments that are gone are left out."""
    assert set(json.loads(FILE.read_text("utf-8"))) == set(EXPERIMENTS)
    cells = thumbnail(experiment.name, Palette(depth))
    assert (cells.width, cells.height) == (WIDTH, HEIGHT)
    colours = {Palette(depth).colour(ink) for ink in np.unique([cells.inks, cells.grounds])}
    assert len(set(cells.text())) > 2 or len(colours) > 2
    if depth != "none":
        assert colours - {None}


def test_thumbnails_differ() -> None:
    pictures = [thumbnail(name, Palette()) for name in EXPERIMENTS]
    seen = {(each.glyphs.tobytes(), each.grounds.tobytes()) for each in pictures}
    assert len(seen) >= len(EXPERIMENTS) - 1, "the same model is trained by two at one setting"


@pytest.mark.usefixtures("_short")
async def test_experiments_that_were_run_are_marked(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """In this session, or in the folder of runs; one that is still training is not."""
    monkeypatch.chdir(tmp_path)
    for name, state in (("pentagon", "finished"), ("hexagon", "training")):
        make_run(tmp_path / "runs" / name, config=EXPERIMENTS[name].config, state=state)
    async with running() as (app, pilot):
        app.experiments.start("intro")
        await until_finished(app, pilot)
        await pilot.press("x")
        await until(pilot, lambda: len(marked(app)) == 2)
        assert marked(app) == {"intro", "pentagon"}


def marked(app: SuperposApp) -> set[str | None]:
    choices = app.screen.query_one(OptionList)
    return {each.id for each in choices.options if str(each.prompt).startswith("✓")}


@pytest.mark.usefixtures("_short")
async def test_nothing_of_the_experiment_before_is_shown_as_if_it_were_this_one() -> None:
    async with running() as (app, pilot):
        await until_finished(app, pilot)
        before = app.watched.snapshot
        app.experiments.start("intro")
        assert (app.watched.config.name, app.watched.state, app.scene) == ("intro", "loading", None)
        await until_finished(app, pilot)
        assert app.watched.snapshot is not before
        assert app.selection.focus == first_focus(Trial(app.watched.config, app.watched.experiment))


def test_features_in_sets_are_initially_coloured_by_set() -> None:
    assert at_first("collapse").of(Colouring).by == "group"
    assert at_first("intro").of(Colouring).by == "superposition"


def test_the_experiment_on_attacks_starts_with_one() -> None:
    assert at_first("adversarial").of(ProbeState).attack > 0
    assert at_first("intro").of(ProbeState).attack == 0


@pytest.mark.usefixtures("_short")
@pytest.mark.thorough
async def test_every_experiment_can_be_started_one_after_another() -> None:
    async with running() as (app, pilot):
        for name, experiment in EXPERIMENTS.items():
            if experiment.config.kind == PHASE_MAP:
                continue  # a hundred thousand lanes; the tests of maps have small ones
            app.experiments.start(name)
            await until_finished(app, pilot)
            assert app.watched.snapshot is not None
            assert app.watched.snapshot.config.name == name
            assert app.selection.view == view_of_experiment(experiment).name
            assert app.scene is not None
            assert app.selection.focus.setting == experiment.first_setting


@pytest.mark.usefixtures("_short")
async def test_checks_are_shown_as_expected_and_observed() -> None:
    async with running() as (app, pilot):
        app.experiments.start("pentagon")
        await until_finished(app, pilot)
        await pilot.press("C")
        await until(pilot, lambda: isinstance(app.screen, ChecksDialog))
        listed = [str(each.content) for each in app.screen.query(Static)]
        for check in EXPERIMENTS["pentagon"].checks:
            at = next(i for i, text in enumerate(listed) if check.name in text)
            assert listed[at + 1 : at + 3] == ["expected", check.expected]
        assert "✗" in "".join(listed)
        assert len({each.region.x for each in app.screen.query(".text")}) == 1
        await pilot.press("escape")
        await until(pilot, lambda: not isinstance(app.screen, ChecksDialog))


@pytest.mark.usefixtures("_short")
async def test_the_tour_goes_forward_and_back_and_ends() -> None:
    names = [stop.name for stop in tour_stops()]
    async with running() as (app, pilot):
        await until_finished(app, pilot)
        await pilot.press("G")
        assert (app.widgets.tour_stop, app.watched.config.name) == (0, names[0])
        await pilot.press("N", "N", "P")
        assert (app.widgets.tour_stop, app.watched.config.name) == (1, names[1])
        await pilot.press("P", "P", "P")
        assert (app.widgets.tour_stop, app.watched.config.name) == (0, names[0])
        await until_finished(app, pilot)
        await pilot.press("X")
        assert (app.widgets.tour_stop, app.watched.config.name) == (None, names[0])


@pytest.mark.usefixtures("_short")
async def test_after_the_last_stop_the_tour_is_over() -> None:
    async with running() as (app, pilot):
        await until_finished(app, pilot)
        last = len(tour_stops()) - 1
        app.widgets.show_tour(last)
        await pilot.press("N")
        assert (app.widgets.tour_stop, app.watched.config.name) == (None, "twenty")


@pytest.mark.parametrize("width", [40, 80, 120])
async def test_the_story_of_every_stop_fits_above_the_keys(width: int) -> None:
    async with running(size=(width, 30)) as (app, _):
        app.widgets.show_tour(0)
        await app.animator.wait_until_complete()
        bar = app.query_one(TourBar)
        rows = bar.get_content_height(bar.size, app.size, width)
        assert rows <= {40: 10, 80: 5, 120: 3}[width]
        for index, stop in enumerate(tour_stops()):
            shown = draw(index, width, rows).text()
            assert " ".join(shown.split()).count(keys_note(index)) == 1
            assert [word for word in stop.tour.split() if word not in shown.split()] == []


async def test_a_map_stays_in_its_view_while_a_cell_of_it_is_trained() -> None:
    small = replace(
        EXPERIMENTS["phase"].config,
        sparsities=(0.5, 0.9),
        sweep_values=(0.5, 1.0, 2.0),
        restarts=2,
        steps=20,
    )
    async with running(config=small) as (app, pilot):
        app.desk.show_view("phase")
        await until_finished(app, pilot)
        before = app.watched.snapshot
        assert before is not None
        app.actions["move_cell"](0, 1)
        app.actions["open_cell"]()
        await until(
            pilot, lambda: app.watched.snapshot is not None and app.watched.snapshot is not before
        )
        assert (app.selection.view, app.watched.config.name) == ("geometry", "phase-cell")
        app.desk.show_view("phase")
        assert app.scene is not None
        assert app.scene.snapshot is before
        app.experiments.start("intro")
        newest = app.watched.newest_of(PhaseMap)
        assert newest is not None
        assert newest[0] is before
