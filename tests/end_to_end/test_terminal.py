"""The program as users see it: in a real terminal, with the real engine."""

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.end_to_end.terminal import Terminal, environment

SMALL = ("--sparsity", "0,0.7,0.9", "--batch", "64", "--steps", "20000")
"""Cheap steps, and more of them than any test waits for."""
AT_ONCE = 10.0
"""Seconds for what takes at most one on an idle machine."""
RESIZES = [(1, 1), (20, 6), (60, 20), (80, 24), (120, 40), (250, 70), (39, 12), (40, 12), (100, 30)]
TOO_SMALL = "superpos-tui needs at least 40×12"

# Simulates a slow disk: the engines' libraries load once the file {gate} exists.
HELD_BACK = """
import importlib.machinery, pathlib, sys, time

class Gate:
    def find_spec(self, name, path=None, target=None):
        if name not in {{"torch", "numba"}}:
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path)
        load = spec.loader.exec_module

        def load_when_open(module):
            while not pathlib.Path({gate!r}).exists():
                time.sleep(0.01)
            load(module)

        spec.loader.exec_module = load_when_open
        return spec

sys.meta_path.insert(0, Gate())
"""


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terminal]:
    """One program for all tests that change nothing: starting it takes most of the time."""
    folder = tmp_path_factory.mktemp("current folder")
    with Terminal(SMALL, environment=environment(folder / "state"), folder=folder) as terminal:
        terminal.wait_for_text("● training")
        terminal.press("-")  # slow, so that it has not finished before the last test
        yield terminal


@pytest.fixture
def instrument(shared: Terminal) -> Iterator[Terminal]:
    """The shared program. Tests leave it as they find it: tied, S = 0, all panels shown."""
    shared.read_output()
    if "✓ finished" in shared.text:  # on slow machines
        shared.press("R")
        shared.wait_for_text("● training")
    yield shared
    assert shared.is_running
    assert "▐tied▌" in shared.text


def started(
    tmp_path: Path, *, folder: Path | None = None, ignore_hang_up: bool = False, **changes: str
) -> Terminal:
    """A program for one test, in ``folder``, with these changes to its environment."""
    return Terminal(
        SMALL,
        environment=environment(tmp_path / "state", **changes),
        folder=folder or tmp_path,
        ignore_hang_up=ignore_hang_up,
    )


def step(terminal: Terminal) -> int:
    """The step in the status line; −1 if it shows none."""
    return int(terminal.find(r"([\d,]+)/20,000").replace(",", "") or -1)


def wait_for_a_step_after(terminal: Terminal, earlier: int) -> None:
    terminal.wait_for(lambda: step(terminal) > earlier)


def matrix(terminal: Terminal) -> str:
    """The content of the panel of W·Wᵀ, the leftmost one, above its colour bar."""
    pieces = [row.split("│")[1] for row in terminal.rows if row.startswith("│")]
    return "\n".join(piece for piece in pieces if "1.3" not in piece)


def unwritable_folder(tmp_path: Path) -> Path:
    """A folder where no one can create files; root can in most read-only ones."""
    folder = tmp_path / "read-only"
    folder.mkdir(mode=0o555)
    if os.access(folder, os.W_OK):
        folder = Path("/proc")
    if not folder.is_dir():
        pytest.skip("this user may write everywhere")
    return folder


# ── starting ──────────────────────────────────────────────────────────────────────────────────


