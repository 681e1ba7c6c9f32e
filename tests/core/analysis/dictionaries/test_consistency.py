"""Whether two dictionaries have found the same latents."""

import numpy as np
import pytest

from superpos_core.analysis.dictionaries.consistency import consistency_of


def test_another_order_and_other_lengths_change_nothing() -> None:
    random = np.random.default_rng(0)
    decoder = random.standard_normal((6, 4))
    order = random.permutation(6)
    found = consistency_of(decoder, 3 * decoder[order])
    assert found.matching.mcc == pytest.approx(1)
    assert found.shared == 6
    np.testing.assert_array_equal(order[found.matching.latent_of], np.arange(6))


def test_opposite_latents_are_partners_but_not_the_same() -> None:
    found = consistency_of(np.eye(3), -np.eye(3))
    assert found.matching.mcc == 1
    assert found.shared == 0


def test_every_latent_has_one_partner() -> None:
    """Two latents along the first axis cannot both be the same as the other's only one."""
    found = consistency_of(np.eye(3)[[0, 0, 1]], np.eye(3))
    assert found.shared == 2
    assert found.matching.mcc == pytest.approx(2 / 3)


def test_unrelated_dictionaries_share_nothing() -> None:
    random = np.random.default_rng(1)
    first, second = random.standard_normal((2, 30, 100))
    found = consistency_of(first, second)
    assert found.shared == 0
    assert 0.1 < found.matching.mcc < 0.3
