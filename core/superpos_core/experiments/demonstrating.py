"""The introduction's five features in a plane, and "Demonstrating Superposition"."""

from dataclasses import replace

from superpos_core.experiments.checks.biases import (
    ignored_biases_are_means,
    outputs_stay_as_they_start,
)
from superpos_core.experiments.checks.check import Check, Observation
from superpos_core.experiments.checks.geometry import geometry_at
from superpos_core.experiments.checks.lanes import trained_at
from superpos_core.experiments.checks.quantities import (
    LOSS_OVER_LINEAR,
    REPRESENTED,
    SUM_OF_DIMENSIONALITIES,
    falls_with_sparsity,
    number_at,
    number_everywhere,
)
from superpos_core.experiments.densities import PAPER_DENSITIES, log_spaced, sparsities_of
from superpos_core.experiments.experiment import Experiment
from superpos_core.experiments.quick import Quick
from superpos_core.record.lanes import LanesRecord
from superpos_core.task.config import ExperimentConfig

SECTION = "Demonstrating Superposition"
INTRO_SPARSITIES = sparsities_of(log_spaced(1, 0.05, 10))
WINDMILL_SPARSITY = 0.99
WINDMILL = ExperimentConfig(
    name="windmill-5",
    features=5,
    hidden=2,
    models=("tied",),
    importance=1.0,
    sparsities=(WINDMILL_SPARSITY,),
    restarts=32,
    steps=20_000,
    learning_rate=3e-3,
    learning_rate_schedule="cosine",
)
LINEAR_LOSS = 1.1
"""Maximum L / L_linear of a trained linear model, including the scatter of sparse samples."""
FEATURES_BY_SPARSITY = tuple(
    number_at(REPRESENTED, low, high, sparsity=sparsity, loss_up_to=loss)
    for sparsity, low, high, loss in (
        (0, 5, 5, 1.02),
        (0.7, 6, 10, 1.4),
        (0.9, 8, 11, 0.55),
        (0.99, 9, 14, 0.28),
        (0.999, 11, 17, 0.28),
    )
)
"""How many of twenty features a ReLU model represents in five dimensions.

At S = 0.7 one run in 25 gets stuck with two important features in one pair, and its loss is higher
than a linear model's; untrained weights lose several times as much.
"""


def superposition_takes_both_conditions(run: LanesRecord) -> Observation:
    """More features than dimensions only on sparse data and with a ReLU."""
    lanes = [
        trained_at(run, model, sparsity) for model in ("linear", "tied") for sparsity in (0, 0.99)
    ]
    counts = [int(REPRESENTED.of(trained)) for trained in lanes]
    loss = LOSS_OVER_LINEAR.of(lanes[-1])
    hidden = run.config.hidden
    passed = counts[:3] == [hidden] * 3 and 9 <= counts[3] <= 14 and loss <= 0.28
    return Observation(f"{', '.join(map(str, counts))}, with {loss:.2f}", passed)


