"""The same training in JAX, if it is installed: one jitted step of all lanes, AdamW by hand."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from tests.bench.cases import Case
from tests.bench.contenders import LEARNING_RATE, initial_weights

from superpos_core.task.models import model_named

DECAY_1, DECAY_2, EPSILON, WEIGHT_DECAY = 0.9, 0.999, 1e-8, 0.01


def jitted(case: Case) -> Callable[[int], None]:
    """Takes steps of all models of the case; a call returns when the last is done."""
    stacks = [_Stack(case, model) for model in case.models]

    def advance(steps: int) -> None:
        for stack in stacks:
            for _ in range(steps):
                stack.step()
            stack.wait()

    return advance


class _Stack:
    def __init__(self, case: Case, name: str) -> None:
        lanes, tied = len(case.density), model_named(name).tied
        weights = {"encoder": initial_weights(case, (lanes, case.features, case.hidden))}
        if not tied:
            weights["decoder"] = initial_weights(case, (lanes, case.hidden, case.features))
        weights["bias"] = np.zeros((lanes, 1, case.features), np.float32)
        self._weights: Any = {key: jnp.asarray(value) for key, value in weights.items()}
        zeros = {key: jnp.zeros_like(value) for key, value in self._weights.items()}
        self._moments: Any = (zeros, zeros)
        self._key: Any = jax.random.PRNGKey(0)
        self._count: Any = jnp.zeros(())
        self._step = jax.jit(_step_of(case, tied))

    def step(self) -> None:
        self._weights, self._moments, self._key, self._count = self._step(
            self._weights, self._moments, self._key, self._count
        )

    def wait(self) -> None:
        jax.block_until_ready(self._weights)


def _step_of(case: Case, tied: bool) -> Callable[..., Any]:
    density = jnp.asarray(case.density[:, None, :], jnp.float32)
    importance = jnp.asarray(case.importance[:, None, :], jnp.float32)
    shape = (len(case.density), case.config.batch, case.features)

    def loss(weights: Any, x: Any) -> Any:
        decoder = jnp.swapaxes(weights["encoder"], 1, 2) if tied else weights["decoder"]
        output = jax.nn.relu(x @ weights["encoder"] @ decoder + weights["bias"])
        return (importance * (x - output) ** 2).mean((1, 2)).sum()

    def step(weights: Any, moments: Any, key: Any, count: Any) -> Any:
        key, for_mask, for_value = jax.random.split(key, 3)
        active = jax.random.uniform(for_mask, shape) < density
        x = jax.random.uniform(for_value, shape) * active
        slope = jax.grad(loss)(weights, x)
        count = count + 1
        first = {k: DECAY_1 * m + (1 - DECAY_1) * slope[k] for k, m in moments[0].items()}
        second = {k: DECAY_2 * m + (1 - DECAY_2) * slope[k] ** 2 for k, m in moments[1].items()}
        moved = {}
        for k, weight in weights.items():
            mean = first[k] / (1 - DECAY_1**count)
            spread = jnp.sqrt(second[k] / (1 - DECAY_2**count)) + EPSILON
            kept = weight * (1 - LEARNING_RATE * WEIGHT_DECAY)
            moved[k] = kept - LEARNING_RATE * mean / spread
        return moved, (first, second), key, count

    return step
