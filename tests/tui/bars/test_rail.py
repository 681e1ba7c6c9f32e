"""The rail: which controls it shows, what they do, and where it is."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from tests.tui.bars.test_header import training, waiting
from tests.tui.pictures import scene_of_settings
from tests.tui.running import panel, running, text_of, until, until_finished

from superpos_core.task.models import MODELS
from superpos_tui.bars.controls import Control, controls_of
from superpos_tui.bars.header import draw as draw_header
from superpos_tui.bars.rail import Rail, draw
from superpos_tui.bars.status import COMMANDS, Status
from superpos_tui.dialogs.form import FormDialog
from superpos_tui.drawing.palette import Ink
from superpos_tui.process.source import Life
from superpos_tui.scene import Scene
from superpos_tui.selection import Focus
from superpos_tui.views.registry import VIEWS

KEYS = {"next_model": "m", "sparser": "→", "next_seed": "s", "form": "F", "pause": "space",
        "dials": "d", "reseed": "r"}  # fmt: skip
ROWS = 43


def rows_of(status: Status, rows: int = ROWS) -> list[str]:
    controls = controls_of(status, KEYS, rows)
    return [row.rstrip() for row in draw(controls, 16, rows).text().split("\n")]


def named(controls: Sequence[Control], label: str) -> Control:
    return next(each for each in controls if each.label.strip() == label)


def test_it_shows_every_choice_with_its_key_and_frames_those_in_focus() -> None:
    rows = rows_of(waiting("twenty"))
    assert rows[0] == "model          m"
    assert rows[1:3] == ["▐tied▌", " untied"]
    assert {f" {name}" for name in MODELS} - {" tied"} <= set(rows)
    start = rows.index("sparsity S     →")
    assert rows[start + 1 : start + 6] == [" 0", " 0.7", "▐0.9▌", " 0.99", " 0.999"]
    for row in (
        "settings       F",
        " features n   20",
        " dimensions m  5",
        " importance  0.7",
        " pause     space",
        " again         r",
    ):
        assert row in rows


def test_where_there_is_room_it_shows_how_the_models_are_trained() -> None:
    low, high = rows_of(waiting("twenty"), 24), rows_of(waiting("twenty"), 53)
    recipe = [" steps    10,000", " batch     1,024", " lr        0.001", " optimiser adamw",
              " decay      0.01"]  # fmt: skip
    assert not {row.split()[0] for row in low if row} & {"batch", "optimiser", "lr"}
    start = high.index(recipe[0])
    assert high[start : start + len(recipe)] == recipe
    of_dictionaries = rows_of(waiting("arena-dictionary"), 53)
    assert " batch     1,024" in of_dictionaries
    assert not any(" decay" in row or "optimiser" in row for row in of_dictionaries)
    scene = training().scene
    assert scene is not None
    record = replace(scene.snapshot.record, unknown=frozenset({"steps"}))
    opened = Scene(replace(scene.snapshot, record=record), scene.focus, scene.options)
    rows = rows_of(replace(training(), scene=opened), 53)
    assert not any("batch" in row for row in rows), "nobody knows how it was trained"


def test_a_large_size_shortens_its_name_not_itself() -> None:
    config = replace(waiting("twenty").config, features=16384, hidden=100)
    rows = rows_of(replace(waiting("twenty"), config=config))
    assert {" n         16384", " m           100"} <= set(rows)


def test_beside_the_model_it_says_what_the_key_does_that_leaves_it_out() -> None:
    keys = {**KEYS, "leave_model": "D"}
    first = controls_of(waiting("twenty"), keys, ROWS)[1]
    assert (first.label, first.right) == ("tied", "drop D")
    several = replace(waiting("twenty"), focus=Focus("relu-hidden"), models=("relu-hidden",))
    (chosen,) = (each for each in controls_of(several, keys, ROWS) if each.chosen and each.right)
    assert chosen.right == "D", "there is no room for more"


def test_it_follows_the_state() -> None:
    paused = replace(training(), state="paused")
    assert " resume    space" in rows_of(paused)
    finished = controls_of(replace(training(), state="finished"), KEYS, ROWS)
    assert named(finished, "pause").ink == Ink.FAINT
    assert not named(finished, "pause").action
    assert named(finished, "again").action == "reseed"


def test_what_an_opened_run_refuses_is_muted() -> None:
    status = replace(
        training(), life=Life("following"), state="following", refused=frozenset(COMMANDS)
    )
    controls = controls_of(replace(status, models=("tied",)), KEYS, ROWS)
    for label in ("pause", "dials", "again"):
        assert (named(controls, label).ink, named(controls, label).action) == (Ink.FAINT, "")
    assert not named(controls, "model").action
    assert named(controls, "0.2").action == "setting(1)"
    assert not set(MODELS) - {"tied"} & {control.label.strip() for control in controls}


def test_a_phase_diagram_has_no_settings_to_choose() -> None:
    labels = {control.label.strip() for control in controls_of(waiting("phase"), KEYS, ROWS)}
    assert not any("sparsity" in label or "more" in label for label in labels)
    assert {"features n", "again"} <= labels


@pytest.mark.parametrize("rows", [23, 33, 53])
@pytest.mark.parametrize("setting", [0, 30, 99])
def test_of_many_settings_those_around_the_focus_are_listed(setting: int, rows: int) -> None:
    scene = scene_of_settings(np.zeros((100, 4, 2)), setting=setting)
    status = Status(scene.config, ("tied",), scene.focus, "training", None, scene)
    controls = controls_of(status, KEYS, rows)
    assert len(controls) <= rows
    assert [each.label for each in controls if each.chosen] == ["tied", f"{setting / 100:g}"]
    hidden = [int(each.label.split()[0]) for each in controls if "more" in each.label]
    shown = [each for each in controls if each.action.startswith("setting")]
    assert sum(hidden) + len(shown) - len(hidden) == 100


def test_with_it_the_header_names_only_what_is_in_focus() -> None:
    status = waiting("twenty")
    without, beside = (
        draw_header(replace(status, has_rail=has_rail), 200).row_text(0)
        for has_rail in (False, True)
    )
    assert "untied" in without
    assert "0.999" in without
    assert "untied" not in beside
    assert "0.999" not in beside
    assert "▐tied▌ x̂ = ReLU(x·W·Wᵀ + b)" in beside
    assert "▐0.9▌" in beside


async def test_it_is_clicked_stays_in_sight_and_repaints_only_what_changes() -> None:
    async with running(size=(160, 50)) as (app, pilot):
        await until_finished(app, pilot)
        await pilot.pause()
        rail = app.query_one(Rail)

        async def click(label: str) -> None:
            y = next(y for y in range(rail.size.height) if label in rail.render_line(y).text)
            await pilot.click(Rail, offset=(4, y + 1))
            await pilot.pause()

        strips = dict(rail._strips)
        app.redraw()
        assert rail._strips == strips
        await click(" 0.999")
        assert app.selection.focus.setting == 4
        await click("sparsity S")
        assert app.selection.focus.setting == 4, "there is nothing sparser"
        assert "▐0.999▌" in text_of(app, "rail")
        await click(" untied")
        assert app.selection.focus.model == "untied"
        for view in VIEWS.values():
            await pilot.press(view.key)
            await pilot.pause()
            assert rail.region.right == 160
            assert all(app.query_one(f"#{view.name}-{name}").region.right <= rail.region.x
                       for name in view.panels)  # fmt: skip
        await click("restarts")
        await until(pilot, lambda: isinstance(app.screen, FormDialog))
        assert app.screen.focused is app.screen.query_one("#field-restarts")
        await pilot.press("escape")
        await pilot.resize_terminal(159, 50)
        await pilot.press("1")
        await until(pilot, lambda: not rail.region.area)
        assert panel(app, "strip").region.right == 159
