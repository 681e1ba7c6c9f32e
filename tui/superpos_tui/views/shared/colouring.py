"""What colours of features mean, in all panels that colour features."""

from dataclasses import dataclass
from typing import Literal

from superpos_core.experiments import Trial
from superpos_core.task.data import distribution_named
from superpos_tui.looking import ViewState

ColouredBy = Literal["superposition", "importance", "group"]
COLOURINGS: tuple[ColouredBy, ...] = ("superposition", "importance", "group")


@dataclass(frozen=True)
class Colouring(ViewState):
    """By what features are coloured."""

    by: ColouredBy = "superposition"

    @classmethod
    def at_first(cls, trial: Trial) -> "Colouring":
        """Features that come in sets have the colours of their sets."""
        has_sets = distribution_named(trial.config.distribution).has_sets
        return cls("group" if has_sets else "superposition")

    @property
    def next(self) -> "Colouring":
        """The one after it, in a circle."""
        return Colouring(COLOURINGS[(COLOURINGS.index(self.by) + 1) % len(COLOURINGS)])
