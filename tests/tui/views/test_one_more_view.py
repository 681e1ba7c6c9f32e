"""Adding a view takes one folder and one line: here a view that counts how often a key is pressed.

The instrument, the bars, the help, the export and the command line learn of it from the registry.
"""

import io
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from matplotlib.figure import Figure
from rich.console import Console
from tests.core.snapshots import finished
from tests.tui.pictures import options_with
from tests.tui.running import running, text_of, until_finished

from superpos_core.task.config import ExperimentConfig
from superpos_tui.actions.export_now import export_now
from superpos_tui.app import SuperposApp
from superpos_tui.command_line import show as show_module
from superpos_tui.command_line.cli import command
from superpos_tui.command_line.request import Request
from superpos_tui.desk.desk import Action, Desk
from superpos_tui.dialogs.help import help_chapters, written
from superpos_tui.drawing.cells import Cells
from superpos_tui.drawing.palette import FULL_COLOURS, Palette
from superpos_tui.keys import table_of_keys
from superpos_tui.scene import Scene
from superpos_tui.selection import Focus, Selection, ViewState
from superpos_tui.views.key import Key
from superpos_tui.views.panel import Panel
from superpos_tui.views.registry import VIEWS
from superpos_tui.views.view import View

TINY = ExperimentConfig(
    "tiny", features=3, hidden=2, models=("tied",), sparsities=(0.5,), batch=8, steps=5
)
OF_A_CLICK = 10

# ── the room ──────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class TallyState(ViewState):
    """How often the key was pressed."""

    count: int = 0


@dataclass(frozen=True)
class CountUp:
    """The change that raises the count."""

    by: int

    def __call__(self, selection: Selection) -> Selection:
        return selection.with_state(TallyState(selection.options.of(TallyState).count + self.by))


def draw(scene: Scene, width: int, height: int, palette: Palette) -> Cells:
    cells = Cells.blank(width, height)
    cells.write(0, 0, f"counted {scene.options.of(TallyState).count}"[:width])
    return cells


def pick(
    scene: Scene, width: int, height: int, x: int, y: int, palette: Palette = FULL_COLOURS
) -> CountUp:
    return CountUp(OF_A_CLICK)


def draw_figure(scene: Scene) -> Figure:
    figure = Figure()
    figure.text(0.5, 0.5, f"{scene.options.of(TallyState).count}")
    return figure


def actions(desk: Desk) -> Mapping[str, Action]:
    return {"count_up": lambda by: desk.current.change(CountUp(by))}


PANEL = Panel("tally", lambda scene: "a tally", ("how often o was pressed",), draw, pick=pick)
TALLY = View(
    name="tally",
    key="0",
    title="Tally",
    summary="how often a key was pressed",
    load_panels=lambda: (PANEL,),
    css=".-wide #view-tally, .-medium #view-tally { grid-size: 1 1; }",
    keys=(Key("o", "o", "count_up(1)", "count", "tally: one more", "look", True, exclusive=True),),
    load_actions=actions,
    load_states=lambda: (TallyState,),
    draw_figure=draw_figure,
)


@pytest.fixture(autouse=True)
def _registered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(VIEWS, "tally", TALLY)


# ── where it is seen ──────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("size", [(120, 40), (80, 24)])
async def test_its_key_its_click_and_its_panel_work(size: tuple[int, int]) -> None:
    async with running(size=size, config=TINY) as (app, pilot):
        await until_finished(app, pilot)
        await pilot.press("o")
        assert app.selection.options.of(TallyState).count == 0, "its key counts in its view only"
        assert "o count" not in text_of(app, "keys")
        await pilot.press("0", "o", "o")
        assert app.selection.view == "tally"
        await pilot.pause()
        assert "counted 2" in text_of(app, "tally-tally")
        assert "o count" in text_of(app, "keys")
        assert "Tally" in text_of(app, "tabs")
        await pilot.click("#tally-tally", offset=(5, 3))
        await pilot.pause()
        assert f"counted {2 + OF_A_CLICK}" in text_of(app, "tally-tally")
        await pilot.press("v")
        assert app.selection.view == "live"


def test_help_lists_its_keys_and_its_panel() -> None:
    console = Console(width=100, record=True, file=io.StringIO())
    keys, views = table_of_keys(VIEWS.values()), VIEWS.values()
    console.print(written(help_chapters(keys, views, VIEWS["live"], {}), Palette()))
    text = console.export_text()
    for expected in (
        "o  tally: one more",
        "0  how often a key was pressed",
        "how often o was pressed",
    ):
        assert expected in text


async def test_the_command_palette_offers_its_actions() -> None:
    async with running(config=TINY) as (app, pilot):
        await until_finished(app, pilot)
        assert "tally: one more (o)" not in _offered(app)
        await pilot.press("0")
        assert "tally: one more (o)" in _offered(app)


def _offered(app: SuperposApp) -> set[str]:
    return {offered.title for offered in app.get_system_commands(app.screen)}


def test_its_figure_is_part_of_an_export(tmp_path: Path) -> None:
    scene = Scene(finished(TINY), Focus("tied"), options_with(TallyState(7)))
    written = export_now(scene, TALLY, tmp_path, ("svg",))
    assert written.missing == ()
    assert (written.folder / "tally.svg").exists()


def test_the_command_line_opens_it(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[str] = []

    def show(request: Request, preset: Collection[str], bindings: object) -> int:
        shown.append(request.view)
        return 0

    monkeypatch.setattr(show_module, "show", show)
    command.main(["--view", "tally"], standalone_mode=False)
    assert shown == ["tally"]
