"""What tests of draws share: the device, and how improbable a right sampler may look."""

import torch

from superpos_core.task.data import DISTRIBUTIONS

CPU = torch.device("cpu")
WITHOUT_FILES = [
    name for name, each in DISTRIBUTIONS.items() if each.source is None or not each.source.file
]
"""The distributions that need no file."""
DRAWN_BY_ENTRY = [name for name, each in DISTRIBUTIONS.items() if each.source is None]
"""Those that every engine draws in its own way."""
IMPROBABLE = 1e-5
"""Seeds are fixed, so a right sampler passes for ever; a wrong one misses this by far."""
