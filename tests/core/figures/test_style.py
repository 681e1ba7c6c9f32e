"""The colours of figures are those of the screen, on paper."""

import numpy as np

from superpos_core.colours import scales
from superpos_core.figures.tools import style


def test_colour_maps_are_the_scales_of_the_screen() -> None:
    shares = np.linspace(-1, 1, 257)
    np.testing.assert_allclose(
        style.DIVERGING((shares + 1) / 2)[:, :3], scales.diverging(shares, scales.PAPER)
    )
    np.testing.assert_allclose(
        style.superposition_colours(np.array([-1, 0, 1, 2, 9, np.nan]))[:, :3],
        scales.sequential(np.array([0, 0, 128 / 255, 1, 1, 0]), scales.PAPER),
        atol=1e-6,
    )


def test_ordered_colours_never_repeat() -> None:
    for count in (1, 2, 7, 60):
        assert len(set(style.sparsity_colours(count))) == count
