"""What the colours of features mean, in all panels that colour features."""

from dataclasses import dataclass
from typing import Literal

from superpos_core.experiments import Trial
from superpos_core.task.data import distribution_named
from superpos_tui.selection import ViewState

ColouredBy = Literal["superposition", "importance", "group"]
COLOURINGS: tuple[ColouredBy, ...] = ("superposition", "importance", "group")


@dataclass(frozen=True)
class Colouring(ViewState):
    """The quantity by which features are coloured."""

    by: ColouredBy = "superposition"

    @classmethod
    def initial(cls, trial: Trial) -> "Colouring":
        """Colour by group if features come in sets, else by superposition."""
        has_sets = distribution_named(trial.config.distribution).has_sets
        return cls("group" if has_sets else "superposition")

    @property
    def next(self) -> "Colouring":
        """The next colouring, cyclically."""
        return Colouring(COLOURINGS[(COLOURINGS.index(self.by) + 1) % len(COLOURINGS)])
