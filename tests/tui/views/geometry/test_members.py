"""The list of the features of shapes: their bars are seen without colours too."""

import numpy as np
import pytest
from tests.tui.pictures import options_with, scene_of

from superpos_tui.drawing.palette import Palette
from superpos_tui.drawing.shades import Depth
from superpos_tui.views.geometry.members import members_of_shapes
from superpos_tui.views.shared.colouring import ColouredBy, Colouring

ALONE_AND_IN_A_DIGON = np.array([[1.0, 0.0], [0.0, 1.0], [0.0, -1.0]])


def bars(depth: Depth, by: ColouredBy = "superposition") -> list[str]:
    """The bar of each feature, all of the same norm, the one alone first."""
    scene = scene_of(ALONE_AND_IN_A_DIGON, np.ones((1, 1)), options=options_with(Colouring(by)))
    rows = members_of_shapes(scene, 60, 6, Palette(depth))[1:]
    return [row.pieces[1][0].strip() for row in rows]


@pytest.mark.parametrize("depth", ["16", "none"])
def test_without_scales_superposition_is_a_shade(depth: Depth) -> None:
    alone, first, second = bars(depth)
    assert first == second != alone
    assert len(first) == len(alone), "all have norm 1"


def test_shades_stand_for_superposition_only_and_only_where_no_colour_does() -> None:
    assert len({*bars("256")}) == len({*bars("none", "group")}) == 1
