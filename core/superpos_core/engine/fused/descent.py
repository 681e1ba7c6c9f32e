"""One step of an optimiser, with the same order of operations as torch.optim."""

from __future__ import annotations

from math import sqrt

import numpy as np

from superpos_core.engine.fused.compilation import compiled, folded
from superpos_core.engine.fused.layout import ADAMW, Optimiser
from superpos_core.engine.fused.pointers import Pointer, load, store
from superpos_core.engine.fused.simd import VECTOR_WIDTH, broadcast, fused_multiply_add, square_root


@folded
def descend(
    gradient: Pointer,
    parameters: Pointer,
    first_moment: Pointer,
    second_moment: Pointer,
    count: int,
    step: int,
    rate: float,
    optimiser: Optimiser,
) -> None:
    """Take step number `step`, counted from 1, by the optimiser's rule."""
    if optimiser.rule == ADAMW:
        _descend_by_adamw(
            gradient, parameters, first_moment, second_moment, count, step, rate, optimiser
        )
    else:
        _descend_by_sgd(gradient, parameters, first_moment, count, rate, optimiser)


@compiled
def _descend_by_adamw(
    gradient: Pointer,
    parameters: Pointer,
    first_moment: Pointer,
    second_moment: Pointer,
    count: int,
    step: int,
    rate: float,
    optimiser: Optimiser,
) -> None:
    """The order of operations is that of torch.optim.AdamW."""
    kept = broadcast(np.float32(1.0 - rate * optimiser.weight_decay))
    memory_1 = broadcast(np.float32(optimiser.beta_1))
    news_1 = broadcast(np.float32(1.0 - optimiser.beta_1))
    memory_2 = broadcast(np.float32(optimiser.beta_2))
    news_2 = broadcast(np.float32(1.0 - optimiser.beta_2))
    epsilon = broadcast(np.float32(optimiser.epsilon))
    step_size = broadcast(np.float32(-rate / (1.0 - optimiser.beta_1**step)))
    correction = broadcast(np.float32(1.0 / sqrt(1.0 - optimiser.beta_2**step)))
    for index in range(0, count, VECTOR_WIDTH):
        slope = load(gradient, index)
        mean = fused_multiply_add(news_1, slope, memory_1 * load(first_moment, index))
        square = fused_multiply_add(news_2 * slope, slope, memory_2 * load(second_moment, index))
        store(first_moment, index, mean)
        store(second_moment, index, square)
        spread = fused_multiply_add(square_root(square), correction, epsilon)
        moved = fused_multiply_add(step_size, mean / spread, kept * load(parameters, index))
        store(parameters, index, moved)


@compiled
def _descend_by_sgd(
    gradient: Pointer,
    parameters: Pointer,
    momentum: Pointer,
    count: int,
    rate: float,
    optimiser: Optimiser,
) -> None:
    """The order of operations is that of torch.optim.SGD; the gradient includes weight decay."""
    decay = broadcast(np.float32(optimiser.weight_decay))
    memory = broadcast(np.float32(optimiser.momentum))
    step_size = broadcast(np.float32(-rate))
    for index in range(0, count, VECTOR_WIDTH):
        weights = load(parameters, index)
        slope = fused_multiply_add(decay, weights, load(gradient, index))
        velocity = fused_multiply_add(memory, load(momentum, index), slope)
        store(momentum, index, velocity)
        store(parameters, index, fused_multiply_add(step_size, velocity, weights))
