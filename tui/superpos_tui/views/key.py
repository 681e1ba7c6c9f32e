"""A key: what it is called, what it does, and where it counts."""

from dataclasses import dataclass
from typing import Literal

Group = Literal["views", "look", "cursor", "experiments", "train", "time", "screen"]


@dataclass(frozen=True)
class Key:
    """A key, or several that do the same, and what it does.

    ``keys`` are Textual's names, separated by commas; ``shown`` is what people read. ``action`` is
    the name of an action, with arguments where it takes some. Only keys with ``in_footer`` stand in
    the footer, under their ``label``; some only where one panel is shown at a time. A key of a view
    stands first in the footer of that ``view``, and in no other's; an ``exclusive`` one does
    nothing elsewhere.
    """

    keys: str
    shown: str
    action: str
    label: str
    description: str
    group: Group
    in_footer: bool = False
    only_with_one_panel: bool = False
    exclusive: bool = False
    view: str = ""

    @property
    def names(self) -> frozenset[str]:
        """Textual's names of the keys, one by one."""
        return frozenset(self.keys.split(","))

    @property
    def action_name(self) -> str:
        """The action without its arguments."""
        return self.action.split("(")[0]

    @property
    def first_shown(self) -> str:
        """The first of the keys, where there is room for one."""
        return self.shown.split()[0]
