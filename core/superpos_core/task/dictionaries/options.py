"""The options of dictionaries."""

from dataclasses import dataclass
from typing import Any

from superpos_core.errors import InvalidValue
from superpos_core.task.dictionaries.directions import DIRECTIONS, OF_MODEL
from superpos_core.task.dictionaries.kinds import KINDS
from superpos_core.task.options import DialSpec, Options, option
from superpos_core.task.values import Count, Name, Names, Number, WholeNumber

DICTIONARIES = "dictionaries"
"""The kind of job that trains dictionaries."""
FREE, TIED = "free", "tied"
ENCODERS = {FREE: "a matrix of its own", TIED: "the decoder's transpose"}
TRAINED, ZERO = "trained", "zero"
BIASES = {TRAINED: "trained", ZERO: "fixed at 0"}
UNIT = "unit"
NORMS = {UNIT: "every row of W_dec has length 1", FREE: "any length"}
RANDOM, INDEPENDENT, TRUTH = "random", "independent", "truth"
STARTS = {
    RANDOM: "random directions, the same in encoder and decoder",
    INDEPENDENT: "random directions, others in the encoder than in the decoder",
    TRUTH: "the true directions",
}
MAX_LATENTS = 16_384


def trains_models_alone(config: Any) -> bool:
    """Whether a config trains no dictionaries: dials of models do nothing to these."""
    return bool(config.kind != DICTIONARIES)


def _fixes_activity(config: Any) -> bool:
    return config.kind == DICTIONARIES and _has_penalty(config, has=False)


def _penalises_activity(config: Any) -> bool:
    return config.kind == DICTIONARIES and _has_penalty(config, has=True)


def _has_penalty(config: Any, *, has: bool) -> bool:
    """Whether any kind that trains has a penalty on active latents, or has none."""
    return any(KINDS[name].has_penalty == has for name in config.dictionaries)


@dataclass(frozen=True, kw_only=True)
class DictionaryOptions(Options):
    """Dictionaries that read hidden vectors h = x·D of the task's rows x.

    Only a config whose kind is ``DICTIONARIES`` uses them. D are the ``directions``: by default
    those of the first of ``models``, which trains for ``model_steps`` steps before the dictionaries
    start; one model for each sparsity and seed. Every dictionary trains at every setting with every
    seed. The objective is ‖h − ĥ‖², summed over dimensions, plus ``latent_penalty`` times what the
    kind penalises; kinds without a penalty have ``active_latents`` k instead, an average that need
    not be whole for the kinds that select from a batch.
    """

    dictionaries: tuple[str, ...] = option(
        ("relu",),
        name="dictionary",
        help=f"Train dictionaries of these kinds, separated by commas: {', '.join(KINDS)}.",
        heading="Dictionary",
        takes=Names(KINDS),
        leads=True,
        kind=DICTIONARIES,
    )
    latents: int = option(
        5,
        help="Number of latents of a dictionary.",
        heading="Dictionary",
        takes=Count(most=MAX_LATENTS),
        leads=True,
    )
    active_latents: float = option(
        1.0,
        help="Latents active per row, for the kinds that fix their number.",
        heading="Dictionary",
        takes=Number(above=0, most=MAX_LATENTS),
        metavar="K",
        dial=DialSpec(
            "active k",
            "latents per row, if fixed",
            (0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0),
            _fixes_activity,
        ),
    )
    latent_penalty: float = option(
        0.1,
        help="Factor λ of the penalty on active latents, for the kinds that have one.",
        heading="Dictionary",
        takes=Number(least=0, most=1000),
        dial=DialSpec(
            "penalty λ",
            "on active latents",
            (0.0, 0.001, 0.003, 0.01, 0.03, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 1.0),
            _penalises_activity,
        ),
    )
    directions: str = option(
        OF_MODEL,
        help=f"The true directions: {', '.join(DIRECTIONS)}.",
        heading="Dictionary",
        takes=Name(DIRECTIONS),
    )
    model_steps: int = option(
        10_000,
        help="Steps that the model trains before its dictionaries.",
        heading="Dictionary",
        takes=WholeNumber(0, 10_000_000),
    )
    encoder: str = option(
        FREE,
        help=f"The encoder: {', '.join(ENCODERS)}.",
        heading="Dictionary",
        takes=Name(ENCODERS),
    )
    decoder_bias: str = option(
        TRAINED,
        help=f"The decoder's bias: {', '.join(BIASES)}.",
        heading="Dictionary",
        takes=Name(BIASES),
    )
    decoder_norm: str = option(
        UNIT,
        help=f"The lengths of the decoder's rows: {', '.join(NORMS)}.",
        heading="Dictionary",
        takes=Name(NORMS),
    )
    dictionary_start: str = option(
        RANDOM,
        help=f"Where dictionaries start: {', '.join(STARTS)}.",
        heading="Dictionary",
        takes=Name(STARTS),
    )
    resample_every: int = option(
        0,
        help="Steps after which silent latents get a new direction; 0 never.",
        heading="Dictionary",
        takes=WholeNumber(0, 10_000_000),
    )

    def check_together(self) -> None:
        super().check_together()
        if self.active_latents > self.latents:
            reason = f"there are {self.latents} latents"
            choices = f"at most {self.latents}"
            raise InvalidValue("active-latents", self.active_latents, reason, choices)
