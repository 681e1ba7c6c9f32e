"""The state of the compare view for dictionaries: which part of the matrices is shown."""

from dataclasses import dataclass, replace

from superpos_core.experiments import Trial
from superpos_core.task.config import ExperimentConfig
from superpos_tui.drawing.span import Span, part_of
from superpos_tui.selection import Cursor, Selection, ViewState


@dataclass(frozen=True)
class ComparedPart(ViewState):
    """``features`` are rows, ``columns`` places in the matched order of latents; ``None``: all."""

    features: Span | None = None
    columns: Span | None = None

    def in_experiment(self, trial: Trial) -> "ComparedPart":
        """Everything is shown."""
        return ComparedPart()

    def fitting(self, config: ExperimentConfig) -> "ComparedPart":
        """The same part, as far as there is so much."""
        return ComparedPart(
            part_of(self.features, config.features), part_of(self.columns, config.latents)
        )

    def showing(self, cursor: Cursor) -> "ComparedPart":
        """Moved no further than needed to show the cursor's feature."""
        if self.features is None:
            return self
        return replace(self, features=self.features.around(cursor.feature))


@dataclass(frozen=True)
class ShowCompared:
    """The change to another part of the matrices."""

    features: Span | None
    columns: Span | None

    def __call__(self, selection: Selection) -> Selection:
        """Show it."""
        return selection.with_state(ComparedPart(self.features, self.columns))
