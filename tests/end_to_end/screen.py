"""A terminal's screen, interpreted from the bytes that a program writes."""

import re
from typing import Any

import pyte

ALTERNATE_SCREEN = 1049

MODE = re.compile(rb"\x1b\[\?(\d+)([hl])")
COLOUR = re.compile(rb"\x1b\[([\d;]*)m")
MODES_OF_A_USABLE_TERMINAL = {
    b"1049": b"l",  # the main screen
    b"25": b"h",  # the cursor shown
    b"1000": b"l",  # no mouse
    b"1003": b"l",
    b"1006": b"l",
    b"1004": b"l",  # no reports of focus
    b"2004": b"l",  # no bracketed paste
}


class Screen(pyte.Screen):
    """A screen that is cleared whenever the alternate screen is opened or left."""

    def set_mode(self, *modes: int, **kwargs: Any) -> None:
        self._clear_for(modes)
        super().set_mode(*modes, **kwargs)

    def reset_mode(self, *modes: int, **kwargs: Any) -> None:
        self._clear_for(modes)
        super().reset_mode(*modes, **kwargs)

    def _clear_for(self, modes: tuple[int, ...]) -> None:
        if ALTERNATE_SCREEN in modes:
            self.erase_in_display(2)
            self.cursor_position()


def colours_in(output: bytes) -> set[int]:
    """The colours of this output, as SGR numbers: 31 is red, 38 and 48 refer to a palette."""
    numbers = {
        int(number) for codes in COLOUR.findall(output) for number in codes.split(b";") if number
    }
    return {n for n in numbers if (30 <= n <= 48 and n != 39) or 90 <= n <= 107}


def disturbing_modes(output: bytes) -> list[str]:
    """Modes in which this output leaves the terminal and which would disturb a shell."""
    last = dict(MODE.findall(output))
    return [
        f"mode {mode.decode()} is {last[mode].decode()}"
        for mode, usual in MODES_OF_A_USABLE_TERMINAL.items()
        if last.get(mode, usual) != usual
    ]
