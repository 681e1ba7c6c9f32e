"""What the user looks at: one snapshot, the lane in focus, and the measures that panels draw.

Each measure is computed by core, only when a visible panel asks, and once: what is known of a lane
at a moment is shared by all scenes of the same snapshot, and goes with it.
"""

from collections.abc import Callable, Hashable
from dataclasses import replace
from functools import cached_property
from typing import Any, TypeVar

import numpy as np

from superpos_core.analysis.adversarial import REFERENCE_MODEL, Attack, worst_attack
from superpos_core.analysis.evaluation import linear_optimum_of, loss_over_linear
from superpos_core.analysis.events import Event, events_of_lanes
from superpos_core.analysis.loss_split import LossSplit, split
from superpos_core.analysis.neurons import (
    Neurons,
    aligned,
    has_privileged_basis,
    hidden_directions,
    neuron_weights,
    neurons_of_lane,
)
from superpos_core.analysis.probe import Probe, probe
from superpos_core.arrays import FloatArray, IntArray
from superpos_core.geometry import measures
from superpos_core.geometry.blocks import GramChange, gram_change, strongest_of_gram
from superpos_core.geometry.components import (
    Geometry,
    angle_between,
    geometry_of,
    geometry_shares,
    strongest_interferers,
)
from superpos_core.geometry.feature_vectors import feature_vectors, responses
from superpos_core.geometry.hidden_space import HiddenPicture, hidden_picture
from superpos_core.record.snapshot import Cohort, Mark, Snapshot
from superpos_core.record.timeline import Moment, feature_dimensionality_over
from superpos_core.task.config import ExperimentConfig, Lane, Setting
from superpos_core.task.models import Model, Parameters, model_named
from superpos_tui.large import is_large
from superpos_tui.options import Focus, Options

MOST_DIRECTIONS = 100
"""So many axes of the hidden space are laid along features: no panel has room for more."""
MOST_LANES = 12
"""The log of events follows so many lanes at most."""
LOSS_WINDOW = 100
"""The status shows the mean loss of so many last steps: one step's loss jumps about."""
MOST_GEOMETRIES = 64
"""So many restarts have their geometry named: all of a thousand would take too long."""
LANES_KNOWN = 64
"""Of so many lanes and moments a snapshot's measures are kept: those that were looked at last."""

Value = TypeVar("Value")


