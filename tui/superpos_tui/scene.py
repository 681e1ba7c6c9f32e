"""Scenes, which are what the user looks at, and their measures, each computed only once.

A *measure* is a plain function of a scene that gets finished numbers from core. Its decorator says
how long a value is kept: as long as the scene, or with the lane at that moment, for all scenes of
the snapshot. Arguments, if there are any, select one of several values::

    @measure_of_lane
    def gram_blocks(scene: Scene, block: int) -> FloatArray:
        return strongest_of_gram(scene.of(single_responses), block)

    scene.of(gram_blocks, 4)
"""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Generic, TypeVar, TypeVarTuple

from superpos_core.arrays import FloatArray
from superpos_core.experiments import Experiment, remarked
from superpos_core.record.lane_group import LaneGroup
from superpos_core.record.lanes import Cohort, LanesRecord
from superpos_core.record.snapshot import Snapshot
from superpos_core.record.timeline import Moment
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.lanes import Lane, Setting
from superpos_core.task.models import Model, model_named
from superpos_core.task.parameters import Parameters
from superpos_tui.selection import Focus, Options

LANES_KNOWN = 64
"""Maximum number of lanes and moments whose measures a snapshot keeps: the most recent ones."""

SPARSITY, TRAINING = "sparsities", "steps"
DATA = frozenset({SPARSITY, "importance", "distribution"})
"""What ``Scene.unknown`` may name: how the data were, and all that happened in training."""

Value = TypeVar("Value", covariant=True)
Arguments = TypeVarTuple("Arguments")
Known = dict[Hashable, Any]


@dataclass(frozen=True, eq=False)
class Measure(Generic[Value, *Arguments]):
    """A function of a scene, and where its values are kept; made by the decorators below.

    ``compute`` is called with the scene and hashable arguments, in the thread of the first request:
    for a large run that is the drawing room.
    """

    compute: Callable[["Scene", *Arguments], Value]
    known_to: Callable[["Scene"], Known]


def measure_of_lane(compute: Callable[["Scene", *Arguments], Value]) -> Measure[Value, *Arguments]:
    """Measure a lane at a moment: kept with the snapshot, so that switching back to it is free.

    It may depend on the config, on the lane in focus, and on the current step and its weights; on
    nothing else in the focus, and on no option.
    """
    return Measure(compute, lambda scene: scene.known_of_lane)


def measure_of_scene(compute: Callable[["Scene", *Arguments], Value]) -> Measure[Value, *Arguments]:
    """Measure anything in a scene, including options: kept only as long as this scene."""
    return Measure(compute, lambda scene: scene.known_of_scene)


