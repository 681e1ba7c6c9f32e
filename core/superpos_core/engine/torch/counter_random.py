"""Counter-based random numbers in tensor operations: the same on every device.

SplitMix64 (Steele, Lea and Flood 2014): draw number c of a stream is mix(start + c·gamma). Each
lane has its own start and odd gamma, so lanes do not share an orbit, and the counter is the only
state. All lanes draw in one batch, but independently of one another.
"""

from collections.abc import Sequence

import numpy as np
import torch

from superpos_core.task.lanes import Lane

MIX_1 = 0xBF58476D1CE4E5B9 - (1 << 64)
MIX_2 = 0x94D049BB133111EB - (1 << 64)
UNIT_24 = 2.0**-24
UNIT_40 = 2.0**-40


class CounterRandom:
    """One stream of draws per lane."""

    def __init__(self, lanes: Sequence[Lane], device: torch.device, purpose: str = "data") -> None:
        words = np.stack(
            [lane.seed_sequence(purpose).generate_state(2, np.uint64) for lane in lanes]
        )
        starts, gammas = words[:, 0], words[:, 1] | np.uint64(1)
        self._starts = torch.from_numpy(starts.view(np.int64)).to(device)[:, None]
        self._gammas = torch.from_numpy(gammas.view(np.int64)).to(device)[:, None]

    def uniform_pairs(
        self, counters: torch.Tensor, rare: bool = False
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Two independent uniform draws on [0, 1) per lane and counter, float32.

        ``counters`` has shape (draws,), int64; the results have shape (lanes, draws). ``rare``: the
        first is a multiple of 2⁻⁴⁰, not 2⁻²⁴, for comparison with small probabilities.
        """
        bits = mix(self._starts + self._gammas * counters)
        if rare:
            # Rounding to float32 may give 1.
            first = ((bits >> 24) & 0xFFFFFFFFFF).float() * UNIT_40
            return first.clamp(max=1 - UNIT_24), (bits & 0xFFFFFF).float() * UNIT_24
        first = (bits >> 40) & 0xFFFFFF
        second = (bits >> 8) & 0xFFFFFF
        return first.float() * UNIT_24, second.float() * UNIT_24


def mix(z: torch.Tensor) -> torch.Tensor:
    """SplitMix64's finaliser on int64, which wraps like uint64."""
    z = (z ^ _shift_right(z, 30)) * MIX_1
    z = (z ^ _shift_right(z, 27)) * MIX_2
    return z ^ _shift_right(z, 31)


def _shift_right(z: torch.Tensor, bits: int) -> torch.Tensor:
    """A logical shift; torch's own is arithmetic."""
    return (z >> bits) & ((1 << (64 - bits)) - 1)