class Scene:
    """A snapshot seen through a focus. The model in focus must be one that trains."""

    def __init__(self, snapshot: Snapshot, focus: Focus, options: Options) -> None:
        self.snapshot = snapshot
        self.focus = focus
        self.options = options

    @property
    def is_large(self) -> bool:
        """Whether its panels take longer to draw than a frame."""
        return self.has_lane and is_large(self.config)

    @cached_property
    def _known(self) -> dict[Hashable, Any]:
        """What is known of this lane at this moment, whichever scene has asked for it."""
        lanes = self.snapshot.measured
        known = lanes.pop(self._place, {})
        for oldest in list(lanes)[: 1 - LANES_KNOWN]:
            lanes.pop(oldest, None)
        lanes[self._place] = known
        return known

    @property
    def _place(self) -> Hashable:
        return self.focus.model, self.lane_index, self.step

    def _once(self, name: Hashable, compute: Callable[[], Value]) -> Value:
        """What is known by this name, or else becomes known now."""
        if name not in self._known:
            self._known[name] = compute()
        value: Value = self._known[name]
        return value

    # ── which lane, and when ──────────────────────────────────────────────────────────────────

    @property
    def config(self) -> ExperimentConfig:
        """What is trained."""
        return self.snapshot.config

    @property
    def has_lane(self) -> bool:
        """Whether the model in focus has lanes: while a phase map is trained there are none."""
        return self.focus.model in self.snapshot.cohorts

    @property
    def model(self) -> Model:
        """The model in focus."""
        return model_named(self.focus.model)

    @property
    def cohort(self) -> Cohort:
        """The lanes of the model in focus, as they are now."""
        return self.snapshot.cohorts[self.focus.model]

    @property
    def setting(self) -> Setting:
        """The setting in focus."""
        return self.config.settings[self.focus.setting]

    @cached_property
    def lane_index(self) -> int:
        """The place of the lane in focus among its model's."""
        return self.cohort.lane_at(self.focus.setting, self.focus.rank)

    def lane_at_setting(self, setting: int) -> int:
        """The place of a setting's lane: the one in focus, or the best by loss."""
        return self.lane_index if setting == self.focus.setting else self.cohort.lane_at(setting)

    @property
    def lane(self) -> Lane:
        """The lane in focus."""
        return self.cohort.lanes[self.lane_index]

    @cached_property
    def moment(self) -> Moment:
        """The step that is looked at, with the weights of all lanes of the model in focus."""
        now = Moment(self.cohort.step, self.cohort.parameters)
        if self.focus.step is None or not self.cohort.timeline.moments:
            return now
        return self.cohort.timeline.nearest(self.focus.step)

    @property
    def step(self) -> int:
        """The step that is looked at."""
        return self.moment.step

    @property
    def snapshot_shown(self) -> Snapshot:
        """The snapshot at the step that is looked at."""
        step = self.focus.step
        return self.snapshot if step is None else self.snapshot.at_step(step)

    @property
    def lanes_parameters(self) -> Parameters:
        """The weights of all lanes of the model in focus at the step looked at; lanes lead."""
        return self.moment.parameters

    @cached_property
    def events(self) -> list[Event]:
        """What happened to the lane of each setting; where there are many, to the one in focus."""
        settings = range(len(self.config.settings))
        if len(settings) > MOST_LANES:
            settings = range(self.focus.setting, self.focus.setting + 1)
        return events_of_lanes(self.cohort, map(self.lane_at_setting, settings))

    @property
    def marks(self) -> tuple[Mark, ...]:
        """Where dials were turned."""
        return self.cohort.marks

    @cached_property
    def parameters(self) -> Parameters:
        """The weights of the lane in focus at the step looked at."""
        return self.lanes_parameters.lane(self.lane_index)

    @cached_property
    def reference(self) -> "Scene":
        """What the focus is compared with, as a scene of its own."""
        focus = self.options.reference
        if focus is None or focus.model not in self.snapshot.cohorts:
            focus = self._reference_of_itself()
        return Scene(self.snapshot, focus, self.options)

    def _reference_of_itself(self) -> Focus:
        """The linear model of the same setting, if there is one; if not, another setting."""
        model, setting = self.focus.model, self.focus.setting
        if model != REFERENCE_MODEL and REFERENCE_MODEL in self.config.models:
            return Focus(REFERENCE_MODEL, setting)
        return Focus(model, len(self.config.settings) - 1 if setting == 0 else 0)

    def at_setting(self, setting: int) -> "Scene":
        """The same model and step at another setting, of which the best lane is looked at."""
        if setting == self.focus.setting:
            return self
        return Scene(self.snapshot, replace(self.focus, setting=setting, rank=0), self.options)

    # ── measures of the lane in focus ─────────────────────────────────────────────────────────

    @cached_property
    def importance(self) -> FloatArray:
        """I_i, shape (n,)."""
        return self.config.importance_of(self.lane)

    @property
    def product_name(self) -> str:
        """What the square that ``gram_blocks`` gives is called in the model in focus."""
        return self.model.product

    @property
    def vectors(self) -> FloatArray:
        """The feature vectors, shape (n, m): W, or those of W₁·W₂ where the decoder is free."""
        return self._once("vectors", lambda: feature_vectors(self.model, self.parameters))

    @property
    def vectors_name(self) -> str:
        """What ``vectors`` are called: W, or V where W₁ by itself has no scale of its own."""
        return "W" if self.model.tied else "V"

    def gram_blocks(self, block: int) -> FloatArray:
        """The square, block × block entries joined to the strongest one: (n, n) for 1."""
        return self._once(("gram_blocks", block), lambda: strongest_of_gram(self._pair, block))

    @property
    def _pair(self) -> Parameters:
        """The matrices whose product says what a feature, alone, adds to each output."""
        return self._once("pair", lambda: responses(self.model, self.parameters))

    def gram_entry(self, feature: int, other: int) -> float:
        """What a feature adds to the output of another."""
        return float(self._gram_part(feature, other)[0, 0])

    def strongest_interferers(self, feature: int, count: int) -> list[tuple[int, float]]:
        """The features that disturb the output of one most, with what they add to it."""
        return strongest_interferers(self._gram_part(None, feature)[:, 0], feature, count)

    def _gram_part(self, row: int | None, column: int) -> FloatArray:
        rows = slice(None) if row is None else slice(row, row + 1)
        return measures.gram_part(self._pair, rows, slice(column, column + 1))

    def angle(self, feature: int, other: int) -> float:
        """The angle between two features in degrees; NaN where one is 0 or not finite."""
        return angle_between(self.vectors, feature, other)

    @property
    def feature_norms(self) -> FloatArray:
        """‖W_i‖, shape (n,)."""
        return self._once("norms", lambda: measures.feature_norms(self.vectors))

    @property
    def superposition(self) -> FloatArray:
        """Σ_{j≠i} (Ŵ_i·W_j)², shape (n,)."""
        return self._superposition_and_dimensionality[0]

    @property
    def feature_dimensionality(self) -> FloatArray:
        """D_i, shape (n,)."""
        return self._superposition_and_dimensionality[1]

    @property
    def _superposition_and_dimensionality(self) -> tuple[FloatArray, FloatArray]:
        vectors = self.vectors
        return self._once("shares", lambda: measures.superposition_and_dimensionality(vectors))

    def norm_of(self, feature: int) -> float:
        """‖W_i‖ of one feature."""
        return float(measures.feature_norms(self.vectors[feature]))

    def dimensionality_of(self, feature: int) -> float:
        """D_i of one feature, without a look at that of all others."""
        return measures.dimensionality_of_feature(self.vectors, feature)

    @cached_property
    def dimensionality_over_steps(self) -> tuple[IntArray, FloatArray]:
        """The steps kept, shape (moments,), and D_i of the lane in focus, shape (moments, n)."""
        timeline = self.cohort.timeline
        return timeline.steps, feature_dimensionality_over(timeline, self.model, self.lane_index)

    @property
    def represented(self) -> int:
        """How many features the lane in focus represents."""
        vectors = self.vectors
        return self._once("represented", lambda: int(measures.represented(vectors)))

    @property
    def dimensions_per_feature(self) -> float:
        """D* of the lane in focus."""
        vectors = self.vectors
        return self._once("D*", lambda: float(measures.dimensions_per_feature(vectors)))

    @property
    def sum_dimensionality(self) -> float:
        """ΣD_i of the lane in focus; see ``largest_sum_of_dimensionality``."""
        return float(self.feature_dimensionality.sum())

    @property
    def largest_sum_of_dimensionality(self) -> int:
        """ΣD_i is at most the rank of W: no more than n features, nor than m dimensions."""
        return min(self.config.features, self.config.hidden)

    @cached_property
    def neurons(self) -> Neurons:
        """The hidden units: neurons, sorted, where they are; else directions as they stand."""
        if has_privileged_basis(self.model):
            return neurons_of_lane(self.config, self.lane, self.parameters)
        return hidden_directions(neuron_weights(self.parameters))

    @cached_property
    def aligned_directions(self) -> Neurons:
        """The first directions of the hidden space after it was turned along features."""
        directions = min(self.config.hidden, MOST_DIRECTIONS)
        turned = aligned(self.vectors, self.importance, directions)
        return hidden_directions(turned.T)

    @property
    def hidden_picture(self) -> HiddenPicture:
        """The features as points of a picture of the hidden space."""
        return self._once("picture", lambda: hidden_picture(self.vectors))

    @property
    def geometry(self) -> Geometry:
        """The shapes that the features form."""
        return self._once("geometry", lambda: geometry_of(self.vectors))

    @property
    def geometry_shares(self) -> list[tuple[str, int]]:
        """How many restarts of the setting in focus have each geometry; most frequent first.

        Of many restarts only the best by loss, ``MOST_GEOMETRIES`` of them, are looked at.
        """
        lanes = self.cohort.ranked(self.focus.setting)[:MOST_GEOMETRIES]
        of_lanes = [self.lanes_parameters.lane(lane) for lane in lanes]
        return self._once(
            "geometries",
            lambda: geometry_shares(feature_vectors(self.model, each) for each in of_lanes),
        )

    @property
    def loss_split(self) -> LossSplit:
        """What each feature, active alone, costs: by itself, and by driving others."""
        return self._once("split", lambda: split(self.model, self.parameters, self.importance))

    @cached_property
    def loss(self) -> float:
        """The mean training loss of the last steps of the lane in focus; NaN before the first."""
        return self.recent_loss(self.lane_index)

    @cached_property
    def loss_over_linear(self) -> float:
        """L / L_linear from the training loss; NaN where a linear model could be perfect."""
        return self.recent_loss_over_linear(self.lane_index)

    @cached_property
    def linear_optimum(self) -> float:
        """L_linear on the data of the lane in focus, in total; 0 where it could be perfect."""
        return linear_optimum_of(self.config, self.lane)

    def recent_loss(self, lane_index: int) -> float:
        """The mean training loss of any lane over the last steps before the one looked at.

        NaN before the first step.
        """
        if self.focus.step is None:
            recent = self.cohort.recent_losses.mean[lane_index, -LOSS_WINDOW:]
            return float(recent.mean()) if recent.size else float("nan")
        if self.step == 0 or not self.cohort.losses.steps.size:
            return float("nan")
        losses = self.cohort.losses
        first, last = np.searchsorted(losses.steps, [self.step - LOSS_WINDOW + 1, self.step])
        # The newest steps may not have a point of the decimated curve yet: then the one before.
        around = losses.mean[lane_index, min(first, losses.steps.size - 1) : last + 1]
        return float(around.mean())

    def recent_loss_over_linear(self, lane_index: int) -> float:
        """L / L_linear of any lane, from its training loss."""
        total = self.recent_loss(lane_index) * self.config.features
        return loss_over_linear(self.config, self.cohort.lanes[lane_index], total)

    @property
    def diverged(self) -> bool:
        """Whether a weight of the lane in focus is no longer finite."""
        encoder, decoder = self.parameters.encoder, self.parameters.decoder
        return self._once(
            "diverged", lambda: not bool(np.isfinite(encoder).all() and np.isfinite(decoder).all())
        )

    # ── compared with the reference ───────────────────────────────────────────────────────────

    def gram_change(self, block: int) -> GramChange:
        """How far the square in focus is from the reference's, in blocks as ``gram_blocks``."""
        reference = self.reference
        return self._once(
            ("gram_change", reference._place, block),
            lambda: gram_change(reference._pair, self._pair, block),
        )

    # ── the input made by hand ────────────────────────────────────────────────────────────────

    @cached_property
    def probe_input(self) -> FloatArray:
        """x, shape (n,): what ``options.shown_probe`` says."""
        x = np.zeros(self.config.features)
        for feature, value in self.options.shown_probe.values:
            if feature < x.size:
                x[feature] = value
        return x

    @cached_property
    def probed(self) -> Probe:
        """That input followed through the lane in focus."""
        return probe(self.model, self.parameters, self.probe_input, self.importance)

    @cached_property
    def drive(self) -> FloatArray:
        """h·W₂, shape (n,): what that input adds to each pre-activation, which starts from b."""
        with np.errstate(all="ignore"):
            drive: FloatArray = self.probed.pre_activation - self.parameters.bias
        return drive

    @cached_property
    def attack(self) -> Attack | None:
        """What harms that input most, of the size that was asked for; ``None`` for size 0."""
        size = self.options.probe.attack
        if size == 0:
            return None
        return worst_attack(self.model, self.parameters, self.probe_input, self.importance, size)

    @cached_property
    def attacked(self) -> Probe | None:
        """The harmed input followed through the lane in focus."""
        if self.attack is None:
            return None
        with np.errstate(all="ignore"):
            harmed = self.probe_input + self.attack.perturbation
        return probe(self.model, self.parameters, harmed, self.importance)
