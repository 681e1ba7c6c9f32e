"""The optimisers, as data: every engine takes the same steps as ``torch.optim`` does.

The rules themselves are the engines': ``engine/torch_engine.py`` takes torch's own, and
``engine/fused/descent.py`` writes them out. A new one is one more entry in ``OPTIMISERS`` and in
both.
"""

from dataclasses import dataclass

from superpos_core.errors import lookup


@dataclass(frozen=True)
class Optimiser:
    """How gradients move weights. ``summary`` also says what weight decay λ does."""

    name: str
    summary: str


OPTIMISERS: dict[str, Optimiser] = {
    optimiser.name: optimiser
    for optimiser in (
        Optimiser(
            "adamw",
            "AdamW with β = 0.9 and 0.999; weight decay shrinks the weights beside the step",
        ),
        Optimiser(
            "sgd",
            "gradient descent with momentum; weight decay is added to the gradient (λ·W)",
        ),
    )
}


def optimiser_named(name: str) -> Optimiser:
    """The optimiser called ``name``; raises ``InvalidValue`` with the known names otherwise."""
    return lookup("optimiser", OPTIMISERS, name)