def test_the_screen_is_drawn_and_keys_work_before_the_engine_is_loaded(tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    (tmp_path / "sitecustomize.py").write_text(HELD_BACK.format(gate=str(gate)))
    sources = environment(tmp_path)["PYTHONPATH"]
    with started(tmp_path, PYTHONPATH=f"{tmp_path}{os.pathsep}{sources}") as terminal:
        terminal.wait_for_text("◌ loading", "▐tied▌", "▐0▌", "q quit")
        terminal.press("]", "m")
        terminal.wait_for_text("▐0.7▌", "▐untied▌")
        terminal.press("?")
        terminal.wait_for_text("next model")
        terminal.press("escape")
        terminal.wait_for(lambda: "next model" not in terminal.text)
        assert "◌ loading" in terminal.text
        gate.touch()
        terminal.wait_for_text("● training", "W₁·W₂ and b", "S 0.7 ◀")
        wait_for_a_step_after(terminal, 0)


@pytest.mark.skipif(shutil.which("nice") is None, reason="no nice here")
def test_it_trains_under_nice(tmp_path: Path) -> None:
    """Only root may raise its own priority."""
    with Terminal(
        SMALL,
        environment=environment(tmp_path / "state"),
        folder=tmp_path,
        runner=("nice", "-n", "10"),
    ) as terminal:
        terminal.wait_for_text("● training")


# ── keys on the real screen ───────────────────────────────────────────────────────────────────


def test_training_moves(instrument: Terminal) -> None:
    before, picture = step(instrument), instrument.text
    wait_for_a_step_after(instrument, before + 5)
    assert instrument.text != picture
    assert float(instrument.find(r"loss +(\d\.\de-\d\d)")) > 0


def test_sparsity_keys_move_the_choice_and_the_panels(instrument: Terminal) -> None:
    instrument.wait_for_text("▐0▌", "S 0 ◀")
    instrument.press("]")
    instrument.wait_for_text("▐0.7▌", "S 0.7 ◀", "1−S 0.3")
    instrument.press("right")
    instrument.wait_for_text("▐0.9▌", "S 0.9 ◀", "1−S 0.1")
    instrument.press("left", "[")
    instrument.wait_for_text("▐0▌", "S 0 ◀")


def test_model_keys_show_another_model_and_one_joins_when_first_opened(
    instrument: Terminal,
) -> None:
    instrument.press("m")
    instrument.wait_for_text("▐untied▌", "W₁·W₂ and b")
    before = step(instrument)
    instrument.press("m")
    instrument.wait_for_text("▐linear▌", "W·Wᵀ and b")
    instrument.wait_for(lambda: step(instrument) >= 1)
    instrument.press("M")
    instrument.wait_for_text("▐untied▌")
    assert step(instrument) >= before
    instrument.press("M")
    instrument.wait_for_text("▐tied▌", "W·Wᵀ and b")


def test_space_pauses_and_n_takes_exactly_one_step(instrument: Terminal) -> None:
    instrument.press("space")
    instrument.wait_for_text("○ paused")
    here = step(instrument)
    instrument.press("n")
    instrument.wait_for(lambda: step(instrument) != here)
    assert step(instrument) == here + 1
    assert "○ paused" in instrument.text
    instrument.press("space")
    instrument.wait_for_text("● training")
    wait_for_a_step_after(instrument, here + 1)


def test_l_changes_the_scale_of_the_loss(instrument: Terminal) -> None:
    instrument.wait_for_text("loss, log scale")
    instrument.press("l")
    instrument.wait_for_text("loss, linear scale")
    instrument.press("l")
    instrument.wait_for_text("loss, log scale")


def test_z_and_tab_show_one_panel_at_a_time(instrument: Terminal) -> None:
    instrument.press("z")
    instrument.wait_for(lambda: shown_panels(instrument) == ["W·Wᵀ and b"])
    instrument.press("tab")
    instrument.wait_for(lambda: shown_panels(instrument) == ["loss, log"])
    instrument.press("tab")
    instrument.wait_for(lambda: shown_panels(instrument) == ["feature norms"])
    instrument.press("tab")
    instrument.wait_for(lambda: shown_panels(instrument) == ["at every sparsity"])
    instrument.press("tab")
    instrument.wait_for(lambda: shown_panels(instrument) == ["W·Wᵀ and b"])
    instrument.press("z")
    instrument.wait_for(lambda: len(shown_panels(instrument)) == 4)


def test_a_click_focuses_a_panel(instrument: Terminal) -> None:
    instrument.click(70, 10)
    instrument.press("z")
    instrument.wait_for(lambda: shown_panels(instrument) == ["loss, log"])
    instrument.press("shift+tab")
    instrument.wait_for(lambda: shown_panels(instrument) == ["W·Wᵀ and b"])
    instrument.press("z")
    instrument.wait_for(lambda: len(shown_panels(instrument)) == 4)


def shown_panels(terminal: Terminal) -> list[str]:
    """The titles in the top borders of panels."""
    titles = ("W·Wᵀ and b", "loss, log", "feature norms", "at every sparsity")
    tops = " ".join(row for row in terminal.rows if "╭─ " in row)
    return [title for title in titles if title in tops]


def test_help_explains_the_keys_and_captures_them(instrument: Terminal) -> None:
    instrument.press("?")
    instrument.wait_for_text("next model", "esc closes")
    instrument.press("]", "escape")
    instrument.wait_for(lambda: "next model" not in instrument.text)
    assert "▐0▌" in instrument.text


def test_themes_change_the_background_and_cycle(instrument: Terminal) -> None:
    usual = instrument.ground(0, 0)
    instrument.press("T")
    instrument.wait_for(lambda: instrument.ground(0, 0) != usual)
    for name in ("dusk", "paper", "white", "terminal"):
        instrument.press("T")
        instrument.wait_for_text(name)
    instrument.press("T")
    instrument.wait_for(lambda: instrument.ground(0, 0) == usual)


def test_resizing_never_loses_training(instrument: Terminal) -> None:
    before = step(instrument)
    for columns, rows in RESIZES:
        instrument.resize(columns, rows)
        if columns >= 40 and rows >= 12:
            instrument.wait_for_text("▐tied▌", "quit")
            instrument.wait_for(lambda: len(shown_panels(instrument)) >= 1)
        elif columns >= len(TOO_SMALL):
            instrument.wait_for_text(TOO_SMALL)
        elif columns > 1:
            instrument.wait_for_text("superpos-tui")
        assert instrument.is_running
    wait_for_a_step_after(instrument, before)
    instrument.wait_for(lambda: len(shown_panels(instrument)) == 4)


def test_resizing_while_paused_redraws_the_status_lines(instrument: Terminal) -> None:
    instrument.press("space")
    instrument.wait_for_text("○ paused", "/20,000")
    usual = instrument.rows[:2]
    try:
        instrument.resize(60, 20)
        instrument.wait_for(lambda: "quit" in instrument.rows[19])
        instrument.resize(100, 30)
        instrument.wait_for(lambda: "quit" in instrument.rows[-1])
        instrument.wait_for(lambda: instrument.rows[:2] == usual)
    finally:
        instrument.press("space")
        instrument.wait_for_text("● training")


def test_every_layout_fills_the_terminal(instrument: Terminal) -> None:
    for columns, rows, panels in ((60, 20, 1), (80, 24, 4), (120, 40, 4), (100, 30, 4)):
        instrument.resize(columns, rows)
        instrument.wait_for(lambda: "quit" in instrument.rows[-1])
        instrument.wait_for(lambda panels=panels: len(shown_panels(instrument)) == panels)  # type: ignore[misc]
        assert any(row.rstrip().endswith(("╮", "│")) for row in instrument.rows)
        assert max(len(row.rstrip()) for row in instrument.rows) == columns


def test_e_writes_figures_numbers_and_weights_to_the_current_folder(instrument: Terminal) -> None:
    instrument.press("e")
    instrument.wait_for_text("files in")
    (folder,) = instrument.folder.glob("superpos-twenty-0-step-*")
    written = {path.name for path in folder.iterdir()}
    expected = {"summary.json", "loss.csv", "weights.safetensors", "loss.png"}
    assert expected | {"gram-tied.png", "weights-tied.png", "norms-tied.png"} <= written
    assert not [name for name in written if name.endswith(".part")]


# ── leaving; more in test_leaving ─────────────────────────────────────────────────────────────


@pytest.mark.thorough
def test_a_terminal_that_goes_away_during_heavy_drawing_ends_the_program(
    tmp_path: Path,
) -> None:
    """Under nohup only the program's own check of the terminal can notice."""
    for _ in range(2):
        with started(tmp_path, ignore_hang_up=True) as terminal:
            terminal.wait_for_text("● training")
            draw_and_hang_up(terminal)
            assert terminal.wait_for_exit(AT_ONCE / 2) == 129


def draw_and_hang_up(terminal: Terminal) -> None:
    """Leave the program with hundreds of keys to handle and nowhere to draw."""
    drawn = len(terminal.output)
    terminal.press(*["]", "["] * 400)
    terminal.wait_for(lambda: len(terminal.output) > drawn)
    terminal.hang_up()


# ── other terminals, other folders ────────────────────────────────────────────────────────────


@pytest.mark.thorough
def test_without_colours_signs_are_still_readable(tmp_path: Path) -> None:
    with started(tmp_path, NO_COLOR="1") as terminal:
        terminal.wait_for_text("● training")
        terminal.wait_for(lambda: shows_both_signs(terminal))
        terminal.press("T")
        wait_for_a_step_after(terminal, step(terminal))
        assert terminal.colour_codes == set()


@pytest.mark.thorough
def test_sixteen_colours_are_enough(tmp_path: Path) -> None:
    with started(tmp_path, TERM="xterm", COLORTERM="") as terminal:
        terminal.wait_for_text("● training")
        terminal.wait_for(lambda: shows_both_signs(terminal))
        assert not terminal.colour_codes & {38, 48}
        assert terminal.colour_codes >= {31, 34} or terminal.colour_codes >= {91, 94}


def shows_both_signs(terminal: Terminal) -> bool:
    """Whether the glyphs of W·Wᵀ distinguish positive from negative entries."""
    picture = matrix(terminal)
    return bool(re.search("[░▒█]", picture) and re.search("[-=#]", picture))


def test_a_failed_export_is_reported_and_training_continues(
    tmp_path: Path,
) -> None:
    with started(tmp_path, folder=unwritable_folder(tmp_path)) as terminal:
        terminal.wait_for_text("● training")
        terminal.press("e")
        terminal.wait_for_text("export failed")
        wait_for_a_step_after(terminal, step(terminal))
        terminal.press("q")
        assert terminal.wait_for_exit(AT_ONCE) == 0
