"""What weight decay does: which parameters it applies to, and what a negative one means."""

from dataclasses import dataclass

ALL, WEIGHTS = "all", "weights"
DECAYED = {
    ALL: "all parameters",
    WEIGHTS: "the weight matrices, not b",
}
"""What ``decay_of`` can be."""


@dataclass(frozen=True)
class Decay:
    """The weight decay γ of a step with rate η, by what it applies to; one of the two is 0.

    A positive γ is that of the optimiser: decoupled with adamw, in the gradient with sgd. A
    negative γ is row-norm decay (Liu, Liu and Gore 2025, "Superposition yields robust neural
    scaling"), decoupled with every optimiser: before the optimiser's own step, each row of a weight
    matrix moves towards length 1::

        W_i ← W_i − η·γ·W_i·(1/‖W_i‖ − 1)

    so that 1 − ‖W_i‖ shrinks by the factor 1 − η·|γ|. Rows belong to features: W_i is a row of the
    encoder, shape (n, m), and likewise a column of a free decoder, shape (m, n). A row of zeros has
    no direction and stays. b does not decay.
    """

    of_all: float
    of_weights: float

    @classmethod
    def of(cls, weight_decay: float, applies_to: str) -> "Decay":
        """Of the options ``weight_decay`` and ``decay_of``."""
        if weight_decay >= 0 and applies_to == ALL:
            return cls(weight_decay, 0.0)
        return cls(0.0, weight_decay)

    @property
    def towards_one(self) -> float:
        """The strength \\|γ\\| of row-norm decay; 0 if there is none."""
        return max(-self.of_weights, 0.0)
