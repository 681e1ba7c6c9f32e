"""The rows of the probe table use the height of its panel."""

import numpy as np
import pytest
from tests.tui.pictures import scene_of

from superpos_tui.views.probe.table_layout import Layout


@pytest.mark.parametrize("height", [12, 24, 34, 54])
def test_blank_rows_between_groups_leave_less_than_a_quarter_empty(height: int) -> None:
    layout = Layout.of(scene_of(np.eye(20, 5), np.ones((1, 1))), 90, height)
    shown = [layout.feature_at(y) for y in range(height)]
    assert [shown[layout.top_of(i)] for i in range(layout.features.size)] == [*layout.features]
    assert layout.summary_row > 0.75 * height
