"""The asymmetric superposition motif: the paper's example, and near misses."""

from collections.abc import Mapping

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from superpos_core.analysis.motifs import asymmetric_motifs
from superpos_core.arrays import FloatArray
from superpos_core.task.parameters import Parameters

seeds = st.integers(0, 2**32 - 1)
MOTIF = Parameters(
    # Features 0 and 1 on neuron 0, the inhibitory neuron 1, and a bystander.
    encoder=np.array([[2.0, 1.0, 0], [-0.5, 0, 0], [0, 0, 1]]),
    decoder=np.array([[0.5, 2.0, 0], [0, -4.0, 0], [0, 0, 1]]),
    bias=np.zeros(3),
)


Places = Mapping[tuple[int, int], float]


def changed(encoder: Places, decoder: Places) -> Parameters:
    """The example with some weights replaced."""
    inward, outward = MOTIF.encoder.copy(), MOTIF.decoder.copy()
    for place, value in encoder.items():
        inward[place] = value
    for place, value in decoder.items():
        outward[place] = value
    return MOTIF.with_arrays(encoder=inward, decoder=outward)


def test_the_papers_example_is_found() -> None:
    (motif,) = asymmetric_motifs(MOTIF)
    assert (motif.neuron, motif.disturbing, motif.disturbed, motif.inhibitor) == (0, 0, 1, 1)
    assert motif.disturbance == pytest.approx(4)
    assert motif.asymmetry == pytest.approx(16)
    assert motif.inhibition == pytest.approx(4)


def test_an_incomplete_motif_is_not_found() -> None:
    assert not asymmetric_motifs(changed({}, {(1, 1): -1.0}))  # inhibits only a quarter
    assert not asymmetric_motifs(changed({}, {(1, 1): 4.0}))  # excites
    assert not asymmetric_motifs(changed({(0, 1): -1.0}, {}))  # opens for the other sign
    assert not asymmetric_motifs(changed({}, {(0, 0): 0.1}))  # does not serve feature 0
    symmetric = changed({(0, 0): 1.0, (1, 0): -1.0}, {(0, 0): 1.0, (0, 1): 1.0})
    assert not asymmetric_motifs(symmetric)


def test_dedicated_neurons_per_sign_contain_no_motif() -> None:
    signs = np.hstack([np.eye(3), -np.eye(3)])
    assert not asymmetric_motifs(
        Parameters(encoder=signs, decoder=np.abs(signs.T), bias=np.zeros(3))
    )


@given(seed=seeds)
@settings(max_examples=30)
def test_rescaling_and_reordering_neurons_change_nothing(seed: int) -> None:
    random = np.random.default_rng(seed)
    scale, features, units = (
        random.uniform(0.2, 5, 3),
        random.permutation(3),
        random.permutation(3),
    )
    moved = Parameters(
        encoder=(MOTIF.encoder * scale)[np.ix_(features, units)],
        decoder=(MOTIF.decoder / scale[:, None])[np.ix_(units, features)],
        bias=MOTIF.bias,
    )
    (motif,) = asymmetric_motifs(moved)
    found = (units[motif.neuron], features[motif.disturbing], features[motif.disturbed])
    assert tuple(map(int, found)) == (0, 0, 1)
    assert units[motif.inhibitor] == 1
    assert motif.disturbance == pytest.approx(4)


@given(seed=seeds, noise=st.floats(0, 0.02))
@settings(max_examples=30)
def test_a_little_noise_does_not_hide_it(seed: int, noise: float) -> None:
    random = np.random.default_rng(seed)
    noisy = Parameters(
        encoder=MOTIF.encoder + noise * random.standard_normal((3, 3)),
        decoder=MOTIF.decoder + noise * random.standard_normal((3, 3)),
        bias=MOTIF.bias,
    )
    strongest = asymmetric_motifs(noisy).strongest
    assert strongest is not None
    assert (strongest.neuron, strongest.disturbing, strongest.disturbed) == (0, 0, 1)


@given(seed=seeds)
@settings(max_examples=30)
def test_motifs_in_random_weights_match_a_direct_search(seed: int) -> None:
    random = np.random.default_rng(seed)
    weights = Parameters(
        encoder=random.normal(0, 1, (8, 5)), decoder=random.normal(0, 1, (5, 8)), bias=np.zeros(8)
    )

    def response(feature: int, sign: float, unit: int) -> FloatArray:
        """What one hidden unit adds to all outputs while ``feature`` is ±1."""
        hidden = max(sign * float(weights.encoder[feature, unit]), 0.0)
        added: FloatArray = hidden * weights.decoder[unit]
        return added

    found = asymmetric_motifs(weights)
    for motif in found:
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
    strongest = max((motif.disturbance for motif in found), default=None)
    assert (found.strongest.disturbance if found.strongest else None) == strongest

    def is_motif(unit: int, one: int, other: int) -> bool:
        sign, back = np.sign(weights.encoder[[one, other], unit])
        there, here = response(one, sign, unit), response(other, back, unit)
        inhibited = min(response(one, sign, each)[other] for each in range(5))
        serves_both = there[one] >= 0.5 and here[other] >= 0.5
        return bool(
            serves_both and there[other] >= 4 * here[one] and -inhibited >= there[other] / 2
        )

    places = {(motif.neuron, motif.disturbing, motif.disturbed) for motif in found}
    assert places == {at for at in np.ndindex(5, 8, 8) if is_motif(*at)}
    assert len(found) == len(places)


def test_motifs_of_large_models_are_counted_without_creating_them() -> None:
    random = np.random.default_rng(0)
    weights = Parameters(
        encoder=random.normal(size=(200, 60)),
        decoder=random.normal(size=(60, 200)),
        bias=np.zeros(200),
    )
    found = asymmetric_motifs(weights)
    assert len(found) > 9000
    assert [found[0], found[1]] == found[:2]
    with pytest.raises(IndexError):
        found[len(found)]


@pytest.mark.parametrize("wrong", [np.nan, np.inf, 1e300])
def test_non_finite_weights_raise_nothing(wrong: float) -> None:
    assert not asymmetric_motifs(changed({(0, 0): wrong}, {(0, 1): wrong}))
