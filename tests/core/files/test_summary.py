"""What a summary says of all lanes together."""

import numpy as np
from tests.core.snapshots import finished

from superpos_core.files.summary import MAX_FEATURES_IN_SHAPES, shapes_of, summarise


def test_the_summary_says_before_its_lanes_what_they_come_to() -> None:
    summary = summarise(finished(), 1.5)
    losses = [lane["loss_mean"] for lane in summary["lanes"]]
    assert (summary["loss_low"], summary["loss_high"]) == (min(losses), max(losses))
    assert list(summary)[-1] == "lanes"
    for name, count in summary["shapes"].items():
        assert count == sum(lane["shapes"].get(name, 0) for lane in summary["lanes"])
    assert summary["shapes"]


def test_the_shapes_of_a_lane_are_counted() -> None:
    angles = 2 * np.pi * np.arange(5) / 5
    pentagon = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    vectors = np.zeros((8, 4))
    vectors[:5, :2] = pentagon
    vectors[5, 2], vectors[6, 3] = 1, 1
    assert shapes_of(vectors) == {"dedicated": 2, "pentagon": 1}
    assert shapes_of(np.zeros((MAX_FEATURES_IN_SHAPES + 1, 2))) is None
