"""The experiments of "Computing in Superposition": models of |x|."""

import numpy as np

from superpos_core.analysis.evaluation import evaluate
from superpos_core.analysis.neurons import Neurons, neurons_of_lane
from superpos_core.experiments.checks.check import Check, Observation
from superpos_core.experiments.checks.lanes import CHECKED_ROWS, Trained, trained_at
from superpos_core.experiments.checks.quantities import Quantity
from superpos_core.experiments.densities import PAPER_DENSITIES, sparsities_of
from superpos_core.experiments.experiment import Experiment
from superpos_core.experiments.quick import Quick
from superpos_core.record.lanes import LanesRecord
from superpos_core.task.config import ExperimentConfig

SECTION = "Computing in Superposition"
MODEL = "absolute"
SMALL_SPARSITY = 0.7


def neurons_of_trained(trained: Trained) -> Neurons:
    """The neurons of a trained lane."""
    return neurons_of_lane(trained.config, trained.lane, trained.parameters)


def monosemantic_share(trained: Trained) -> float:
    """The monosemantic share of the neurons that are not dead; NaN if all are."""
    neurons = neurons_of_trained(trained)
    alive = len(neurons.kinds) - neurons.count("dead")
    return neurons.count("monosemantic") / alive if alive else float("nan")


def features_served_alone(trained: Trained) -> float:
    """The number of features with a monosemantic neuron."""
    return len(_served_with_signs(trained)[0])


