"""Ten instances in one PyTorch model, as in the official notebook; each becomes a lane."""

import sys

import torch
from torch import Tensor, nn

from superpos_core import live

INSTANCES, FEATURES, HIDDEN, IMPORTANCE = 10, 20, 5, 0.9


class ToyModels(nn.Module):
    """x̂ = ReLU(x·W·Wᵀ + b), instance by instance; W has the shape (instances, n, m)."""

    def __init__(self) -> None:
        super().__init__()
        self.W = nn.Parameter(nn.init.xavier_normal_(torch.empty(INSTANCES, FEATURES, HIDDEN)))
        self.b_final = nn.Parameter(torch.zeros(INSTANCES, FEATURES))

    def forward(self, x: Tensor) -> Tensor:
        hidden = torch.einsum("...if,ifh->...ih", x, self.W)
        return torch.relu(torch.einsum("...ih,ifh->...if", hidden, self.W) + self.b_final)


def train(folder: str, steps: int = 10_000, batch: int = 1024, device: str = "cpu") -> ToyModels:
    """Train the models, and log every step."""
    models = ToyModels().to(device)
    optimiser = torch.optim.AdamW(models.parameters(), lr=1e-3)
    importance = (IMPORTANCE ** torch.arange(FEATURES))[None].to(device)
    density = (20.0 ** -torch.linspace(0, 1, INSTANCES))[:, None].to(device)
    with live.start(folder, density=density, importance=importance, model="tied") as run:
        for step in range(steps):
            active = torch.rand(batch, INSTANCES, FEATURES, device=device) < density
            x = torch.rand(batch, INSTANCES, FEATURES, device=device) * active
            losses = (importance * (x - models(x)) ** 2).mean(dim=(0, 2))
            optimiser.zero_grad()
            losses.sum().backward()
            optimiser.step()
            run.log(step, loss=losses, W=models.W, b=models.b_final)
    return models


if __name__ == "__main__":
    train(sys.argv[1] if len(sys.argv) > 1 else "runs/instances")
