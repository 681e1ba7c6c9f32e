"""The same weights and data give the same numbers as in SAELens.

What SAELens 6.54 found is kept here, so that the comparison needs no SAELens, which brings 700 MB.
Where it is installed, it computes everything again.
"""

import warnings
from functools import lru_cache
from typing import Any

import numpy as np
import pytest
import torch

from superpos_core.analysis.dictionaries.rows import TrueRows
from superpos_core.analysis.dictionaries.score import evaluate_dictionary
from superpos_core.arrays import FloatArray
from superpos_core.task.dictionaries.forward import decode, encode
from superpos_core.task.dictionaries.kinds import KINDS, DictionaryKind
from superpos_core.task.parameters import Parameters

ROWS, FEATURES, HIDDEN, LATENTS, ACTIVE = 300, 8, 5, 12, 2
MEASURES = (
    "l0", "dead", "shrinkage", "explained_variance", "mcc", "uniqueness",
    "precision", "recall", "f1", "accuracy",
)  # fmt: skip
OF_JUMP_RELU = (
    1.866667, 1, 3.245222, -1.617146, 0.9664586, 0.6666667,
    0.6854938, 0.4365799, 0.4073256, 0.8275001,
)  # fmt: skip
OF_SAELENS: dict[str, tuple[float, ...]] = {
    "relu": (
        3.49, 1, 3.644107, -2.133615, 0.9664586, 0.6666667,
        0.5056583, 0.6181995, 0.4302904, 0.741111,
    ),
    "topk": (
        1.99, 4, 3.303869, -0.7280341, 0.9664586, 0.6666667,
        0.4030081, 0.3807453, 0.3297147, 0.7994444,
    ),
    "batch-topk": OF_JUMP_RELU,
    "jump-relu": OF_JUMP_RELU,
    "matryoshka": OF_JUMP_RELU,
    "gated": (
        2.306667, 1, 1.607373, 0.08059785, 0.9664586, 0.6666667,
        0.5166427, 0.5758431, 0.4723233, 0.8325,
    ),
}  # fmt: skip
ARCHITECTURES = {
    "relu": "Standard",
    "topk": "TopK",
    "batch-topk": "JumpReLU",  # what they are saved as
    "jump-relu": "JumpReLU",
    "matryoshka": "JumpReLU",
    "gated": "Gated",
}


def case(kind: DictionaryKind) -> tuple[Parameters, FloatArray, TrueRows]:
    """A dictionary near the truth, its directions, and rows."""
    random = np.random.default_rng(11)

    def drawn(*shape: int) -> FloatArray:
        return (2 * random.random(shape) - 1).astype(np.float32)

    directions = drawn(FEATURES, HIDDEN)
    x = np.maximum(drawn(ROWS, FEATURES) - np.float32(0.7), 0)
    decoder = directions[np.arange(LATENTS) % FEATURES] + 0.3 * drawn(LATENTS, HIDDEN)
    arrays = {
        each.name: 0.1 * drawn(*each.shape(0, HIDDEN, LATENTS)) - np.float32(0.05)
        for each in kind.trained
    }
    arrays |= {"encoder": 0.4 * decoder.T, "decoder": decoder}
    if "threshold" in arrays:
        arrays["threshold"] = np.abs(arrays["threshold"])
    # The last latent is dead.
    arrays["gate_bias" if kind.activation == "gated" else "encoder_bias"][-1] = -9
    return Parameters(**arrays), directions, TrueRows.sampled(x, x @ directions)


def ours(kind: DictionaryKind) -> tuple[float, ...]:
    parameters, directions, rows = case(kind)
    score = evaluate_dictionary(kind, parameters, directions, rows, ACTIVE, 0.0)
    return (
        score.activity.l0,
        float(score.activity.is_dead.sum()),
        score.reconstruction.shrinkage,
        score.reconstruction.explained_variance,
        score.mcc,
        score.uniqueness,
        score.detection.precision,
        score.detection.recall,
        score.detection.f1,
        score.detection.accuracy,
    )


@lru_cache
def saelens() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        package: Any = pytest.importorskip("sae_lens", reason="SAELens is not installed")
        pytest.importorskip("sae_lens.synthetic")
    return package


def sae_of(kind: DictionaryKind, parameters: Parameters) -> Any:
    """The same dictionary in SAELens."""
    name = f"{ARCHITECTURES[kind.name]}SAE"
    of_kind = {"k": ACTIVE} if kind.name == "topk" else {}
    config = getattr(saelens(), f"{name}Config")(d_in=HIDDEN, d_sae=LATENTS, **of_kind)
    sae = getattr(saelens(), name)(config)
    arrays = {each.file_name: parameters.arrays[each.name] for each in kind.trained}
    sae.load_state_dict({name: torch.from_numpy(array) for name, array in arrays.items()})
    return sae


def theirs(kind: DictionaryKind) -> tuple[float, ...]:
    parameters, directions, rows = case(kind)
    synthetic = saelens().synthetic
    features = synthetic.FeatureDictionary(FEATURES, HIDDEN, initializer=None)
    features.feature_vectors.data = torch.from_numpy(directions)

    class Rows:
        @staticmethod
        def sample(count: int) -> Any:
            return torch.from_numpy(rows.x[:count])

    found = synthetic.eval_sae_on_synthetic_data(sae_of(kind, parameters), features, Rows, ROWS)
    of_latents = found.classification
    return (
        found.sae_l0, found.dead_latents, found.shrinkage, found.explained_variance, found.mcc,
        found.uniqueness, of_latents.precision, of_latents.recall, of_latents.f1_score,
        of_latents.accuracy,
    )  # fmt: skip


@pytest.mark.parametrize("name", KINDS)
def test_measures_are_those_that_saelens_found(name: str) -> None:
    found = dict(zip(MEASURES, ours(KINDS[name]), strict=True))
    expected = dict(zip(MEASURES, OF_SAELENS[name], strict=True))
    assert found == pytest.approx(expected, abs=1e-5, rel=0)


@pytest.mark.parametrize("name", KINDS)
def test_saelens_finds_them_again_and_encodes_alike(name: str) -> None:
    kind = KINDS[name]
    assert theirs(kind) == pytest.approx(OF_SAELENS[name], abs=1e-5, rel=0)
    parameters, _, rows = case(kind)
    sae, hidden = sae_of(kind, parameters), torch.from_numpy(rows.hidden)
    with torch.no_grad():
        activations = sae.encode(hidden)
        reconstructed = sae.decode(activations).numpy()
    found = encode(kind, parameters, rows.hidden, ACTIVE)
    np.testing.assert_allclose(found, activations.numpy(), atol=1e-6)
    np.testing.assert_allclose(decode(parameters, found), reconstructed, atol=1e-6)
