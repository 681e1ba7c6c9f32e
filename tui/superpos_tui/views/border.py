"""The border of a panel: its title, what can be done there, and how its picture is read."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import product

from rich.style import Style
from rich.text import Text
from textual.content import Content

from superpos_tui.drawing.palette import Palette
from superpos_tui.views.panel import Offer, Panel
from superpos_tui.views.pointed import PointedView

SEPARATOR = " · "
"""Between the title and what is offered, and between the reading and the legend."""
FRAME_OF_TEXT = 2
"""Extra columns that the border takes beside a text, compared with the picture."""
ABOUT = Offer("panel_help", "explains")
NEXT = Offer("next_panel", "next panel", shorter=("next", "›", ""))
"""Offered by the panel in focus, the second if there are others to focus."""
KEY_STYLE, WORDS_STYLE = "$accent not bold", "$text-muted not bold"


class BorderedView(PointedView):
    """A picture with a title above it and a reading below it.

    What is offered beside the title is done by its key, and by a click on it.
    """

    def __init__(
        self, panel: Panel, palette: Palette, keys: Mapping[str, str], *, id: str | None = None
    ) -> None:
        """``keys`` are the shown keys by action."""
        super().__init__(panel, palette, id=id)
        self._keys = keys
        self.has_neighbours = False
        self._title = ""
        self._written: tuple[str, tuple[Offer, ...], int] = "", (), 0
        self._explanation = Content()

    @property
    def title(self) -> str:
        """The title in its border."""
        return self._title

    def on_focus(self) -> None:
        """Offer to explain the panel, and to go on to the next one."""
        self._write_title()

    def on_blur(self) -> None:
        """Offer these no longer."""
        self._write_title()

    def on_resize(self) -> None:
        """What fits has changed."""
        self._explain()
        self._write_title()

    def _set_title(self, title: str) -> None:
        self._title = title
        self._write_title()

    def _write_title(self) -> None:
        """Write the title and the offers if they are new: that repaints the whole widget."""
        scene = self.pointed_scene
        offers = () if scene is None else self.panel.offers(scene)
        common = (ABOUT, NEXT) if self.has_neighbours else (ABOUT,)
        about = common if self.has_focus else ()
        room = self.size.width - FRAME_OF_TEXT
        written = self._title, (*offers, *about), room
        if written != self._written:
            self._written = written
            self.border_title = titled(*written, self._keys)

    def _explain(self) -> None:
        """Write how to read the panel into its border, and what its colours mean.

        Where there is no picture there is nothing to explain.
        """
        room = self.size.width - FRAME_OF_TEXT
        legend = self._legend_within(room)
        beside = legend.cell_length + len(SEPARATOR) if legend else 0
        scene = self.pointed_scene
        reading = ""
        if scene is not None:
            reading = self.panel.reading_within(room - beside, scene, self.size, self._palette)
        explanation = Content(f"{reading}{SEPARATOR}" if reading and legend else reading) + legend
        if not explanation.is_same(self._explanation):
            self._explanation = self.border_subtitle = explanation

    def _legend_within(self, width: int) -> Content:
        """The legend of the panel's colours; empty if it has none or there is no room."""
        scene = self.pointed_scene
        if scene is None or self.panel.legend is None:
            return Content()
        legend = self.panel.legend(scene, self._palette)
        if not 0 < legend.width <= width:
            return Content()
        text = Text()
        for glyphs, ink, _ in legend.runs(0):
            text.append(glyphs, Style(color=self._palette.colour(ink)))
        return Content.from_rich_text(text)


def titled(title: str, offers: Iterable[Offer], width: int, keys: Mapping[str, str]) -> Content:
    """The title with as many of the offers as fit in ``width`` columns; ``keys`` are by action.

    As many as possible, the last one first, in as many words as there is room for then.
    """
    content = Content(title)
    known = [offer for offer in offers if title and keys.get(offer.action)]
    variants = ([*_variants(offer, keys[offer.action]), Content()] for offer in known)
    room = width - content.cell_length
    fitting = [each for each in product(*variants) if sum(map(len, each)) <= room]
    added = max(fitting, key=_worth, default=())
    return content + Content("").join(added)


def _worth(added: Sequence[Content]) -> tuple[int, bool, int]:
    """How many offers are made, whether the last is, and how long they are."""
    return sum(map(bool, added)), any(added[-1:]), sum(map(len, added))


def _variants(offer: Offer, key: str) -> list[Content]:
    """What an offer adds to a title, the longest first."""
    click = f"@click=app.{offer.action}"
    return [
        Content.assemble(
            (SEPARATOR, WORDS_STYLE),
            (key, f"{KEY_STYLE} {click}"),
            (f" {words}" if words else "", f"{WORDS_STYLE} {click}"),
        )
        for words in (offer.words, *offer.shorter)
    ]
