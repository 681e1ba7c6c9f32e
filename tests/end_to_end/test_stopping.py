"""ctrl+z and ``fg``, and external signals that stop or resume, in a shell with job control."""

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.end_to_end.instrument import HELD_BACK, SMALL, started, step, wait_for_a_step_after
from tests.end_to_end.program import TINY, environment, no_kernels
from tests.end_to_end.screen import MODE, MODES_OF_A_USABLE_TERMINAL
from tests.end_to_end.terminal import Terminal

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks at processes in /proc")

STOPPED = 128 + signal.SIGTSTP
BOTH_BEFORE_PYTHON_LOOKS = """
import os, signal, sys, threading, time

def send_both():
    while not os.path.exists({gate!r}):
        time.sleep(0.01)
    sys.setswitchinterval(10)  # the main thread, which handles signals, has to wait for both
    for number in (signal.SIGTSTP, signal.SIGCONT):
        os.kill(os.getpid(), number)
        until = time.monotonic() + 0.05
        while time.monotonic() < until:
            pass
    sys.setswitchinterval(0.005)
    open({sent!r}, "w").close()

threading.Thread(target=send_both, daemon=True).start()
"""
"""A ``sitecustomize``: Python receives a stop and the resume after it at once, and sorts them."""


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terminal]:
    """One program, in a shell, for all tests that stop and resume it."""
    folder = tmp_path_factory.mktemp("current folder")
    with in_a_shell(folder, SMALL) as terminal:
        terminal.wait_for_text("● training")
        terminal.press(",")  # slow, so that it has not finished before the last test
        terminal.wait_for_text("pace: slow")
        terminal.wait_for(lambda: "pace: slow" not in terminal.text)
        yield terminal
        terminal.press("q")
        assert terminal.wait_for_prompt() == 0
        assert terminal.left_behind == []


def in_a_shell(folder: Path, arguments: tuple[str, ...], **changes: str) -> Terminal:
    return Terminal(
        arguments, environment=environment(folder / "state", **changes), folder=folder, shell=True
    )


def stop(terminal: Terminal) -> None:
    """Press ctrl+z, and check the state that the shell finds."""
    terminal.press("ctrl+z")
    assert terminal.wait_for_prompt() == STOPPED
    assert terminal.state == "T"
    assert terminal.left_behind == []


def go_on(terminal: Terminal, *texts: str) -> None:
    """Type ``fg``, and wait until these texts are on the screen."""
    terminal.type("fg")
    terminal.wait_for_text(*texts)


def press_and_wait(terminal: Terminal, key: str, *texts: str) -> None:
    terminal.press(key)
    terminal.wait_for_text(*texts)


def nothing_is_drawn(terminal: Terminal) -> bool:
    """Whether the screen does not change for a second and a half."""
    drawn = len(terminal.output)
    terminal.read_output(wait=1.5)
    return len(terminal.output) == drawn


def test_training_resumes_where_it_stopped(shared: Terminal) -> None:
    before = step(shared)
    stop(shared)
    go_on(shared, "● training", "W·Wᵀ and b", "loss, log-log", "S 0 ◀", "q quit")
    resumed_at = step(shared)
    assert resumed_at >= before >= 0
    wait_for_a_step_after(shared, resumed_at)


def test_a_paused_screen_comes_back_unchanged(shared: Terminal) -> None:
    press_and_wait(shared, "space", "○ paused")
    shared.wait_for(lambda: nothing_is_drawn(shared))
    before = shared.rows
    stop(shared)
    assert shared.rows != before
    shared.type("fg")
    shared.wait_for(lambda: shared.rows == before)
    shared.wait_for(lambda: nothing_is_drawn(shared))
    assert shared.rows == before
    press_and_wait(shared, "space", "● training")


@pytest.mark.parametrize(
    ("key", "shown", "back"),
    [("?", "esc closes", "escape"), ("F", "esc", "escape"), ("t", "live at step", "t")],
    ids=["help", "form", "timeline"],
)
@pytest.mark.sampled(4)
def test_dialogs_and_the_timeline_come_back(
    shared: Terminal, key: str, shown: str, back: str
) -> None:
    before = step(shared)
    press_and_wait(shared, key, shown)
    stop(shared)
    assert shown not in shared.text
    go_on(shared, shown)
    shared.press(back)
    shared.wait_for(lambda: shown not in shared.text)
    shared.wait_for_text("● training", "W·Wᵀ and b")
    assert step(shared) >= before


def test_an_external_sigtstp_does_the_same(shared: Terminal) -> None:
    shared.send(signal.SIGTSTP)
    assert shared.wait_for_prompt() == STOPPED
    assert shared.left_behind == []
    go_on(shared, "● training", "W·Wᵀ and b")


def test_in_the_background_it_waits_for_the_foreground(shared: Terminal) -> None:
    stop(shared)
    shared.type("bg; wait; echo over")
    shared.wait_for_text("over")
    shared.wait_for(lambda: shared.state == "T")
    assert shared.left_behind == []
    go_on(shared, "● training", "W·Wᵀ and b")


def test_after_sigstop_the_screen_is_taken_again(shared: Terminal) -> None:
    """SIGSTOP cannot be handled: the shell draws over the screen, and reads by lines."""
    before = step(shared)
    shared.send(signal.SIGSTOP)
    shared.wait_for(lambda: shared.state == "T")
    shared.type("stty sane; echo drawn over it")
    shared.wait_for_text("drawn over it")
    shared.type("fg")
    shared.wait_for(lambda: "drawn over it" not in shared.text)
    shared.wait_for_text("● training", "W·Wᵀ and b", "q quit")
    assert step(shared) >= before
    press_and_wait(shared, "?", "esc closes")
    shared.press("escape")
    shared.wait_for(lambda: "esc closes" not in shared.text)


