"""A panel: its name, its texts, one pure drawing function, and what the pointer does in it.

What is asked about a cell is asked of the picture from ``draw`` for the same scene, size and
palette. Only small integers and what ``draw`` has measured are needed for the answer, so that a
large run can be asked about its last picture at once.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from superpos_core.record.lanes import LanesRecord
from superpos_core.record.record import Record
from superpos_tui.drawing.cells import Cells
from superpos_tui.drawing.palette import FULL_COLOURS, Palette
from superpos_tui.scene import Scene
from superpos_tui.selection import Change
from superpos_tui.views.needs import what_to_give
from superpos_tui.views.numbers import Numbers

Draw = Callable[[Scene, int, int, Palette], Cells]
LARGE = (200, 60)
"""The size of a picture in which everything is drawn."""
PARAGRAPHS = "\n\n"
"""Between the paragraphs of a text in place of a picture."""
Cell = tuple[int, int]
"""Column and row in a panel's picture."""


class PickAt(Protocol):
    """What a click at cell (x, y) does."""

    def __call__(
        self, scene: Scene, width: int, height: int, x: int, y: int, palette: Palette = ..., /
    ) -> Change | None:
        """The change that a click there makes; ``None`` if it has no effect."""


def _nothing(
    scene: Scene, width: int, height: int, x: int, y: int, palette: Palette = FULL_COLOURS
) -> Change | None:
    return None


class ReadAt(Protocol):
    """What lies at cell (x, y), in one line."""

    def __call__(
        self, scene: Scene, width: int, height: int, x: int, y: int, palette: Palette = ..., /
    ) -> str:
        """Such as ``W·Wᵀ[3, 7] = −0.31``; empty if nothing lies there."""


def _unread(
    scene: Scene, width: int, height: int, x: int, y: int, palette: Palette = FULL_COLOURS
) -> str:
    return ""


class ZoomAt(Protocol):
    """Shows less, but larger, or more again."""

    def __call__(
        self,
        scene: Scene,
        width: int,
        height: int,
        at: Cell | None,
        steps: int,
        palette: Palette,
        /,
    ) -> Change | None:
        """The change that zooms in by ``steps``, or out if negative, around what is at a cell.

        Without a cell, which is what keys ask for, around the cursor or the middle. ``None`` if
        nothing changes.
        """


class ZoomOnto(Protocol):
    """Shows what was dragged over."""

    def __call__(
        self, scene: Scene, width: int, height: int, start: Cell, end: Cell, palette: Palette, /
    ) -> Change | None:
        """The change that shows only what lies between two cells; ``None`` if nothing does."""


@dataclass(frozen=True)
class Zoom:
    """How a panel zooms: with keys and the wheel (``at``), by dragging over a part (``onto``).

    ``pan(scene, right, down)`` moves what is shown by about a quarter of it each. ``whole`` returns
    the change back to everything: ``None`` if everything is shown.
    """

    at: ZoomAt
    whole: Callable[[Scene], Change | None]
    pan: Callable[[Scene, int, int], Change | None]
    onto: ZoomOnto | None = None


@dataclass(frozen=True)
class Offer:
    """An action that the border of a panel offers, beside its key, in a few words.

    ``shorter`` are others, the longest first, for borders in which those have no room.
    """

    action: str
    words: str
    shorter: tuple[str, ...] = ()


def _no_offers(scene: Scene) -> tuple[Offer, ...]:
    return ()


@dataclass(frozen=True)
class Panel:
    """One panel. ``draw(scene, width, height, palette)`` returns exactly height × width cells.

    ``readings`` explain how to read it, longest first: the first that fits is shown. ``story`` says
    in a few sentences what is shown and what it means, with the paper's section; help shows it.
    ``seconds_between_draws`` throttles panels that are expensive to draw; keys always have an
    immediate effect. ``pick``, ``read`` and ``zoom`` answer the pointer; ``drag`` maps each move of
    a drag to a change, and ``turn`` the keys that move a zoomed picture, if that is not zoomed.
    ``numbers`` are what it shows as a table, to be copied; it raises ``InvalidValue`` if they are
    too many. ``other_readings`` replace the readings if what is drawn, with these options, size and
    palette, is something else. ``takes`` is the kind of record that it shows; ``where_to_find``
    says how to get one, and what it is, when another kind is watched. ``needs`` are the fields of
    the config that it must know, besides the weights; ``other_needs`` are more of them, depending
    on options. ``legend`` explains its colours, in one row of cells, in the border after the
    reading; ``colours`` say what each of them means, with its formula, for the help. ``awaits``
    says what has to come before there is something to show. ``offers`` are what else can be done
    here, in the border after the title. ``selected`` says what is selected here, in one line of so
    many columns, if that is not a feature of a model.
    """

    name: str
    title: Callable[[Scene], str]
    readings: tuple[str, ...]
    draw: Draw
    story: str = ""
    pick: PickAt = _nothing
    read: ReadAt = _unread
    zoom: Zoom | None = None
    numbers: Callable[[Scene], Numbers] | None = None
    seconds_between_draws: float = 0.0
    drag: Callable[[int, int], Change] | None = None
    turn: Callable[[Scene, int, int], Change | None] | None = None
    takes: type[Record] = LanesRecord
    where_to_find: Callable[[], str] | None = None
    other_readings: Callable[[Scene, int, int, Palette], tuple[str, ...]] | None = None
    needs: frozenset[str] = frozenset()
    other_needs: Callable[[Scene], frozenset[str]] | None = None
    awaits: Callable[[Scene], str] | None = None
    legend: Callable[[Scene, Palette], Cells] | None = None
    colours: tuple[str, ...] = ()
    offers: Callable[[Scene], tuple[Offer, ...]] = _no_offers
    selected: Callable[[Scene, int], str] | None = None

    def missing(self, scene: Scene) -> str:
        """What has to come first, or is not known and how to give it; empty if nothing is."""
        more = frozenset() if self.other_needs is None else self.other_needs(scene)
        coming = "" if self.awaits is None else self.awaits(scene)
        return coming or what_to_give(scene.unknown & (self.needs | more))

    def reading_within(
        self,
        room: int,
        scene: Scene | None = None,
        size: tuple[int, int] = LARGE,
        palette: Palette = FULL_COLOURS,
    ) -> str:
        """The longest reading that fits in ``room`` columns; empty if none does.

        With a scene, of what is drawn of it in a picture of this width and height.
        """
        readings = self.readings
        if scene is not None and self.other_readings is not None:
            readings = self.other_readings(scene, *size, palette) or readings
        return next((reading for reading in readings if len(reading) <= room), "")
