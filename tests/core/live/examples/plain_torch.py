"""A plain PyTorch loop, shown live: ``python plain_torch.py [FOLDER]``, then open that folder."""

import sys

import torch
from torch import Tensor, nn

from superpos_core import live

FEATURES, HIDDEN, DENSITY, IMPORTANCE = 20, 5, 0.1, 0.9


class ToyModel(nn.Module):
    """x̂ = ReLU(x·W·Wᵀ + b)."""

    def __init__(self) -> None:
        super().__init__()
        self.W = nn.Parameter(nn.init.xavier_normal_(torch.empty(FEATURES, HIDDEN)))
        self.b = nn.Parameter(torch.zeros(FEATURES))

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(x @ self.W @ self.W.T + self.b)


def train(folder: str, steps: int = 10_000, batch: int = 1024) -> ToyModel:
    """Train a model, and log every step."""
    model = ToyModel()
    optimiser = torch.optim.AdamW(model.parameters(), lr=1e-3)
    importance = IMPORTANCE ** torch.arange(FEATURES)
    run = live.start(
        folder, features=FEATURES, hidden=HIDDEN, density=DENSITY, importance=IMPORTANCE,
        model="tied", steps=steps, batch=batch,
    )  # fmt: skip
    for step in range(steps):
        active = torch.rand(batch, FEATURES) < DENSITY
        x = torch.rand(batch, FEATURES) * active
        loss = (importance * (x - model(x)) ** 2).mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        run.log(step, loss=loss, W=model.W, b=model.b)
    run.finish()
    return model


if __name__ == "__main__":
    train(sys.argv[1] if len(sys.argv) > 1 else "runs/mine")
