"""The program as users see it: in a real terminal, with the real engine."""

from collections.abc import Iterator

import pytest
from tests.end_to_end.instrument import SMALL, step, wait_for_a_step_after
from tests.end_to_end.program import environment
from tests.end_to_end.terminal import Terminal

from superpos_tui.drawing.cells import columns_of

RESIZES = [(1, 1), (20, 6), (60, 20), (80, 24), (120, 40), (250, 70), (39, 12), (40, 12), (100, 30)]
PANELS = ("W·Wᵀ and b", "loss, log", "feature norms", "at every sparsity")
TOO_SMALL = "superpos-tui needs at least 40×12"


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terminal]:
    """One program for all tests that change nothing: starting it takes most of the time."""
    folder = tmp_path_factory.mktemp("current folder")
    with Terminal(SMALL, environment=environment(folder / "state"), folder=folder) as terminal:
        terminal.wait_for_text("● training")
        terminal.press(",")  # slow, so that it has not finished before the last test
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


def test_training_moves(instrument: Terminal) -> None:
    before, picture = step(instrument), instrument.text
    wait_for_a_step_after(instrument, before + 5)
    assert instrument.text != picture
    assert float(instrument.find(r"loss +(\d\.\de−\d\d)").replace("−", "-")) > 0


def test_sparsity_keys_move_the_choice_and_the_panels(instrument: Terminal) -> None:
    instrument.wait_for_text("▐0▌", "S 0 ◀")
    instrument.press("]")
    instrument.wait_for_text("▐0.7▌", "S 0.7 ◀")
    instrument.press("right")
    instrument.wait_for_text("▐0.9▌", "S 0.9 ◀")
    instrument.press("left", "[")
    instrument.wait_for_text("▐0▌", "S 0 ◀")
    assert "S 0.9 ◀" not in instrument.text


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
    instrument.wait_for_text("loss, log-log ─")
    for scale in ("log", "linear", "log-log"):
        instrument.press("l")
        instrument.wait_for_text(f"loss, {scale} ─")
        assert instrument.text.count("loss, ") == 1


def test_z_and_tab_show_one_panel_at_a_time(instrument: Terminal) -> None:
    in_turn: list[str] = []
    for key in ("z", "tab", "tab", "tab", "tab"):
        instrument.press(key)
        instrument.wait_for(lambda: shows_one_panel_other_than(instrument, in_turn[-1:]))
        in_turn.extend(shown_panels(instrument))
    assert in_turn == [*PANELS, PANELS[0]]
    instrument.press("z")
    instrument.wait_for(lambda: len(shown_panels(instrument)) == 4)


def shows_one_panel_other_than(terminal: Terminal, panels: list[str]) -> bool:
    """Whether one panel has the screen for itself, and none of these."""
    shown = shown_panels(terminal)
    return len(shown) == 1 and shown != panels


def test_a_click_focuses_a_panel(instrument: Terminal) -> None:
    instrument.click(70, 10)
    instrument.press("z")
    instrument.wait_for(lambda: shows_one_panel_other_than(instrument, []))
    assert shown_panels(instrument) == ["loss, log"]
    instrument.press("shift+tab")
    instrument.wait_for(lambda: shows_one_panel_other_than(instrument, ["loss, log"]))
    assert shown_panels(instrument) == ["W·Wᵀ and b"]
    instrument.press("z")
    instrument.wait_for(lambda: len(shown_panels(instrument)) == 4)


def shown_panels(terminal: Terminal) -> list[str]:
    """The titles in the top borders of panels."""
    tops = " ".join(row for row in terminal.rows if "╭─ " in row)
    return [title for title in PANELS if title in tops]


def test_help_explains_the_keys_and_captures_them(instrument: Terminal) -> None:
    instrument.press("?")
    instrument.wait_for_text("row i, column j", "esc closes")
    instrument.press("]", "escape")
    instrument.wait_for(lambda: "esc closes" not in instrument.text)
    assert "▐0▌" in instrument.text


def test_themes_change_the_background_and_cycle(instrument: Terminal) -> None:
    grounds = [instrument.ground(0, 0)]
    for name in ("black", "dusk", "paper", "white", "terminal", "night"):
        instrument.press("T")
        instrument.wait_for_text(name)
        instrument.wait_for(lambda: instrument.ground(0, 0) != grounds[-1])
        grounds.append(instrument.ground(0, 0))
    assert grounds[-1] == grounds[0]
    assert len(set(grounds)) == 6


def test_resizing_never_loses_training(instrument: Terminal) -> None:
    before = step(instrument)
    for columns, rows in RESIZES:
        instrument.resize(columns, rows)
        if columns >= 40 and rows >= 12:
            instrument.wait_for_text("▐tied▌", "? help")
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
    usual, here = instrument.rows[:2], step(instrument)
    try:
        instrument.resize(60, 20)
        instrument.wait_for(lambda: "? help" in instrument.rows[19])
        instrument.resize(100, 30)
        instrument.wait_for(lambda: "? help" in instrument.rows[-1])
        instrument.wait_for(lambda: instrument.rows[:2] == usual)
        assert step(instrument) == here
    finally:
        instrument.press("space")
        instrument.wait_for_text("● training")


def test_every_layout_fills_the_terminal(instrument: Terminal) -> None:
    for columns, rows, panels in ((60, 20, 1), (80, 24, 4), (120, 40, 4), (100, 30, 4)):
        instrument.resize(columns, rows)
        instrument.wait_for(lambda: "? help" in instrument.rows[-1])
        instrument.wait_for(lambda panels=panels: len(shown_panels(instrument)) == panels)  # type: ignore[misc]
        assert any(row.rstrip().endswith(("╮", "│")) for row in instrument.rows)
        assert max(columns_of(row.rstrip()) for row in instrument.rows) == columns


def test_e_writes_figures_numbers_and_weights_to_the_current_folder(instrument: Terminal) -> None:
    instrument.press("e")
    instrument.wait_for_text("files in")
    (folder,) = instrument.folder.glob("superpos-twenty-0-step-*")
    written = {path.name for path in folder.iterdir()}
    expected = {"summary.json", "loss.csv", "weights.safetensors", "loss.png"}
    assert expected | {"gram-tied.png", "weights-tied.png", "norms-tied.png"} <= written
    assert not [name for name in written if name.endswith(".part")]
