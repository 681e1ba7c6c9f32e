"""What a panel is: its name, its words and one pure drawing function."""

from collections.abc import Callable
from dataclasses import dataclass

from superpos_tui.cells import Cells
from superpos_tui.palette import Palette
from superpos_tui.scene import Scene

Draw = Callable[[Scene, int, int, Palette], Cells]


@dataclass(frozen=True)
class Panel:
    """One panel. ``draw(scene, width, height, palette)`` gives exactly height × width cells.

    ``readings`` say how to read it, longest first: the first that fits is shown.
    ``seconds_between_draws`` holds back panels that are dear to draw; the user's own keys are
    always answered at once.
    """

    name: str
    title: Callable[[Scene], str]
    readings: tuple[str, ...]
    draw: Draw
    seconds_between_draws: float = 0.0

    def reading_within(self, width: int) -> str:
        """The longest reading that fits into ``width`` columns, or none."""
        return next((reading for reading in self.readings if len(reading) <= width), "")
