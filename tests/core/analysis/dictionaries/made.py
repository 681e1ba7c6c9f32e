"""Dictionaries made by hand, and rows of known features for them."""

import numpy as np

from superpos_core.analysis.dictionaries.rows import TrueRows
from superpos_core.analysis.dictionaries.score import DictionaryScore, evaluate_dictionary
from superpos_core.arrays import FloatArray
from superpos_core.task.dictionaries.kinds import KINDS, DictionaryKind
from superpos_core.task.parameters import Parameters

RELU = KINDS["relu"]


def orthonormal(features: int, hidden: int, seed: int = 0) -> FloatArray:
    """Orthonormal directions, (n, d), along axes, so that products with others are exactly 0."""
    return np.random.default_rng(seed).permutation(np.eye(hidden))[:features]


def sparse_rows(directions: FloatArray, rows: int = 400, p: float = 0.3, seed: int = 1) -> TrueRows:
    """Uniform features, each active with probability p."""
    random = np.random.default_rng(seed)
    shape = (rows, len(directions))
    x = random.uniform(0.1, 1, shape) * (random.random(shape) < p)
    return TrueRows.sampled(x, x @ directions)


def dictionary(
    encoder: FloatArray, decoder: FloatArray, kind: DictionaryKind = RELU, **arrays: FloatArray
) -> Parameters:
    """The arrays of a dictionary of any kind, 0 unless given."""
    hidden, latents = encoder.shape
    zeros = {each.name: np.zeros(each.shape(0, hidden, latents)) for each in kind.trained}
    return Parameters(**{**zeros, "encoder": encoder, "decoder": decoder, **arrays})


def of_truth(directions: FloatArray, kind: DictionaryKind = RELU) -> Parameters:
    """The dictionary whose latents are the features, for orthonormal directions."""
    return dictionary(directions.T, directions, kind)


def score(
    parameters: Parameters,
    directions: FloatArray,
    rows: TrueRows,
    kind: DictionaryKind = RELU,
    active_latents: float = 1,
) -> DictionaryScore:
    """Score a dictionary."""
    return evaluate_dictionary(kind, parameters, directions, rows, active_latents, 0.0)
