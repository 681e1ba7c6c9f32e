"""The state of the compare view for dictionaries: which part of the matrices is shown."""

from dataclasses import dataclass

from superpos_core.task.config import ExperimentConfig
from superpos_tui.drawing.span import part_of
from superpos_tui.views.shared.matrices_zoom import PartState


@dataclass(frozen=True)
class ComparedPart(PartState):
    """Columns are places in the matched order of latents."""

    def fitting(self, config: ExperimentConfig) -> "ComparedPart":
        """The same part, as far as there is so much."""
        return ComparedPart(
            part_of(self.features, config.features), part_of(self.columns, config.latents)
        )
