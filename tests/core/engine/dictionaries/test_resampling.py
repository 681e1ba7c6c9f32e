"""Silent latents start again if resampling is on, and only then."""

import numpy as np
import pytest
from tests.core.engine.dictionaries.examples import ENGINES, dictionaries, reading

KINDS = ("relu", "jump-relu", "gated")
SILENT = 2


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("every", [0, 4])
def test_a_silent_latent_is_revived_by_resampling_alone(engine: str, kind: str, every: int) -> None:
    config = dictionaries(dictionaries=(kind,), resample_every=every, sparsities=(0.7,))
    made = reading(engine, config)
    start = made.parameters(kind)
    bias = "gate_bias" if kind == "gated" else "encoder_bias"
    start.arrays[bias][:, SILENT] = -100
    made.start_from(kind, start)
    made.advance({kind: 4})
    before = made.parameters(kind).arrays
    is_silent = made.state()[f"{kind}/activity"][0] == 0
    assert is_silent[SILENT]
    assert before[bias][0, SILENT] == -100  # replaced before a step, not after one
    made.advance({kind: 1})
    after = made.parameters(kind).arrays
    if every == 0:
        for name, at in (("encoder", (0, slice(None), SILENT)), ("decoder", (0, SILENT))):
            np.testing.assert_array_equal(after[name][at], before[name][at])
        assert after[bias][0, SILENT] == -100
    else:
        assert abs(after[bias][0, SILENT]) < 0.01
        alive = np.linalg.norm(before["encoder"][0], axis=0)[~is_silent].mean()
        length = np.linalg.norm(after["encoder"][0, :, SILENT])
        assert length == pytest.approx(0.2 * alive, rel=0.05)
        assert np.linalg.norm(after["decoder"][0, SILENT]) == pytest.approx(1, abs=1e-6)
    made.close()


@pytest.mark.parametrize("engine", ENGINES)
def test_dictionaries_that_diverged_are_left_alone(engine: str) -> None:
    config = dictionaries(dictionaries=("relu", "batch-topk"), resample_every=2)
    made = reading(engine, config)
    for kind in config.dictionaries:
        start = made.parameters(kind)
        start.bias[:] = np.nan
        made.start_from(kind, start)
    losses = made.advance(dict.fromkeys(config.dictionaries, 3))
    assert all(np.isnan(values).all() for values in losses.values())
    made.close()


@pytest.mark.parametrize("engine", ENGINES)
def test_live_latents_and_their_moments_are_left_alone(engine: str) -> None:
    config = dictionaries(dictionaries=("relu",), sparsities=(0.7,), decoder_norm="free")
    states = []
    for every in (0, 4):
        made = reading(engine, dictionaries(
            dictionaries=("relu",), sparsities=(0.7,), resample_every=every, steps=config.steps
        ))  # fmt: skip
        made.advance({"relu": 4})
        live = made.state()["relu/activity"] > 0
        losses = made.advance({"relu": 1})["relu"]
        states.append((live, losses, made.parameters("relu").arrays))
        made.close()
    assert states[0][0].all(), "every latent is active in this example"
    np.testing.assert_array_equal(states[0][1], states[1][1])
    for name, array in states[0][2].items():
        np.testing.assert_array_equal(array, states[1][2][name])
