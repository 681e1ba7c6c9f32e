"""A run of somebody's own loop opens like any other, while it goes on and afterwards."""

from pathlib import Path

import numpy as np
from tests.core.live.rig import BIASES, LANES, STACK

from superpos_core import live
from superpos_core.files.runs.reader import RunReader
from superpos_core.record.lanes import LanesRecord


def test_the_reader_shows_what_was_logged(tmp_path: Path) -> None:
    steps = 2500
    run = live.start(tmp_path, density=[0.5, 0.2, 0.1], importance=0.9, model="tied")
    for step in range(steps):
        run.log(step, loss=np.arange(LANES) + 1 / (step + 1), W=STACK + step, b=BIASES)
    run.finish()
    reader = RunReader(tmp_path)
    while reader.refresh() or reader.is_behind:
        pass
    assert reader.state == "finished"
    assert reader.snapshot is not None
    record = reader.snapshot.record_as(LanesRecord)
    cohort = record.cohorts["tied"]
    assert (cohort.step, record.share_done) == (steps - 1, 1.0)
    assert [lane.density for lane in cohort.lanes] == [0.5, 0.2, 0.1]
    np.testing.assert_array_equal(cohort.parameters.encoder, STACK + np.float32(steps - 1))
    np.testing.assert_array_equal(cohort.timeline.nearest(100).parameters.bias, BIASES)
    recent = cohort.recent_losses.mean[:, -1]
    np.testing.assert_allclose(recent, np.arange(LANES) + 1 / steps, rtol=1e-3)
    assert "learning_rate" in record.unknown
    assert not {"sparsities", "importance", "models"} & record.unknown
    assert record.at_step(1000).cohorts["tied"].step == 1000
