"""Toy models as the authors of other projects write them, so that tests can save their weights."""

import torch
from torch import Tensor, nn

from superpos_core.arrays import FloatArray


class NotebookModel(nn.Module):
    """As in the official notebook: all instances in one array, features before dimensions."""

    def __init__(self, instances: int, features: int, hidden: int) -> None:
        super().__init__()
        self.W = nn.Parameter(torch.empty((instances, features, hidden)))
        nn.init.xavier_normal_(self.W)
        self.b_final = nn.Parameter(torch.zeros((instances, features)))


class ArenaModel(nn.Module):
    """As in ARENA: dimensions before features."""

    def __init__(self, instances: int, features: int, hidden: int) -> None:
        super().__init__()
        self.W = nn.Parameter(nn.init.xavier_normal_(torch.empty((instances, hidden, features))))
        self.b_final = nn.Parameter(torch.zeros((instances, features)))
        self.register_buffer("importance", torch.ones(features))


class DecomposedModel(nn.Module):
    """As in parameter decomposition (SPD): two linear layers, tied by sharing their data."""

    def __init__(self, features: int, hidden: int, *, tied: bool) -> None:
        super().__init__()
        self.linear1 = nn.Linear(features, hidden, bias=False)
        self.linear2 = nn.Linear(hidden, features, bias=True)
        if tied:
            self.linear2.weight.data = self.linear1.weight.data.T


class DevinterpModel(nn.Module):
    """As in devinterp: embedding and unembedding, tied or not, with or without biases."""

    def __init__(self, features: int, hidden: int, *, tied: bool, bias: bool) -> None:
        super().__init__()
        self.embedding = nn.Linear(features, hidden, bias=False)
        self.unembedding = nn.Linear(hidden, features, bias=bias)
        if tied:
            self.unembedding.weight = nn.Parameter(self.embedding.weight.transpose(0, 1))


class Autoencoder(nn.Module):
    """As many people write their own."""

    def __init__(self, features: int, hidden: int) -> None:
        super().__init__()
        self.encoder = nn.Linear(features, hidden, bias=False)
        self.decoder = nn.Linear(hidden, features)


class Dictionary(nn.Module):
    """As in SAELens."""

    def __init__(self, inputs: int, latents: int) -> None:
        super().__init__()
        self.W_enc = nn.Parameter(torch.randn(inputs, latents))
        self.b_enc = nn.Parameter(torch.zeros(latents))
        self.W_dec = nn.Parameter(torch.randn(latents, inputs))
        self.b_dec = nn.Parameter(torch.zeros(inputs))


class Prefixed(nn.Module):
    """As ``DataParallel`` and ``compile`` wrap a model: all names get a prefix."""

    def __init__(self, module: nn.Module) -> None:
        super().__init__()
        self.module = module


def numbers(tensor: Tensor) -> FloatArray:
    """The values in numpy."""
    values: FloatArray = tensor.detach().numpy()
    return values


def state_of(module: nn.Module) -> dict[str, Tensor]:
    """Its state dict, with tensors that share no memory, as safetensors demands."""
    return {name: tensor.contiguous().clone() for name, tensor in module.state_dict().items()}
