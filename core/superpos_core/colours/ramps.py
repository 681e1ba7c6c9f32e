"""Two of matplotlib's colour maps, sampled: loading matplotlib takes longer than starting.

Source: Nathaniel Smith and Stéfan van der Walt's viridis and plasma (CC0), 33 of 256 colours each.
"""

import numpy as np

from superpos_core.arrays import FloatArray
from superpos_core.colours.oklab import srgb_of

VIRIDIS = srgb_of(
    [
        "#440154", "#470d60", "#48186a", "#482374", "#472d7b", "#453781", "#424086", "#3e4989",
        "#3b528b", "#375b8d", "#33638d", "#2f6b8e", "#2c728e", "#297a8e", "#26828e", "#23898e",
        "#21918c", "#1f978b", "#1f9f88", "#21a685", "#27ad81", "#31b57b", "#3dbc74", "#4cc26c",
        "#5cc863", "#6ece58", "#81d34d", "#95d840", "#aadc32", "#c0df25", "#d5e21a", "#eae51a",
        "#fde725",
    ]
)  # fmt: skip
PLASMA = srgb_of(
    [
        "#0d0887", "#220690", "#310597", "#3f049c", "#4c02a1", "#5901a5", "#6600a7", "#7201a8",
        "#7e03a8", "#8a09a5", "#9511a1", "#a01a9c", "#aa2395", "#b32c8e", "#bc3587", "#c43e7f",
        "#cc4778", "#d24f71", "#d9586a", "#df6263", "#e56b5d", "#eb7556", "#f07f4f", "#f48948",
        "#f89441", "#fb9f3a", "#fdab33", "#feb72d", "#fdc328", "#fcd025", "#f9dd25", "#f5eb27",
        "#f0f921",
    ]
)  # fmt: skip


def along(ramp: FloatArray, shares: FloatArray) -> FloatArray:
    """The colours at these shares (0 … 1) of a ramp of shape (count, 3), interpolated."""
    at = np.clip(shares, 0, 1) * (len(ramp) - 1)
    before = np.minimum(at.astype(int), len(ramp) - 2)
    rest = (at - before)[..., None]
    colours: FloatArray = (1 - rest) * ramp[before] + rest * ramp[before + 1]
    return colours
