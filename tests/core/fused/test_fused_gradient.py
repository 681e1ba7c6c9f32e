"""The kernel's gradient and optimiser against torch."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from superpos_core.engine.fused.cohort import FusedCohort
from superpos_core.engine.fused.layout import Optimiser
from superpos_core.engine.fused.specialisation import Formula, Sampling

ACTIVATIONS = {"identity": lambda z: z, "relu": torch.relu}


def random_cohort(features, hidden, tied, formula, lanes=1, density=0.3, values="uniform", seed=0):
    random = np.random.default_rng(seed)
    cohort = FusedCohort.new(
        formula=formula,
        tied=tied,
        hidden=hidden,
        probabilities=np.full((lanes, features), density),
        importance=np.tile(0.8 ** np.arange(features), (lanes, 1)),
        seeds=random.integers(0, 2**63, lanes),
        sampling=Sampling(values=values),
    )
    cohort.encoder[:] = random.normal(size=cohort.encoder.shape) * 0.4
    if not tied:
        cohort.decoder[:] = random.normal(size=cohort.decoder.shape) * 0.4
    cohort.bias[:] = random.normal(size=cohort.bias.shape) * 0.2
    return cohort


class Reference:
    """The same model in torch."""

    def __init__(self, cohort, lane=0):
        self.formula, self.tied = cohort.specialisation.formula, cohort.layout.tied
        copy = lambda array: torch.nn.Parameter(torch.tensor(array[lane].copy()))  # noqa: E731
        self.encoder, self.bias = copy(cohort.encoder), copy(cohort.bias)
        self.parameters = [self.encoder, self.bias]
        if not self.tied:
            self.decoder = copy(cohort.decoder)
            self.parameters.append(self.decoder)
        self.importance = torch.tensor(cohort.importance[lane, : cohort.layout.features])

    def loss(self, x):
        x = torch.tensor(x)
        hidden = ACTIVATIONS[self.formula.hidden_activation](x @ self.encoder)
        output = hidden @ (self.encoder.T if self.tied else self.decoder) + self.bias
        output = ACTIVATIONS[self.formula.output_activation](output)
        target = x.abs() if self.formula.target == "absolute" else x
        return (self.importance * (target - output) ** 2).mean()


def relative_error(ours, theirs):
    theirs = theirs.detach().numpy()
    return np.abs(ours - theirs).max() / np.abs(theirs).max()


def formulas():
    return [
        Formula(hidden, output, target)
        for hidden in ("identity", "relu")
        for output in ("identity", "relu")
        for target in ("input", "absolute")
    ]


@pytest.mark.parametrize("tied", [True, False], ids=["tied", "untied"])
@pytest.mark.parametrize("formula", formulas(), ids=str)
def test_gradient_equals_autograd_for_every_formula(formula, tied):
    cohort = random_cohort(20, 5, tied, formula)
    random = np.random.default_rng(1)
    x = random.uniform(-1, 1, (777, 20)) * (random.random((777, 20)) < 0.4)
    assert_same_gradient(cohort, x.astype(np.float32))


@pytest.mark.parametrize("tied", [True, False], ids=["tied", "untied"])
@pytest.mark.parametrize(
    ("features", "hidden", "rows"),
    [
        (2, 1, 32),
        (3, 2, 31),
        (5, 2, 1024),
        (7, 7, 33),
        (6, 2, 500),
        (80, 20, 300),
        (13, 11, 1000),
        (1, 1, 100),
    ],
)
def test_gradient_equals_autograd_for_every_size(features, hidden, rows, tied):
    cohort = random_cohort(features, hidden, tied, Formula())
    random = np.random.default_rng(2)
    x = random.random((rows, features)) * (random.random((rows, features)) < 0.7)
    assert_same_gradient(cohort, x.astype(np.float32))


@pytest.mark.parametrize("tied", [True, False], ids=["tied", "untied"])
def test_sparse_path_has_the_same_gradient(tied):
    cohort = random_cohort(80, 7, tied, Formula())
    random = np.random.default_rng(5)
    x = random.random((500, 80)) * (random.random((500, 80)) < 0.01)
    assert_same_gradient(cohort, x.astype(np.float32), sparse=True)


def assert_same_gradient(cohort, x, sparse=False):
    reference = Reference(cohort)
    expected = reference.loss(x)
    expected.backward()
    loss, gradient = cohort.gradient(0, x, sparse)
    layout = cohort.layout
    assert loss == pytest.approx(expected.item(), rel=1e-5)
    assert relative_error(layout.encoder(gradient), reference.encoder.grad) < 1e-5
    assert relative_error(layout.bias(gradient), reference.bias.grad) < 1e-5
    if not layout.tied:
        assert relative_error(layout.decoder(gradient), reference.decoder.grad) < 1e-5


@pytest.mark.parametrize("tied", [True, False], ids=["tied", "untied"])
@pytest.mark.parametrize("density", [1.0, 0.1, 0.01])
def test_training_equals_torch_step_by_step(tied, density):
    """Same rows, loss, gradient and AdamW: 20 steps leave the same loss and parameters."""
    from superpos_core.engine.fused.workspace import workspace_memory

    cohort = random_cohort(20, 5, tied, Formula(), density=density)
    reference = Reference(cohort)
    optimiser = torch.optim.AdamW(reference.parameters, lr=0.01, weight_decay=0.1)
    rates = 0.01 * np.cos(np.pi / 2 * np.arange(20) / 19)
    for rate in rates:
        state = cohort.states.random.copy()
        x = cohort.batch(0, 512)
        cohort.states.random[:] = state
        losses = np.zeros((1, 1), np.float32)
        settings = Optimiser(np.array([rate]), weight_decay=0.1)
        cohort.train(np.zeros(1, np.int64), 512, settings, losses, workspace_memory(cohort.size))
        optimiser.param_groups[0]["lr"] = rate
        optimiser.zero_grad()
        loss = reference.loss(x)
        loss.backward()
        optimiser.step()
        assert losses[0, 0] == pytest.approx(loss.item(), rel=2e-5)
        assert relative_error(cohort.encoder[0], reference.encoder) < 2e-5
        assert relative_error(cohort.bias[0], reference.bias) < 1e-4
        if not tied:
            assert relative_error(cohort.decoder[0], reference.decoder) < 2e-5
    assert cohort.states.steps[0] == 20


def test_padding_stays_zero():
    from superpos_core.engine.fused.workspace import workspace_memory

    cohort = random_cohort(7, 7, False, Formula())
    assert cohort.layout.padded_features > 7
    used = np.zeros_like(cohort.states.parameters, dtype=bool)
    for view in (cohort.layout.encoder, cohort.layout.decoder, cohort.layout.bias):
        view(used)[:] = True
    settings = Optimiser(np.full(50, 1e-2))
    losses = np.zeros((1, 50), np.float32)
    cohort.train(np.zeros(1, np.int64), 100, settings, losses, workspace_memory(cohort.size))
    assert not cohort.states.parameters[~used].any()


def test_a_diverging_lane_shows_it_and_ends():
    from superpos_core.engine.fused.workspace import workspace_memory

    cohort = random_cohort(20, 5, True, Formula("identity", "relu"), density=0.1)
    cohort.encoder[:] = 1e25
    losses = np.zeros((1, 10), np.float32)
    cohort.train(
        np.zeros(1, np.int64),
        256,
        Optimiser(np.full(10, 1e-3)),
        losses,
        workspace_memory(cohort.size),
    )
    assert not np.isfinite(losses[0, -1])
