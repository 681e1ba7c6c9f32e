"""What tests of draws share: the device, and how improbable a right sampler may look."""

import torch

CPU = torch.device("cpu")
IMPROBABLE = 1e-5
"""Seeds are fixed, so a right sampler passes for ever; a wrong one misses this by far."""
