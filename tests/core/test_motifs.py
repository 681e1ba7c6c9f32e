"""The asymmetric superposition motif: the paper's example, and what is nearly one."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from superpos_core.arrays import FloatArray
from superpos_core.models import Parameters
from superpos_core.motifs import asymmetric_motifs

seeds = st.integers(0, 2**32 - 1)
MOTIF = Parameters(
    # Features 0 and 1 on neuron 0, the inhibitory neuron 1, and a bystander.
    encoder=np.array([[2.0, 1.0, 0], [-0.5, 0, 0], [0, 0, 1]]),
    free_decoder=np.array([[0.5, 2.0, 0], [0, -4.0, 0], [0, 0, 1]]),
    bias=np.zeros(3),
)


Places = Mapping[tuple[int, int], float]


def changed(encoder: Places, decoder: Places) -> Parameters:
    """The example with other weights in places."""
    inward, outward = MOTIF.encoder.copy(), MOTIF.decoder.copy()
    for place, value in encoder.items():
        inward[place] = value
    for place, value in decoder.items():
        outward[place] = value
    return replace(MOTIF, encoder=inward, free_decoder=outward)


def test_the_example_of_the_paper_is_found() -> None:
    (motif,) = asymmetric_motifs(MOTIF)
    assert (motif.neuron, motif.disturbing, motif.disturbed, motif.inhibitor) == (0, 0, 1, 1)
    assert motif.disturbance == pytest.approx(4)
    assert motif.asymmetry == pytest.approx(16)
    assert motif.inhibition == pytest.approx(4)


def test_what_lacks_a_part_is_none() -> None:
    assert not asymmetric_motifs(changed({}, {(1, 1): -1.0}))  # inhibits a quarter only
    assert not asymmetric_motifs(changed({}, {(1, 1): 4.0}))  # excites
    assert not asymmetric_motifs(changed({(0, 1): -1.0}, {}))  # opens for the other sign
    assert not asymmetric_motifs(changed({}, {(0, 0): 0.1}))  # does not serve feature 0
    symmetric = changed({(0, 0): 1.0, (1, 0): -1.0}, {(0, 0): 1.0, (0, 1): 1.0})
    assert not asymmetric_motifs(symmetric)


def test_a_dedicated_neuron_for_each_sign_holds_none() -> None:
    signs = np.hstack([np.eye(3), -np.eye(3)])
    assert not asymmetric_motifs(Parameters(signs, np.abs(signs.T), np.zeros(3)))


@given(seed=seeds)
@settings(max_examples=30)
def test_the_scale_of_a_neuron_and_the_order_of_all_change_nothing(seed: int) -> None:
    random = np.random.default_rng(seed)
    scale, features, units = (
        random.uniform(0.2, 5, 3),
        random.permutation(3),
        random.permutation(3),
    )
    moved = Parameters(
        (MOTIF.encoder * scale)[np.ix_(features, units)],
        (MOTIF.decoder / scale[:, None])[np.ix_(units, features)],
        MOTIF.bias,
    )
    (motif,) = asymmetric_motifs(moved)
    found = (units[motif.neuron], features[motif.disturbing], features[motif.disturbed])
    assert tuple(map(int, found)) == (0, 0, 1)
    assert units[motif.inhibitor] == 1
    assert motif.disturbance == pytest.approx(4)


@given(seed=seeds, noise=st.floats(0, 0.02))
@settings(max_examples=30)
def test_a_little_noise_hides_it_not(seed: int, noise: float) -> None:
    random = np.random.default_rng(seed)
    noisy = Parameters(
        MOTIF.encoder + noise * random.standard_normal((3, 3)),
        MOTIF.decoder + noise * random.standard_normal((3, 3)),
        MOTIF.bias,
    )
    strongest = asymmetric_motifs(noisy)[0]
    assert (strongest.neuron, strongest.disturbing, strongest.disturbed) == (0, 0, 1)


@given(seed=seeds)
@settings(max_examples=30)
def test_each_motif_found_in_random_weights_is_one_by_direct_count(seed: int) -> None:
    random = np.random.default_rng(seed)
    weights = Parameters(random.normal(0, 1, (8, 5)), random.normal(0, 1, (5, 8)), np.zeros(8))

    def response(feature: int, sign: float, unit: int) -> FloatArray:
        """What one hidden unit adds to all outputs while ``feature`` is ±1."""
        hidden = max(sign * float(weights.encoder[feature, unit]), 0.0)
        added: FloatArray = hidden * weights.decoder[unit]
        return added

    for motif in asymmetric_motifs(weights):
        sign = np.sign(weights.encoder[motif.disturbing, motif.neuron])
        back = np.sign(weights.encoder[motif.disturbed, motif.neuron])
        disturbing = response(motif.disturbing, sign, motif.neuron)
        disturbed = response(motif.disturbed, back, motif.neuron)
        assert disturbing[motif.disturbing] >= 0.5
        assert disturbed[motif.disturbed] >= 0.5
        assert disturbing[motif.disturbed] == pytest.approx(motif.disturbance)
        assert disturbing[motif.disturbed] >= 4 * disturbed[motif.disturbing] * (1 - 1e-9)
        inhibited = response(motif.disturbing, sign, motif.inhibitor)[motif.disturbed]
        assert -inhibited == pytest.approx(motif.inhibition)
        assert motif.inhibition >= motif.disturbance / 2


@pytest.mark.parametrize("wrong", [np.nan, np.inf, 1e300])
def test_weights_that_are_not_finite_raise_nothing(wrong: float) -> None:
    assert not asymmetric_motifs(changed({(0, 0): wrong}, {(0, 1): wrong}))
