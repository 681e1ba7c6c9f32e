"""The state of the dictionary view: the selected latent, and which part of the matrix is shown."""

from dataclasses import dataclass, replace

from superpos_core.task.config import ExperimentConfig
from superpos_tui.drawing.span import part_of
from superpos_tui.selection import Selection
from superpos_tui.views.shared.matrices_zoom import PartState

SECONDS_BETWEEN_DRAWS = 0.4
"""The same for all panels of the view, which therefore show the same moment; every draw of a matrix
of 64 by 64 is 15 kB on the line to the terminal."""


@dataclass(frozen=True)
class DictionaryState(PartState):
    """``latent`` is an index into the decoder; a feature is pointed at with the common cursor.

    Columns are places in the matched order of latents.
    """

    latent: int | None = None

    def fitting(self, config: ExperimentConfig) -> "DictionaryState":
        """The same latent and part of the matrix, as far as there are so many."""
        latent = self.latent
        return DictionaryState(
            part_of(self.features, config.features),
            part_of(self.columns, config.latents),
            latent if latent is not None and latent < config.latents else None,
        )

    def without_cursor(self) -> "DictionaryState":
        """No latent is selected either."""
        return replace(self, latent=None)

    def at_latent(self, latent: int) -> "DictionaryState":
        """It is selected."""
        return replace(self, latent=latent)


@dataclass(frozen=True)
class SelectLatent:
    """The change to another latent, or with ``None`` to none; the feature stays or changes too."""

    latent: int | None
    feature: int | None = None

    def __call__(self, selection: Selection) -> Selection:
        """Select them."""
        state = replace(selection.options.of(DictionaryState), latent=self.latent)
        selected = selection.with_state(state)
        if self.feature is None:
            return selected
        return selected.with_cursor(selection.options.cursor_on(self.feature))
