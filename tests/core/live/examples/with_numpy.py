"""A loop in numpy with its gradients by hand: a linear model, which learns the top features."""

import sys

import numpy as np
from numpy.typing import NDArray

from superpos_core import live

FEATURES, HIDDEN, DENSITY, IMPORTANCE, RATE = 20, 5, 0.1, 0.7, 5.0


def train(folder: str, steps: int = 10_000, batch: int = 256) -> NDArray[np.float64]:
    """Train a model, and log every step; returns W, which has one column per feature here."""
    random = np.random.default_rng(0)
    W = random.normal(scale=FEATURES**-0.5, size=(HIDDEN, FEATURES))
    importance = IMPORTANCE ** np.arange(FEATURES)
    run = live.start(
        folder, features=FEATURES, hidden=HIDDEN, density=DENSITY, importance=importance,
        model="linear", steps=steps, batch=batch, optimiser="sgd", learning_rate=RATE,
    )  # fmt: skip
    for step in range(steps):
        active = random.random((batch, FEATURES)) < DENSITY
        x = random.random((batch, FEATURES)) * active
        error = x @ W.T @ W - x
        weighted = 2 * importance * error / error.size
        W -= RATE * W @ (x.T @ weighted + weighted.T @ x)
        run.log(step, loss=np.mean(importance * error**2), W=W)
    run.finish()
    return W


if __name__ == "__main__":
    train(sys.argv[1] if len(sys.argv) > 1 else "runs/numpy")
