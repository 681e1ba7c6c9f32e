"""The kernel's gradient and optimiser against torch."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from numba import njit
from tests.core.task.draws import DRAWN_BY_ENTRY

from superpos_core.engine.fused.activations import activate_output, pull_back_output
from superpos_core.engine.fused.cohort import FusedCohort
from superpos_core.engine.fused.layout import ADAMW, SGD, Optimiser
from superpos_core.engine.fused.pointers import load, pointer_to, store
from superpos_core.engine.fused.simd import broadcast
from superpos_core.engine.fused.specialisation import Formula, Specialisation, Tiles
from superpos_core.engine.fused.workspace import workspace_memory
from superpos_core.task.data import DISTRIBUTIONS, sample
from superpos_core.task.models import MODELS

ACTIVATIONS = {
    "identity": lambda z: z,
    "relu": torch.relu,
    "gelu": lambda z: torch.nn.functional.gelu(z, approximate="tanh"),
    "softplus": torch.nn.functional.softplus,
}


def random_cohort(features, hidden, tied, formula, lanes=1, density=0.3, penalty=0.0, seed=0):
    random = np.random.default_rng(seed)
    cohort = FusedCohort.new(
        formula=formula,
        tied=tied,
        hidden=hidden,
        probabilities=np.full((lanes, features), density),
        importance=np.tile(0.8 ** np.arange(features), (lanes, 1)),
        seeds=random.integers(0, 2**63, lanes),
        hidden_penalty=penalty,
    )
    cohort.parameters.encoder[:] = random.normal(size=cohort.parameters.encoder.shape) * 0.4
    if not tied:
        cohort.parameters.decoder[:] = random.normal(size=cohort.parameters.decoder.shape) * 0.4
    cohort.parameters.bias[:] = random.normal(size=cohort.parameters.bias.shape) * 0.2
    return cohort


class Reference:
    """The same model in torch."""

    def __init__(self, cohort, lane=0):
        self.formula, self.tied = cohort.specialisation.formula, cohort.layout.tied
        copy = lambda array: torch.nn.Parameter(torch.tensor(array[lane].copy()))  # noqa: E731
        self.encoder, self.bias = copy(cohort.parameters.encoder), copy(cohort.parameters.bias)
        self.parameters = [self.encoder, self.bias]
        if not self.tied:
            self.decoder = copy(cohort.parameters.decoder)
            self.parameters.append(self.decoder)
        self.importance = torch.tensor(cohort.importance[lane, : cohort.layout.features])
        self.penalty = cohort.hidden_penalty[lane]

    def losses(self, x):
        """The loss, and what is minimised."""
        x = torch.tensor(x)
        hidden = ACTIVATIONS[self.formula.hidden_activation](x @ self.encoder)
        output = hidden @ (self.encoder.T if self.tied else self.decoder) + self.bias
        output = ACTIVATIONS[self.formula.output_activation](output)
        target = x.abs() if self.formula.target == "absolute" else x
        loss = (self.importance * (target - output) ** 2).mean()
        return loss, loss + self.penalty * hidden.abs().sum(1).mean() / x.shape[1]


def relative_error(ours, theirs):
    theirs = theirs.detach().numpy()
    return np.abs(ours - theirs).max() / np.abs(theirs).max()


def formula_of(model):
    return Formula(model.hidden_activation, model.output_activation, model.target)


@pytest.mark.parametrize("tied", [True, False], ids=["tied", "untied"])
@pytest.mark.parametrize("formula", dict.fromkeys(map(formula_of, MODELS.values())), ids=str)
@pytest.mark.thorough
def test_gradient_equals_autograd_for_every_formula(formula, tied):
    cohort = random_cohort(8, 2, tied, formula)
    random = np.random.default_rng(1)
    x = random.uniform(-1, 1, (777, 8)) * (random.random((777, 8)) < 0.4)
    assert_same_gradient(cohort, x.astype(np.float32))


@pytest.mark.parametrize("tied", [True, False], ids=["tied", "untied"])
@pytest.mark.parametrize(
    ("features", "hidden", "rows"),
    [
        (2, 1, 32),
        (5, 2, 31),
        (5, 2, 1024),
        (7, 7, 33),
        (80, 20, 300),
        (13, 11, 1000),
        (1, 1, 100),
    ],
)
@pytest.mark.thorough
def test_gradient_equals_autograd_for_every_size(features, hidden, rows, tied):
    cohort = random_cohort(features, hidden, tied, Formula())
    random = np.random.default_rng(2)
    x = random.random((rows, features)) * (random.random((rows, features)) < 0.7)
    assert_same_gradient(cohort, x.astype(np.float32))


each_way = pytest.mark.parametrize("sparse", [True, False], ids=["sparse", "dense"])


@each_way
@pytest.mark.parametrize("distribution", map(DISTRIBUTIONS.get, DRAWN_BY_ENTRY), ids=DRAWN_BY_ENTRY)
@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
@pytest.mark.sampled(103)  # tied, sparse; untied, two ReLUs, dense: each is compiled
def test_gradient_equals_autograd_for_every_model_on_every_distribution(
    model, distribution, sparse
):
    cohort = random_cohort(8, 2, model.tied, formula_of(model))
    x = sample(distribution, np.random.default_rng(4), 500, np.full(8, 0.04), set_size=4)
    assert_same_gradient(cohort, x, sparse)


@pytest.mark.parametrize("tied", [True, False], ids=["tied", "untied"])
@pytest.mark.parametrize("hidden", [2, 4, 5, 7])
@pytest.mark.thorough
def test_the_sparse_code_paths_have_the_same_gradient(hidden, tied):
    """Up to five hidden units rows are not laid out; beyond, only active features are looked at."""
    cohort = random_cohort(80, hidden, tied, Formula())
    random = np.random.default_rng(5)
    x = random.random((500, 80)) * (random.random((500, 80)) < 0.01)
    assert_same_gradient(cohort, x.astype(np.float32), sparse=True)


@each_way
@pytest.mark.parametrize("tied", [True, False], ids=["tied", "untied"])
@pytest.mark.parametrize("hidden_activation", ["identity", "relu"])
@pytest.mark.sampled(8)
def test_the_hidden_penalty_changes_the_gradient_but_not_the_loss(hidden_activation, tied, sparse):
    formula = Formula(hidden_activation, "relu")
    cohort = random_cohort(8, 2, tied, formula, penalty=0.7)
    without = random_cohort(8, 2, tied, formula)
    random = np.random.default_rng(6)
    x = (random.random((300, 8)) * (random.random((300, 8)) < 0.2)).astype(np.float32)
    assert_same_gradient(cohort, x, sparse)
    (loss, gradient), (same_loss, other) = cohort.gradient(0, x), without.gradient(0, x)
    assert loss == same_loss
    assert np.abs(gradient - other).max() > 1e-3


def assert_same_gradient(cohort, x, sparse=False):
    reference = Reference(cohort)
    expected, minimised = reference.losses(x)
    minimised.backward()
    loss, gradient = cohort.gradient(0, x, sparse)
    layout = cohort.layout
    assert loss == pytest.approx(expected.item(), rel=1e-5)
    assert relative_error(layout.named(gradient).encoder, reference.encoder.grad) < 1e-5
    assert relative_error(layout.named(gradient).bias, reference.bias.grad) < 1e-5
    if not layout.tied:
        assert relative_error(layout.named(gradient).decoder, reference.decoder.grad) < 1e-5


def torch_optimiser(rule, parameters):
    if rule == SGD:
        return torch.optim.SGD(parameters, lr=0.01, momentum=0.8, weight_decay=0.1)
    return torch.optim.AdamW(parameters, lr=0.01, weight_decay=0.1)


@pytest.mark.parametrize("rule", [ADAMW, SGD], ids=["adamw", "sgd"])
@pytest.mark.parametrize("tied", [True, False], ids=["tied", "untied"])
@pytest.mark.parametrize(
    ("features", "hidden", "density", "output"),
    [
        (20, 5, 1.0, "relu"),
        (20, 5, 0.1, "relu"),
        (20, 5, 0.01, "relu"),
        (10, 2, 0.7, "relu"),
        (3, 2, 0.7, "relu"),
        (10, 2, 0.03, "gelu"),
        (10, 2, 0.03, "softplus"),
    ],
)
@pytest.mark.sampled(15)
def test_training_equals_torch_step_by_step(features, hidden, density, output, tied, rule):
    """Same rows, loss, gradient and optimiser: 20 steps leave the same loss and parameters.

    Where features are rarely active most rows are empty, where only the bias speaks.
    """
    formula = Formula("identity", output)
    cohort = random_cohort(features, hidden, tied, formula, density=density, penalty=0.05)
    reference = Reference(cohort)
    optimiser = torch_optimiser(rule, reference.parameters)
    rates = 0.01 * np.cos(np.pi / 2 * np.arange(20) / 19)
    for rate in rates:
        state = cohort.states.random.copy()
        x = cohort.batch(0, 512)
        cohort.states.random[:] = state
        losses = np.zeros((1, 1), np.float32)
        settings = Optimiser(np.array([rate]), rule, momentum=0.8, weight_decay=0.1)
        cohort.train(np.zeros(1, np.int64), 512, settings, losses, workspace_memory(cohort.size))
        optimiser.param_groups[0]["lr"] = rate
        optimiser.zero_grad()
        loss, minimised = reference.losses(x)
        minimised.backward()
        optimiser.step()
        assert losses[0, 0] == pytest.approx(loss.item(), rel=2e-5)
        assert relative_error(cohort.parameters.encoder[0], reference.encoder) < 2e-5
        assert relative_error(cohort.parameters.bias[0], reference.bias) < 1e-4
        if not tied:
            assert relative_error(cohort.parameters.decoder[0], reference.decoder) < 2e-5
    assert cohort.states.steps[0] == 20


@njit
def _apply(specialisation, z, values, slopes):
    source, into_values, into_slopes = (
        pointer_to(z, 0),
        pointer_to(values, 0),
        pointer_to(slopes, 0),
    )
    for index in range(0, z.size, 16):
        before = load(source, index)
        after = activate_output(specialisation, before)
        slope = pull_back_output(specialisation, before, after, broadcast(np.float32(1)))
        store(into_values, index, after)
        store(into_slopes, index, slope)


@pytest.mark.parametrize("name", ["gelu", "softplus"])
def test_smooth_activations_match_torch_to_the_last_digits(name):
    z = np.linspace(-120, 120, 16 * 4000, dtype=np.float32)
    z[:6] = [0.0, -0.0, 1e-30, 1e30, -1e30, np.nan]
    values, slopes = np.empty_like(z), np.empty_like(z)
    _apply(Specialisation(Formula("identity", name), None, Tiles(1, 1, 1)), z, values, slopes)
    on_torch = torch.tensor(z, dtype=torch.float64, requires_grad=True)
    expected = ACTIVATIONS[name](on_torch)
    expected.sum().backward()
    assert on_torch.grad is not None
    ordinary = np.abs(z) < 1e29
    for ours, theirs in ((values, expected.detach()), (slopes, on_torch.grad)):
        np.testing.assert_allclose(ours[ordinary], theirs.numpy()[ordinary], rtol=4e-6, atol=2e-7)
        assert np.isnan(ours[5])
    assert values[3] == z[3]
    assert abs(values[4]) < 1e-7


def test_padding_stays_zero():
    cohort = random_cohort(19, 9, False, Formula())
    assert cohort.layout.padded_features > 19
    assert cohort.layout.padded_hidden > 9
    used = np.zeros_like(cohort.states.parameters, dtype=bool)
    for view in cohort.layout.named(used).arrays.values():
        view[:] = True
    settings = Optimiser(np.full(50, 1e-2))
    losses = np.zeros((1, 50), np.float32)
    cohort.train(np.zeros(1, np.int64), 100, settings, losses, workspace_memory(cohort.size))
    assert not cohort.states.parameters[~used].any()


def test_a_diverging_lane_has_non_finite_losses_and_finishes():
    cohort = random_cohort(20, 5, True, Formula("identity", "relu"), density=0.1)
    cohort.parameters.encoder[:] = 1e25
    losses = np.zeros((1, 10), np.float32)
    cohort.train(
        np.zeros(1, np.int64),
        256,
        Optimiser(np.full(10, 1e-3)),
        losses,
        workspace_memory(cohort.size),
    )
    assert not np.isfinite(losses[0, -1])
