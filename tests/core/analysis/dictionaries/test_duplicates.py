"""Latents that repeat others."""

import numpy as np
import pytest

from superpos_core.analysis.dictionaries.duplicates import NO_LATENT, duplicate_of

N = NO_LATENT
ALIVE = np.zeros(4, np.bool_)


@pytest.mark.parametrize(
    ("cosines", "dead", "expected"),
    [
        ([[1, 0.99, 0, 0], [0, 0, 1, 0.5]], [], [N, 0, N, N]),  # 1 repeats 0; 3 is along nothing
        ([[0.98, 1, 0.99, 0], [0, 0, 0, 1]], [], [1, N, 1, N]),  # the closest one has the feature
        ([[0.98, 1, 0.99, 0], [0, 0, 0, 1]], [1], [2, N, N, N]),  # what is dead neither has nor is
        ([[1, 0.97, 0, 0], [0, 0, 1, 0.5]], [], [N, N, N, N]),  # not close enough
        ([[1, -1, 0, 0], [-1, 1, 0, 0]], [], [N, N, N, N]),  # opposite features, each with its own
        ([[1, 1, 1, 1]], [], [N, 0, 0, 0]),  # of equal ones the first
        ([[np.nan, 1, 1, 0], [np.nan, 0, 0, 1]], [], [N, N, 1, N]),
    ],
)
def test_of_latents_along_one_feature_all_but_one_are_duplicates(
    cosines: list[list[float]], dead: list[int], expected: list[int]
) -> None:
    is_dead = np.isin(np.arange(4), dead)
    assert duplicate_of(np.array(cosines, dtype=float), is_dead).tolist() == expected


def test_a_perfect_dictionary_has_none_in_any_order() -> None:
    order = np.random.default_rng(0).permutation(4)
    assert duplicate_of(np.eye(4)[order], ALIVE).tolist() == [N] * 4


def test_one_for_all_is_as_many_as_there_are_but_one() -> None:
    """A counterfeit that no count of dead latents tells from a dictionary."""
    found = duplicate_of(np.tile([[1.0], [0.2]], (1, 4)), ALIVE)
    assert (found != N).sum() == 3
