"""The recipe: how models are trained."""

from dataclasses import dataclass

from superpos_core.errors import InvalidValue
from superpos_core.task.decay import ALL, DECAYED, Decay
from superpos_core.task.dictionaries.options import trains_models_alone
from superpos_core.task.noise_schedules import (
    CONSTANT,
    NOISE_SCHEDULES,
    NoiseSchedule,
    noise_schedule_named,
)
from superpos_core.task.optimisers import OPTIMISERS
from superpos_core.task.options import DialSpec, Options, option
from superpos_core.task.schedules import SCHEDULES
from superpos_core.task.starts import INDEPENDENT, STARTS
from superpos_core.task.values import Count, Name, Number, WholeNumber

MAX_BATCH = 1 << 20
MAX_STEPS = 10_000_000
PENALTY = Number(least=0, most=1000)
NOISE = Number(least=0, most=1000)


@dataclass(frozen=True, kw_only=True)
class Recipe(Options):
    """The optimiser and its objective. Raises ``InvalidValue`` for an invalid value.

    The learning rate rises from 0 in ``warm_up`` steps before its schedule starts. ``momentum``
    applies to sgd. ``weight_decay`` γ, and to what it applies, is explained in ``Decay``.
    In training only, the decoder reads d·(h + σ·ε) instead of h, after the hidden activation:
    ``hidden_noise`` is σ, of standard normal ε, and ``hidden_dropout`` q, with which d is 0 instead
    of 1/(1 − q), anew for each row and hidden unit. The losses of training steps include both.
    ``hidden_noise_schedule`` multiplies σ by a factor that changes in a run.
    ``hidden_penalty`` λ adds λ·‖h‖₁, averaged over rows, to the total loss (summed
    over features) in the objective, but not to the losses that are shown; restarts are ranked by
    the objective. ``initial`` names the start, and ``initial_scale`` multiplies the standard
    deviation of the initial weights.
    """

    steps: int = option(
        10_000,
        help="Training steps.",
        heading="Training",
        takes=Count(most=MAX_STEPS),
    )
    batch: int = option(
        1024,
        help="Fresh samples per step and lane.",
        heading="Training",
        takes=Count(most=MAX_BATCH),
        dial=DialSpec(
            "batch", "samples per step and lane", tuple(2**power for power in range(5, 15))
        ),
    )
    optimiser: str = option(
        "adamw",
        help=f"Optimiser: {', '.join(OPTIMISERS)}.",
        heading="Training",
        takes=Name(OPTIMISERS),
    )
    momentum: float = option(
        0.9,
        help="The momentum of sgd.",
        heading="Training",
        takes=Number(least=0, below=1, choices="0 <= momentum < 1, such as 0.9"),
    )
    learning_rate: float = option(
        1e-3,
        help="The optimiser's learning rate.",
        heading="Training",
        takes=Number(above=0, most=10),
        dial=DialSpec(
            "learning rate",
            "of the optimiser",
            tuple(float(f"{digit}e{power}") for power in range(-6, 0) for digit in (1, 2, 5)),
        ),
    )
    learning_rate_schedule: str = option(
        "constant",
        help=f"Learning-rate schedule: {', '.join(SCHEDULES)}.",
        heading="Training",
        takes=Name(SCHEDULES),
    )
    warm_up: int = option(
        0,
        help="Steps over which the learning rate rises from 0.",
        heading="Training",
        takes=WholeNumber(),
    )
    weight_decay: float = option(
        0.01,
        help="The optimiser's weight decay; a negative one pulls every ‖W_i‖ towards 1.",
        heading="Training",
        takes=Number(least=-1000, most=1000),
        dial=DialSpec(
            "weight decay",
            "below 0: ‖W_i‖ towards 1",
            (*(-1.0, -0.3, -0.1, -0.03, -0.01), *(0.0, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0)),
            trains_models_alone,
        ),
    )
    decay_of: str = option(
        ALL,
        help=f"What weight decay applies to: {', '.join(DECAYED)}.",
        heading="Training",
        takes=Name(DECAYED),
    )
    hidden_penalty: float = option(
        0.0,
        help="L1 penalty on hidden activations; it removes superposition.",
        heading="Training",
        takes=PENALTY,
    )
    hidden_noise: float = option(
        0.0,
        help="Standard deviation of Gaussian noise added to hidden activations in training.",
        heading="Training",
        takes=NOISE,
        dial=DialSpec(
            "hidden noise",
            "σ on h, in training only",
            (0.0, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0),
            trains_models_alone,
        ),
    )
    hidden_noise_schedule: str = option(
        CONSTANT,
        help=f"How that noise changes in a run: {', '.join(NOISE_SCHEDULES)}.",
        heading="Training",
        takes=Name(NOISE_SCHEDULES),
    )
    hidden_dropout: float = option(
        0.0,
        help="Probability with which training drops a hidden unit (the rest is scaled up).",
        heading="Training",
        takes=Number(least=0, below=1, choices="0 <= dropout < 1, such as 0.2"),
        dial=DialSpec(
            "dropout",
            "of hidden units, in training",
            (0.0, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9),
            trains_models_alone,
        ),
    )
    initial: str = option(
        INDEPENDENT,
        help=f"Initial weights: {', '.join(STARTS)}.",
        heading="Training",
        takes=Name(STARTS),
    )
    initial_scale: float = option(
        1.0,
        help="Scale factor for the initial weights.",
        heading="Training",
        takes=Number(above=0, most=100),
    )

    @property
    def decay(self) -> Decay:
        """The weight decay, by what it applies to."""
        return Decay.of(self.weight_decay, self.decay_of)

    @property
    def noise_schedule(self) -> NoiseSchedule:
        """How the noise on the hidden layer changes in a run."""
        return noise_schedule_named(self.hidden_noise_schedule)

    @property
    def noise_changes(self) -> tuple[int, ...]:
        """The steps at which that noise changes, in ascending order."""
        return self.noise_schedule.changes(self.steps)

    def check_together(self) -> None:
        super().check_together()
        if not 0 <= self.warm_up < self.steps:
            is_negative = self.warm_up < 0
            reason = "out of range" if is_negative else f"the whole run is {self.steps} steps"
            choices = f"a number of steps from 0 to {self.steps - 1}"
            raise InvalidValue("warm-up", self.warm_up, reason, choices)
