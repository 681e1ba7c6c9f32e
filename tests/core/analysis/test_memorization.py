"""Hidden vectors and losses on a dataset, compared with a row-by-row computation."""

from dataclasses import replace

import numpy as np
import pytest

from superpos_core.analysis.memorization import hidden_rows, losses_on_fresh_rows, training_loss
from superpos_core.errors import InvalidValue
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.dataset import dataset
from superpos_core.task.initialization import stacked_initial_parameters
from superpos_core.task.models import MODELS, reconstruct, target_of

CONFIG = ExperimentConfig(
    "memorization",
    features=7,
    hidden=2,
    models=("tied", "mlp"),
    sparsities=(0.5,),
    importance=0.9,
    dataset_size=9,
)


@pytest.mark.parametrize("model", ["tied", "mlp"])
def test_losses_and_hidden_vectors_match_a_row_by_row_computation(model: str) -> None:
    (lane,) = CONFIG.lanes_of(model)
    parameters = stacked_initial_parameters(CONFIG, (lane,)).take(0)
    rows = dataset(CONFIG, lane)
    hidden, losses = [], []
    for row in rows:
        one = reconstruct(MODELS[model], parameters, row[None])
        hidden.append(one.hidden[0])
        error = one.output[0] - target_of(MODELS[model], row)
        losses.append(sum(CONFIG.feature_importance * error**2))
    np.testing.assert_allclose(hidden_rows(CONFIG, lane, parameters), hidden, rtol=1e-5)
    assert training_loss(CONFIG, lane, parameters) == pytest.approx(np.mean(losses), rel=1e-5)


def test_a_model_that_outputs_zero_loses_everything() -> None:
    """Σ_i I_i·E[x_i²] = Σ_i I_i·(1 − S)/3, up to the noise of the sample."""
    lanes = replace(CONFIG, restarts=3).lanes_of("tied")
    parameters = stacked_initial_parameters(CONFIG, lanes)
    nothing = parameters.with_arrays(encoder=0 * parameters.encoder, bias=0 * parameters.bias)
    losses = losses_on_fresh_rows(CONFIG, lanes, nothing, 40_000)
    expected = np.sum(CONFIG.feature_importance) * 0.5 / 3
    np.testing.assert_allclose(losses, [expected] * 3, rtol=0.02)
    assert len(set(losses.tolist())) == 1  # all lanes see the same rows


def test_fresh_rows_differ_from_the_dataset() -> None:
    (lane,) = CONFIG.lanes_of("tied")
    parameters = stacked_initial_parameters(CONFIG, (lane,))
    (fresh,) = losses_on_fresh_rows(CONFIG, (lane,), parameters, CONFIG.dataset_size)
    assert fresh != training_loss(CONFIG, lane, parameters.take(0))


def test_fresh_data_have_no_training_rows() -> None:
    endless = replace(CONFIG, dataset_size=0)
    (lane,) = endless.lanes_of("tied")
    parameters = stacked_initial_parameters(endless, (lane,)).take(0)
    for of_rows in (training_loss, hidden_rows):
        with pytest.raises(InvalidValue, match="dataset-size"):
            of_rows(endless, lane, parameters)