def test_sigcont_to_a_running_program_changes_nothing(shared: Terminal) -> None:
    threads, before = shared.threads, step(shared)
    for _ in range(3):
        drawn = len(shared.output)
        shared.send(signal.SIGCONT)
        shared.wait_for(lambda drawn=drawn: b"1049h" in shared.output[drawn:])  # type: ignore[misc]
        shared.wait_for_text("● training", "W·Wᵀ and b")
        assert step(shared) >= before
    # Short-lived threads, such as one that compiles, may be gone.
    shared.wait_for(lambda: shared.threads <= threads)
    wait_for_a_step_after(shared, step(shared))


@pytest.mark.thorough
def test_sigcont_never_gives_the_terminal_back(tmp_path: Path) -> None:
    """Not even for a moment, in which ctrl+q would count as the end of a ctrl+s."""
    with started(tmp_path) as terminal:
        terminal.wait_for_text("● training")
        at_first = dict(MODE.findall(bytes(terminal.output)))
        drawn = len(terminal.output)
        terminal.send(signal.SIGCONT)
        terminal.wait_for(lambda: b"1049h" in terminal.output[drawn:])
        terminal.press("ctrl+q")
        assert terminal.wait_for_exit() == 0
        since, _, _ = bytes(terminal.output[drawn:]).partition(b"\x1b[?1049l")
        taken_again = dict(MODE.findall(since[: since.index(b"\x1b[?7l") + 5]))
        assert taken_again == {mode: at_first[mode] for mode in taken_again}
        assert taken_again.keys() >= MODES_OF_A_USABLE_TERMINAL.keys()


@pytest.mark.thorough
def test_keys_typed_while_stopped_are_handled(tmp_path: Path) -> None:
    with started(tmp_path) as terminal:
        terminal.wait_for_text("● training")
        terminal.send(signal.SIGSTOP)
        terminal.press("?")
        terminal.send(signal.SIGCONT)
        terminal.wait_for_text("esc closes")
        terminal.press("escape")
        terminal.wait_for(lambda: "esc closes" not in terminal.text)
        terminal.press("q")
        assert terminal.wait_for_exit() == 0


def test_a_stop_and_a_resume_at_once_leave_it_running(shared: Terminal) -> None:
    """The stop does not take effect later: nothing would resume the program then."""
    for _ in range(5):
        shared.send(signal.SIGTSTP)
        shared.send(signal.SIGCONT)
        wait_for_a_step_after(shared, step(shared))
        assert shared.state != "T"


def test_of_a_stop_and_a_resume_the_later_one_counts(tmp_path: Path) -> None:
    """Even if Python receives both at once and calls handlers in the order of their numbers."""
    gate, sent = tmp_path / "gate", tmp_path / "sent"
    script = BOTH_BEFORE_PYTHON_LOOKS.format(gate=str(gate), sent=str(sent))
    (tmp_path / "sitecustomize.py").write_text(script)
    sources = environment(tmp_path)["PYTHONPATH"]
    path = f"{tmp_path}{os.pathsep}{sources}"
    with in_a_shell(tmp_path, SMALL, PYTHONPATH=path) as terminal:
        terminal.wait_for_text("● training")
        gate.touch()
        terminal.wait_for(sent.exists)
        wait_for_a_step_after(terminal, step(terminal))
        assert terminal.state != "T"


@pytest.mark.thorough
def test_it_stops_while_loading_and_while_compiling(tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    (tmp_path / "sitecustomize.py").write_text(HELD_BACK.format(gate=str(gate)))
    sources = environment(tmp_path)["PYTHONPATH"]
    changes = {
        "PYTHONPATH": f"{tmp_path}{os.pathsep}{sources}",
        **no_kernels(tmp_path),
    }
    with in_a_shell(tmp_path, TINY, **changes) as terminal:
        terminal.wait_for_text("loading the engine")
        stop(terminal)
        go_on(terminal, "loading the engine", "q quit")
        gate.touch()
        terminal.wait_for_text("compiling the training kernel")
        stop(terminal)
        go_on(terminal, "q quit")
        terminal.wait_for_text("● training")
        assert terminal.state != "T"


@pytest.mark.parametrize(
    ("arguments", "shown"),
    [
        (("--experiment", "phase", "--quick"), "● training"),
        ((*TINY, "--steps", "5"), "✓ finished"),
    ],
    ids=["map", "finished"],
)
@pytest.mark.thorough
def test_it_stops_in_a_map_and_at_the_end(
    arguments: tuple[str, ...], shown: str, tmp_path: Path
) -> None:
    with in_a_shell(tmp_path, arguments) as terminal:
        terminal.wait_for_text(shown)
        stop(terminal)
        assert shown not in terminal.text
        go_on(terminal, shown, "q quit")
        assert terminal.state != "T"


def test_it_does_not_stop_where_nothing_could_resume_it(tmp_path: Path) -> None:
    """The program leads the session, as in a container or a tmux window: there is no shell."""
    with Terminal(TINY, environment=environment(tmp_path / "state"), folder=tmp_path) as terminal:
        terminal.wait_for_text("● training")
        drawn = len(terminal.output)
        terminal.press("ctrl+z")
        terminal.wait_for(lambda: b"1049h" in terminal.output[drawn:])
        press_and_wait(terminal, "?", "esc closes")
        assert terminal.state != "T"
