"""The state of the compare view."""

from dataclasses import dataclass

from superpos_core.experiments import Trial
from superpos_core.record.snapshot import Snapshot
from superpos_core.task.config import ExperimentConfig
from superpos_tui.selection import Focus, ViewState


@dataclass(frozen=True, eq=False)
class PinnedRun:
    """A run that was opened, as it was when a lane of it was pinned."""

    name: str
    trial: Trial
    snapshot: Snapshot


@dataclass(frozen=True)
class CompareState(ViewState):
    """The pinned reference, and its ``run`` if that is not the one that trains here.

    A reference of ``None`` stands for the linear model at the same setting if the experiment has
    one; or else for another setting of the model, or kind of dictionary, in focus; with a single
    setting for another model or kind, or at last for another restart. ``joining`` is the model that
    has been asked to join as the reference, if one has.
    """

    reference: Focus | None = None
    run: PinnedRun | None = None
    joining: str = ""

    def within(self, config: ExperimentConfig) -> "CompareState":
        """A pinned run stays pinned; a pin in a run that trains here belongs to that run."""
        return self if self.run is not None else CompareState()

    def beside(self, config: ExperimentConfig) -> "CompareState":
        """The same, without a run that trains something else than this one: models, for example."""
        is_other = self.run is not None and self.run.trial.config.kind != config.kind
        return CompareState() if is_other else self

    def without(self, model: str) -> "CompareState":
        """Nothing that has left is compared with; a pinned run keeps all its models."""
        compared = self.joining if self.reference is None else self.reference.model
        is_gone = self.run is None and compared == model
        return CompareState() if is_gone else self
