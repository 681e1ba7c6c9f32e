"""What a view is: a screenful of panels, and how they stand at each size of terminal."""

from dataclasses import dataclass


@dataclass(frozen=True)
class View:
    """One view. ``key`` is the digit that opens it.

    ``css`` places its panels: a panel is ``.panel-NAME``, the view's grid is ``#view-NAME``, and
    ``.-wide`` (120 columns and more) and ``.-medium`` are classes on the screen. Below that, and
    when maximised, one panel at a time fills the view.
    """

    name: str
    key: str
    title: str
    summary: str
    panels: tuple[str, ...]
    css: str = ""
