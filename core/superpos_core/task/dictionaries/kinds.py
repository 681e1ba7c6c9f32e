"""The registry of kinds of dictionary: what each computes and what keeps its latents sparse.

Every dictionary reads hidden vectors h of d dimensions and has K latents::

    pre = (h − b_dec)·W_enc + b_enc        ĥ = f·W_dec + b_dec

The kinds differ in how f follows from ``pre``. To add a kind, add an entry to ``KINDS`` and its
activation to both engines.
"""

from dataclasses import dataclass
from typing import Literal

from superpos_core.errors import lookup
from superpos_core.task.models import TrainedArray

Activation = Literal["relu", "topk", "batch-topk", "jump-relu", "gated"]

W_ENC = TrainedArray("encoder", "W_enc", "W_enc", ("hidden", "latents"))
B_ENC = TrainedArray("encoder_bias", "b_enc", "b_enc", ("latents",))
W_DEC = TrainedArray("decoder", "W_dec", "W_dec", ("latents", "hidden"))
B_DEC = TrainedArray("bias", "b_dec", "b_dec", ("hidden",))
THRESHOLD = TrainedArray("threshold", "θ", "threshold", ("latents",))
GATE = (
    TrainedArray("gate_bias", "b_gate", "b_gate", ("latents",)),
    TrainedArray("magnitude_bias", "b_mag", "b_mag", ("latents",)),
    TrainedArray("magnitude_scale", "r_mag", "r_mag", ("latents",)),
)
USUAL = (W_ENC, B_ENC, W_DEC, B_DEC)


@dataclass(frozen=True)
class DictionaryKind:
    """One kind of dictionary. In its ``formula`` for f, which readers see, ``encoder`` is ``pre``.

    ``activation`` gives f. A kind with ``has_penalty`` minimises ‖h − ĥ‖² plus λ times a measure of
    activity; the others let a fixed number k of latents be active. ``nested``: the first few
    latents, the first half of them, and so on must reconstruct h as well. ``trained`` are its
    arrays, with the names and axes that SAELens gives them.
    """

    name: str
    formula: str
    summary: str
    activation: Activation
    has_penalty: bool
    nested: bool = False
    trained: tuple[TrainedArray, ...] = USUAL


KINDS: dict[str, DictionaryKind] = {
    kind.name: kind
    for kind in (
        DictionaryKind(
            "relu",
            "ReLU(encoder)",
            "a penalty λ·Σ f_j·‖d_j‖ keeps latents silent (Bricken et al. 2023)",
            "relu",
            has_penalty=True,
        ),
        DictionaryKind(
            "topk",
            "TopK(ReLU(encoder))",
            "the k largest latents of each row are active (Gao et al. 2024)",
            "topk",
            has_penalty=False,
        ),
        DictionaryKind(
            "batch-topk",
            "BatchTopK(ReLU(encoder))",
            "the k·rows largest latents of a batch are active (Bussmann et al. 2024)",
            "batch-topk",
            has_penalty=False,
            trained=(*USUAL, THRESHOLD),
        ),
        DictionaryKind(
            "jump-relu",
            "encoder·[encoder > θ]",
            "learned thresholds θ and a penalty λ·L0 (Rajamanoharan et al. 2024b)",
            "jump-relu",
            has_penalty=True,
            trained=(*USUAL, THRESHOLD),
        ),
        DictionaryKind(
            "matryoshka",
            "BatchTopK(ReLU(encoder))",
            "BatchTopK whose first latents must do alone as well (Bussmann et al. 2025)",
            "batch-topk",
            has_penalty=False,
            nested=True,
            trained=(*USUAL, THRESHOLD),
        ),
        DictionaryKind(
            "gated",
            "[gate > 0]·ReLU(magnitude)",
            "one path says which latents are active, one how much (Rajamanoharan et al. 2024a)",
            "gated",
            has_penalty=True,
            trained=(W_ENC, W_DEC, B_DEC, *GATE),
        ),
    )
}


def kind_named(name: str) -> DictionaryKind:
    """The kind called ``name``; raises ``InvalidValue`` if there is none."""
    return lookup("dictionary", KINDS, name)
