"""The registry of optimisers: every engine takes the same steps as ``torch.optim``.

The engines implement them: ``engine/torch`` uses torch's own, and ``engine/fused/descent.py``
spells them out. To add one, add an entry to ``OPTIMISERS`` and to both engines.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Optimiser:
    """An optimiser; ``summary`` also describes its weight decay λ."""

    name: str
    summary: str


OPTIMISERS: dict[str, Optimiser] = {
    optimiser.name: optimiser
    for optimiser in (
        Optimiser(
            "adamw",
            "AdamW with β = 0.9 and 0.999; weight decay is decoupled from the gradient",
        ),
        Optimiser(
            "sgd",
            "gradient descent with momentum; weight decay is added to the gradient (λ·W)",
        ),
    )
}
