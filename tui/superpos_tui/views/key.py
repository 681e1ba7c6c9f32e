"""A key: its names, its action, and where it applies."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from superpos_core.task.config import ExperimentConfig

Group = Literal["views", "look", "cursor", "experiments", "train", "time", "screen"]


def _any_run(config: "ExperimentConfig") -> bool:
    return True


@dataclass(frozen=True)
class Key:
    """A key, or several equivalent ones, and what it does.

    ``keys`` are Textual's names, comma-separated; ``shown`` is what users read. ``action`` is the
    name of an action, with arguments if it takes any. Only keys with ``in_footer`` are in the
    footer, under their ``label``; some only if one panel is shown at a time. A view's own key comes
    first in the footer of that ``view`` and is in no other footer; an ``exclusive`` one does
    nothing in other views. ``panels`` names those of the view's panels on which it acts; without
    names it acts on all. An action with arguments needs a ``name`` for each key that has it. The
    footer omits a key where a run does not suit it (``suits``); ``label_in`` is for labels that
    depend on the run.
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
    panels: tuple[str, ...] = ()
    view: str = ""
    name: str = ""
    suits: "Callable[[ExperimentConfig], bool]" = _any_run
    label_in: "Callable[[ExperimentConfig], str] | None" = None

    def label_for(self, config: "ExperimentConfig | None") -> str:
        """The label in a run of this config, if it is known."""
        return self.label if config is None or self.label_in is None else self.label_in(config)

    @property
    def id(self) -> str:
        """What the config file calls it, such as ``single-step``: it never changes."""
        return self.name or self.action_name.replace("_", "-")

    @property
    def names(self) -> frozenset[str]:
        """Textual's names of the keys."""
        return frozenset(self.keys.split(","))

    @property
    def action_name(self) -> str:
        """The action without its arguments."""
        return self.action.split("(")[0]

    @property
    def first_shown(self) -> str:
        """The first of the shown keys."""
        return self.shown.split()[0]
