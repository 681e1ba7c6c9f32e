"""A picture that stays, dimmed, while something else is loaded that will take its place."""

from collections.abc import Mapping
from typing import ClassVar

from textual.timer import Timer

from superpos_tui.drawing.palette import Palette
from superpos_tui.views.border import BorderedView
from superpos_tui.views.panel import Panel

PATIENCE_SECONDS = 0.25
"""How long a picture stays as it is: most others are ready sooner, and nothing should flicker."""


class AwaitingView(BorderedView):
    """A picture with a title, which can wait for its successor."""

    DEFAULT_CSS: ClassVar[str] = "AwaitingView.-awaiting { opacity: 45%; }"

    def __init__(
        self, panel: Panel, palette: Palette, keys: Mapping[str, str], *, id: str | None = None
    ) -> None:
        super().__init__(panel, palette, keys, id=id)
        self._title_of_wait = ""
        self._patience: Timer | None = None

    @property
    def is_awaiting(self) -> bool:
        """Whether the picture is that of something else, kept until the next one."""
        return self._patience is not None or self.has_class("-awaiting")

    def keep_until_next(self, title: str) -> None:
        """Keep the picture until the next one; if that takes a while, dim it under this title."""
        self._title_of_wait = title
        if not self.is_awaiting:
            self._patience = self.set_timer(PATIENCE_SECONDS, self._dim)
        elif self._patience is None:
            self._set_title(title)

    def _dim(self) -> None:
        self._patience = None
        self.add_class("-awaiting")
        self._set_title(self._title_of_wait)

    def _end_wait(self) -> None:
        """There is something new to show."""
        if self._patience is not None:
            self._patience.stop()
            self._patience = None
        self.remove_class("-awaiting")
