"""The card of the first start: what it says, and how it is closed."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from tests.scripted_engine import ScriptedEngine
from tests.tui.running import SMALL, until_finished
from textual.pilot import Pilot

from superpos_core.experiments import Trial, experiment_named
from superpos_core.training.pacing import PACES
from superpos_tui.app import SuperposApp
from superpos_tui.bars.card import HEIGHT, WIDTH, FirstCard, draw, keys_that_also_act
from superpos_tui.keys import table_of_keys
from superpos_tui.settings.remembered import SEEN, Memory, Remembered
from superpos_tui.settings.start import Settings
from superpos_tui.views.registry import VIEWS

KEYS = table_of_keys(VIEWS.values())
SHOWN = {key.action: key.first_shown for key in KEYS}


def test_it_says_what_is_seen_and_what_to_try_first() -> None:
    rows = draw(experiment_named("twenty").config, SHOWN, WIDTH - 4, HEIGHT - 2).text().split("\n")
    assert [row.rstrip() for row in rows] == [
        "A network squeezes 20 features into 5 dimensions and restores them.",
        "Grid: features kept on the diagonal; off it, those in superposition.",
        "→ sparser data · m models · o beside a linear one · i about a panel",
        "x experiments: the pentagon … · F n, m and all settings · G guided tour",
    ]


@asynccontextmanager
async def first_start(
    memory: Memory, size: tuple[int, int] = (80, 24)
) -> AsyncIterator[tuple[SuperposApp, Pilot[None]]]:
    """The app at its first start."""
    settings = Settings(
        Trial(replace(SMALL, steps=5)),
        lambda config, on_news: ScriptedEngine(config),
        pace=PACES["full"],
        memory=memory,
        is_first_start=True,
    )
    app = SuperposApp(settings)
    async with app.run_test(size=size) as pilot:
        await until_finished(app, pilot)
        yield app, pilot


def shown(app: SuperposApp) -> bool:
    """Whether the card is on the screen."""
    return bool(app.query_one(FirstCard).display)


@pytest.mark.parametrize(("key", "setting"), [("escape", 0), ("right", 1)])
async def test_any_key_closes_it_for_good_and_those_that_it_names_act(
    key: str, setting: int, tmp_path: Path
) -> None:
    memory = Memory(tmp_path / "remembered.json")
    async with first_start(memory) as (app, pilot):
        card = app.query_one(FirstCard)
        assert shown(app)
        matrix = app.query_one("#live-matrix")
        assert not card.region.overlaps(matrix.region)
        assert card.region.right <= 80
        assert memory.recall()[0] == Remembered()
        await pilot.press(key)
        await pilot.pause()
        assert not shown(app)
        assert app.selection.focus.setting == setting
        assert memory.recall()[0] == Remembered(card=SEEN)


async def test_a_key_that_closes_it_does_nothing_else(tmp_path: Path) -> None:
    """Space paused the run that the card had just introduced; every other key is as surprising."""
    through = keys_that_also_act(KEYS)
    swallowed = {name for key in KEYS for name in key.names} - through
    tried = {"space", "r", "2", "d", "z", "down"}
    assert tried <= swallowed
    assert {"q", "ctrl+p", "question_mark", "m", "i", "x", "F", "G", "o", "right"} <= through
    async with first_start(Memory(tmp_path / "remembered.json")) as (app, pilot):
        for key in sorted(tried):
            app.widgets.introduce(app.watched.config, SHOWN)
            app.widgets.fit(app.size)
            before = app.selection, app.watched.state, app.widgets.is_maximised, app.watched.pace
            await pilot.press(key)
            assert not shown(app), key
            assert (
                app.selection, app.watched.state, app.widgets.is_maximised, app.watched.pace
            ) == before, key  # fmt: skip
            assert not app.desk.has_dialog, key


async def test_ctrl_p_opens_the_palette_and_closes_it(tmp_path: Path) -> None:
    async with first_start(Memory(tmp_path / "remembered.json")) as (app, pilot):
        await pilot.press("ctrl+p")
        await pilot.pause()
        assert not shown(app)
        assert app.desk.has_dialog


async def test_it_does_not_appear_where_it_would_cover_everything(tmp_path: Path) -> None:
    async with first_start(Memory(tmp_path / "remembered.json"), (60, 20)) as (app, _):
        assert not shown(app)