class Scene:
    """A snapshot seen through a focus, whose model must be one that trains."""

    def __init__(
        self,
        snapshot: Snapshot,
        focus: Focus,
        options: Options,
        experiment: Experiment | None = None,
    ) -> None:
        self.snapshot = snapshot
        self.focus = focus
        self.options = options
        self.experiment = experiment

    def of(self, measure: Measure[Value, *Arguments], *arguments: *Arguments) -> Value:
        """The value of a measure: computed on first use, in any thread, then kept."""
        known, key = measure.known_to(self), (measure, *arguments)
        if key not in known:
            known[key] = measure.compute(self, *arguments)
        value: Value = known[key]
        return value

    @cached_property
    def known_of_scene(self) -> Known:
        """The measured values of this scene alone."""
        return {}

    @cached_property
    def known_of_lane(self) -> Known:
        """The measured values of this lane at this moment, shared by all scenes of it."""
        lanes, lane = self.snapshot.record.measured, (self.focus.model, self.lane_index, self.step)
        known = lanes.pop(lane, {})
        for oldest in list(lanes)[: 1 - LANES_KNOWN]:
            lanes.pop(oldest, None)
        lanes[lane] = known
        return known

    @property
    def config(self) -> ExperimentConfig:
        """The config of the run."""
        return self.snapshot.config

    @property
    def unknown(self) -> frozenset[str]:
        """The fields of the config that nobody has told, such as those of the data."""
        return self.snapshot.record.unknown

    @property
    def knows_data(self) -> bool:
        """Whether it is known on which data the model has been trained."""
        return not self.unknown & DATA

    @property
    def knows_training(self) -> bool:
        """Whether the current step and the losses are known."""
        return TRAINING not in self.unknown

    @property
    def lanes(self) -> LanesRecord:
        """All lanes; raises ``TypeError`` if the record is of another kind."""
        return self.snapshot.record_as(LanesRecord)

    @property
    def lanes_shown(self) -> LanesRecord:
        """All lanes at the current step, for a figure; raises as ``lanes`` does."""
        step = self.focus.step
        return remarked(self.lanes if step is None else self.lanes.at_step(step), self.experiment)

    @property
    def has_data(self) -> bool:
        """Whether there is something to show: a model that has just joined has nothing yet."""
        steps = self.snapshot.record.steps
        return not steps or self.focus.model in steps

    @property
    def has_group(self) -> bool:
        """Whether the scene shows a lane of models or dictionaries: a phase map has none."""
        return self.focus.model in self.snapshot.record.steps

    @property
    def has_lane(self) -> bool:
        """Whether the scene shows a lane of models."""
        return isinstance(self.snapshot.record, LanesRecord) and self.has_group

    @property
    def model(self) -> Model:
        """The model in focus."""
        return model_named(self.focus.model)

    @property
    def cohort(self) -> Cohort:
        """The current lanes of the model in focus; raises as ``lanes`` does."""
        return self.lanes.cohorts[self.focus.model]

    @property
    def group(self) -> LaneGroup:
        """The current lanes of the model, or of the kind of dictionary, in focus."""
        return self.snapshot.record.groups[self.focus.model]

    @property
    def is_trained(self) -> bool:
        """Whether the current lanes have taken all steps."""
        return self.group.step >= self.config.steps

    @property
    def setting(self) -> Setting:
        """The setting in focus."""
        return self.config.settings[self.focus.setting]

    @property
    def hidden(self) -> int:
        """m of the setting in focus."""
        return self.config.hidden_of(self.setting)

    @cached_property
    def lane_index(self) -> int:
        """The index of the lane in focus among its model's."""
        return self.ranked(self.focus.setting)[self.focus.rank]

    def lane_at_setting(self, setting: int) -> int:
        """The index of a setting's lane: the one in focus, or the best by loss."""
        return self.lane_index if setting == self.focus.setting else self.ranked(setting)[0]

    def ranked(self, setting: int) -> list[int]:
        """The indices of a setting's restarts, best first, in an order that is steady in training.

        Once all steps are taken it is that of the figures and of ``rank`` in ``summary.json``.
        """
        group = self.group
        return group.ranked(setting) if self.is_trained else group.steadily_ranked(setting)

    @property
    def lane(self) -> Lane:
        """The lane in focus."""
        return self.group.lanes[self.lane_index]

    @cached_property
    def importance(self) -> FloatArray:
        """I_i in the lane in focus, shape (n,)."""
        return self.config.importance_of(self.lane)

    @cached_property
    def moment(self) -> Moment:
        """The current step, with the weights of all lanes of the model in focus."""
        now = Moment(self.group.step, self.group.parameters)
        if self.focus.step is None or not self.group.timeline.moments:
            return now
        return self.group.timeline.nearest(self.focus.step)

    @property
    def step(self) -> int:
        """The current step."""
        return self.moment.step

    @property
    def snapshot_shown(self) -> Snapshot:
        """The snapshot at the current step."""
        step = self.focus.step
        return self.snapshot if step is None else self.snapshot.at_step(step)

    @cached_property
    def parameters(self) -> Parameters:
        """The weights of the lane in focus at the current step."""
        return self.moment.parameters.take(self.lane_index)

    def at_setting(self, setting: int) -> "Scene":
        """The same model and step at another setting, with its best lane in focus."""
        if setting == self.focus.setting:
            return self
        return self.with_focus(replace(self.focus, setting=setting, rank=0))

    def with_focus(self, focus: Focus) -> "Scene":
        """The same snapshot and options with another focus."""
        return Scene(self.snapshot, focus, self.options, self.experiment)