EXPERIMENTS = (
    Experiment(
        title="Twenty features in five dimensions, from dense to sparse",
        section=SECTION,
        what_to_see=(
            "Dense data: each of the five most important features gets its own dimension. Sparser: "
            "antipodal pairs appear; on the sparsest data 11 to 17 of the twenty are represented, "
            "in superposition."
        ),
        config=ExperimentConfig(name="twenty"),
        checks=(
            *FEATURES_BY_SPARSITY,
            number_at(LOSS_OVER_LINEAR, 0.98, 1.02, sparsity=0),
            number_at(LOSS_OVER_LINEAR, 0.42, 0.55, sparsity=0.9),
            number_at(LOSS_OVER_LINEAR, 0.14, 0.28, sparsity=0.99),
            falls_with_sparsity(LOSS_OVER_LINEAR, (0.0, 0.9, 0.99), first_up_to=1.02),
            number_everywhere(SUM_OF_DIMENSIONALITIES, 4.85, 5 + 1e-6, loss_up_to=1.4),
        ),
        quick=Quick.cosine(3000),
        first_setting=2,
    ),
    Experiment(
        title="Five features in a plane",
        section="Introduction",
        what_to_see=(
            "Dense data: each of the two most important features gets its own dimension. At "
            "densities from one half to a quarter: four features as two antipodal pairs, with the "
            "least important one ignored. At a tenth and below: all five, as a pentagon. At one "
            "half only one restart in five finds the pairs; every panel shows the best restart."
        ),
        config=ExperimentConfig(
            name="intro",
            features=5,
            hidden=2,
            models=("tied",),
            importance=0.9,
            sparsities=INTRO_SPARSITIES,
            restarts=32,
        ),
        figures=("geometry", "loss"),
        checks=(
            geometry_at("2 dedicated · 3 ignored", sparsity=INTRO_SPARSITIES[0], ignored=(2, 3, 4)),
            geometry_at("2 digons · 1 ignored", sparsity=INTRO_SPARSITIES[2], ignored=(4,)),
            geometry_at("2 digons · 1 ignored", sparsity=INTRO_SPARSITIES[4], ignored=(4,)),
            geometry_at("1 pentagon", sparsity=INTRO_SPARSITIES[7]),
            geometry_at("1 pentagon", sparsity=INTRO_SPARSITIES[9]),
        ),
        quick=Quick.cosine(2000),
        tour=(
            "Five features, two dimensions. Dense data: two features get their own dimensions. "
            "Sparser: four of them, as antipodal pairs, then all five, as a pentagon. Only the "
            "sparsity of the data changes."
        ),
    ),
    Experiment(
        title="Linear and ReLU models, side by side",
        section=SECTION,
        what_to_see=(
            "The linear model represents the five most important features at every sparsity. So "
            "does the ReLU model on dense data; the sparser the data, the more features it "
            "represents, starting with antipodal pairs of the less important ones."
        ),
        config=ExperimentConfig(
            name="demonstration",
            models=("tied", "linear"),
            sparsities=sparsities_of(PAPER_DENSITIES),
        ),
        first_setting=2,
        figures=("demonstration", "loss"),
        checks=(
            number_everywhere(REPRESENTED, 5, 5, model="linear", loss_up_to=LINEAR_LOSS),
            *(
                number_at(LOSS_OVER_LINEAR, 0.99, 1.01, model="linear", sparsity=sparsity)
                for sparsity in (0, 0.7, 0.9)
            ),
            ignored_biases_are_means("linear"),
            *FEATURES_BY_SPARSITY,
            number_at(LOSS_OVER_LINEAR, 0.98, 1.02, sparsity=0),
            falls_with_sparsity(LOSS_OVER_LINEAR, (0.0, 0.9, 0.99), first_up_to=1.02),
            number_everywhere(SUM_OF_DIMENSIONALITIES, 4.85, 5 + 1e-6, loss_up_to=1.4),
        ),
        quick=Quick.cosine(3000),
        tour=(
            "Twenty features, five dimensions. A linear model represents the five most important, "
            "however sparse the data. With a ReLU on the output, more and more fit as the data "
            "get sparser: they rarely interfere."
        ),
    ),
    Experiment(
        title="The same, four times as large",
        section=SECTION,
        what_to_see="Eighty features in twenty dimensions: the same picture at a larger scale.",
        config=ExperimentConfig(
            name="demonstration-large",
            features=80,
            hidden=20,
            models=("tied", "linear"),
            importance=0.9,
            sparsities=sparsities_of(PAPER_DENSITIES),
        ),
        first_setting=2,
        figures=("demonstration", "loss"),
        checks=(
            number_everywhere(REPRESENTED, 20, 20, model="linear", loss_up_to=LINEAR_LOSS),
            number_at(REPRESENTED, 20, 20, sparsity=0, loss_up_to=1.02),
            number_at(REPRESENTED, 31, 40, sparsity=0.9, loss_up_to=0.6),
            falls_with_sparsity(LOSS_OVER_LINEAR, (0.0, 0.9, 0.99), first_up_to=1.02),
        ),
        quick=Quick.cosine(6000, batch=256),
    ),
    Experiment(
        title="Two free matrices: outputs that start closed stay closed",
        section=SECTION,
        what_to_see=(
            "About half of the outputs start with (W₁W₂)_jj below 0: their own feature pushes them "
            "down. On sparse data hardly any other feature opens them, so the ReLU passes no "
            "gradient and they stay closed. In most runs the loss ends above the linear optimum; "
            "the best of eight may end slightly below. Compare open-outputs."
        ),
        config=ExperimentConfig(
            name="closed-outputs", models=("untied",), sparsities=(0.99, 0.999), restarts=8
        ),
        first_setting=1,
        checks=(outputs_stay_as_they_start(0.999),),
        quick=Quick(restarts=4),
    ),
    Experiment(
        title="The same from W₂ = W₁ᵀ: no output starts closed",
        section=SECTION,
        what_to_see=(
            "Two free matrices that start as transposes of each other, so every (W₁W₂)_jj is "
            "positive at step 0. The loss ends at about a tenth of the linear optimum, below the "
            "tied model's. Compare closed-outputs."
        ),
        config=ExperimentConfig(
            name="open-outputs",
            models=("untied",),
            sparsities=(0.99, 0.999),
            restarts=8,
            initial="tied",
        ),
        first_setting=1,
        checks=(
            number_at(LOSS_OVER_LINEAR, 0.05, 0.15, model="untied", sparsity=0.99),
            number_at(LOSS_OVER_LINEAR, 0.03, 0.14, model="untied", sparsity=0.999),
        ),
        quick=Quick(restarts=4),
    ),
    Experiment(
        title="Two conditions: sparse data and a ReLU",
        section=SECTION,
        what_to_see=(
            "Superposition needs both. A linear model represents five of the twenty features, one "
            "per dimension, on dense and on sparse data; so does the ReLU model on dense data. "
            "Only the ReLU model on sparse data represents more than five."
        ),
        config=ExperimentConfig(
            name="two-conditions", models=("linear", "tied"), sparsities=(0.0, 0.99)
        ),
        first_setting=1,
        figures=("demonstration", "loss"),
        checks=(
            Check(
                "features represented: linear dense, linear sparse, ReLU dense, ReLU sparse",
                "5, 5, 5, 9 to 14, the last with at most 0.28 of the linear loss",
                LanesRecord,
                superposition_takes_both_conditions,
            ),
        ),
        quick=Quick.cosine(3000),
    ),
    Experiment(
        title="A windmill of five",
        section="Introduction",
        what_to_see=(
            "Five features in a plane, usually only one active at a time. Without a ReLU, or on "
            "dense data, a plane holds two features; with a ReLU, four, as two antipodal pairs. On "
            "data this sparse, five share it, 72° apart."
        ),
        config=WINDMILL,
        figures=("restarts", "geometry", "loss"),
        checks=(geometry_at("1 pentagon", sparsity=WINDMILL_SPARSITY),),
        quick=Quick(steps=4000, learning_rate=0.005),
    ),
    Experiment(
        title="A windmill of eight",
        section="Introduction",
        what_to_see=(
            "Eight features in a plane, 45° apart. This needs rows scaled to length 1, so that a "
            "feature active alone is always 1. With values between 0 and 1 "
            "(--distribution uniform) some of the eight are ignored."
        ),
        config=replace(WINDMILL, name="windmill-8", features=8, distribution="unit-norm"),
        figures=("restarts", "geometry", "loss"),
        checks=(geometry_at("1 octagon", sparsity=WINDMILL_SPARSITY),),
        quick=Quick(steps=8000, learning_rate=0.005),
    ),
)
