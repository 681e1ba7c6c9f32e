"""Terminals with few colours or none, and a read-only folder."""

import os
import re
from pathlib import Path

import pytest
from tests.end_to_end.instrument import AT_ONCE, started, step, wait_for_a_step_after
from tests.end_to_end.terminal import Terminal


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


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("colour", "connection", "refused", "codes"),
    [
        ("truecolor", "1.2.3.4 5 6.7.8.9 22", "", b"48;2;"),
        ("auto", "1.2.3.4 5 6.7.8.9 22", "", b"48;5;"),
        ("auto", "", "", b"48;2;"),
        ("256", "", "1", b"48;5;"),
    ],
)
def test_as_many_colours_as_were_chosen(
    tmp_path: Path, colour: str, connection: str, refused: str, codes: bytes
) -> None:
    with started(
        tmp_path, SUPERPOS_COLOUR=colour, SSH_CONNECTION=connection, NO_COLOR=refused
    ) as terminal:
        terminal.wait_for_text("● training")
        emitted = set(re.findall(rb"48;[25];", bytes(terminal.output)))
        assert emitted == {codes}


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