def loss_over_monosemantic(trained: Trained) -> float:
    """L relative to the best monosemantic model, where two neurons serve each of m/2 features.

    It ignores the others, at a loss of I_i·V(p) each; V(p) = p/3 − p²/4 is the variance of |x_i|.
    """
    config, p = trained.config, trained.lane.density
    ignored = np.sort(trained.importance)[::-1][config.hidden // 2 :]
    least = float(np.sum(ignored)) * (p / 3 - p**2 / 4)
    total = evaluate(config, trained.lane, trained.parameters, CHECKED_ROWS).loss_total
    return total / least


def one_neuron_for_each_sign(run: LanesRecord) -> Observation:
    """ReLU(x_i) and ReLU(−x_i) for every feature, and nothing else."""
    trained = trained_at(run, MODEL, SMALL_SPARSITY)
    features, signs = _served_with_signs(trained)
    monosemantic = neurons_of_trained(trained).count("monosemantic")
    everything = monosemantic == trained.config.hidden and len(signs) == trained.config.hidden
    text = f"{monosemantic} monosemantic neurons, {len(signs)} signs of {len(features)} features"
    return Observation(text, everything and len(features) == trained.config.features)


def works_at(
    density: float,
    *,
    loss: tuple[float, float],
    served: tuple[int, int],
    share: tuple[float, float],
) -> Check[LanesRecord]:
    """That the loss, the features served alone and the monosemantic share are within bounds.

    All at once, because neurons of any kind also arise by chance: only a low loss shows that the
    model computes with them. ``loss`` bounds ``LOSS_OVER_MONOSEMANTIC``.
    """
    sparsity = round(1 - density, 6)
    expected = {LOSS_OVER_MONOSEMANTIC: loss, SERVED_ALONE: served, MONOSEMANTIC_SHARE: share}

    def observe(run: LanesRecord) -> Observation:
        trained = trained_at(run, MODEL, sparsity)
        seen = {quantity: quantity.of(trained) for quantity in expected}
        text = ", ".join(f"{each.show(value)} {each.name}" for each, value in seen.items())
        passed = all(low <= seen[quantity] <= high for quantity, (low, high) in expected.items())
        return Observation(text, passed)

    text = ", ".join(f"{each.show_range(*bounds)} {each.name}" for each, bounds in expected.items())
    return Check(f"how |x| is computed at S = {sparsity:g}", text, LanesRecord, observe)


def _served_with_signs(trained: Trained) -> tuple[set[int], set[tuple[int, bool]]]:
    """The features, and the (feature, sign) pairs, that have a monosemantic neuron."""
    neurons = neurons_of_trained(trained)
    with_signs = {
        (int(np.argmax(np.abs(weights))), bool(np.max(weights) >= -np.min(weights)))
        for weights, kind in zip(neurons.weights, neurons.kinds, strict=True)
        if kind == "monosemantic"
    }
    return {feature for feature, _ in with_signs}, with_signs


MONOSEMANTIC_SHARE = Quantity("of neurons monosemantic", monosemantic_share)
SERVED_ALONE = Quantity("features with a monosemantic neuron", features_served_alone, digits=0)
LOSS_OVER_MONOSEMANTIC = Quantity(
    "times the loss of the best monosemantic model", loss_over_monosemantic
)

EXPERIMENTS = (
    Experiment(
        title="Absolute values with enough neurons",
        section=SECTION,
        what_to_see=(
            "|x| = ReLU(x) + ReLU(−x). With two hidden units per feature there is one neuron for "
            "each sign of each feature, and the loss vanishes."
        ),
        config=ExperimentConfig(
            name="absolute-value-small",
            features=3,
            hidden=6,
            models=(MODEL,),
            importance=1.0,
            distribution="signed",
            sparsities=(SMALL_SPARSITY,),
            restarts=8,
            initial_scale=0.3,
            warm_up=500,
            steps=5000,
            learning_rate=3e-3,
            learning_rate_schedule="cosine",
        ),
        figures=("neurons", "loss"),
        checks=(
            Check(
                "neurons",
                "one for each sign of each feature",
                LanesRecord,
                one_neuron_for_each_sign,
            ),
        ),
        quick=Quick(steps=2500, restarts=4),
    ),
    Experiment(
        title="Absolute values in superposition",
        section=SECTION,
        what_to_see=(
            "A hundred features and forty hidden units. Without superposition these could serve "
            "20 features, one neuron per sign. On dense data, S = 0 and 0.7, the model learns "
            "just that, or nearly (at 0, 18 to 20 features, and up to 1.8 times the loss). The "
            "sparser the data, the fewer neurons are monosemantic: at 0.99, 0.3 to 0.45 of them; "
            "at 0.997 and 0.999, hardly any. From 0.9 on, the loss is lower than without "
            "superposition: at 0.9 about 0.8 of that, at 0.997 about 0.4 of it. Training starts "
            "with W₂ = |W₁|ᵀ, so that no output is closed."
        ),
        config=ExperimentConfig(
            name="absolute-value",
            features=100,
            hidden=40,
            models=(MODEL,),
            importance=0.8,
            distribution="signed",
            sparsities=sparsities_of(PAPER_DENSITIES),
            restarts=3,
            initial="tied-magnitudes",
            initial_scale=0.5,
            # On dense data, many noisy steps free neurons that serve a feature twice; on sparse
            # data, the long warm-up keeps rare features from closing outputs; with half the rows a
            # step, most restarts at S = 0.999 still lose some.
            batch=256,
            warm_up=14_000,
            steps=32_000,
            learning_rate=5e-3,
            learning_rate_schedule="cosine",
        ),
        first_setting=2,
        figures=("neurons", "motif", "loss"),
        checks=(
            works_at(1, loss=(0.9, 2.5), served=(16, 20), share=(0.85, 1)),
            works_at(0.3, loss=(0.9, 1.3), served=(18, 22), share=(0.95, 1)),
            # 15 features have at most 30 of 40 neurons, and fewer if one of them shares a sign.
            works_at(0.1, loss=(0.5, 0.97), served=(15, 19), share=(0.65, 0.95)),
            works_at(0.03, loss=(0.3, 0.9), served=(10, 17), share=(0.45, 0.8)),
            works_at(0.01, loss=(0.2, 0.9), served=(3, 14), share=(0.15, 0.6)),
            works_at(0.003, loss=(0.2, 0.8), served=(0, 3), share=(0, 0.1)),
            works_at(0.001, loss=(0.2, 0.99), served=(0, 3), share=(0, 0.1)),
        ),
        quick=Quick(restarts=2),
        tour=(
            "Models can compute in superposition: these compute |x| of a hundred features with "
            "forty neurons. Compare the monosemantic neurons of dense data with those of sparse "
            "data, which work together."
        ),
    ),
)
