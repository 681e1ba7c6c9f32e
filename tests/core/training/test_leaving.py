"""Models that leave a run: the others go on as if they had never been beside them."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
from tests.core.files.runs.kept import LANES, restored_lanes
from tests.core.files.runs.test_writer import with_commands
from tests.core.training.rig import CONFIG, Rig, Story, arrays_of, cohorts_of, undisturbed
from tests.core.training.stopping import assert_same_record

from superpos_core.files.runs.manifest import Manifest
from superpos_core.record.lanes import LanesRecord
from superpos_core.training.commands import JoinModel, LeaveModel, Reset, TurnDials, Undo


def test_a_model_that_leaves_is_gone_and_the_others_are_not_disturbed() -> None:
    rig = Rig()

    def story() -> Story:
        yield rig.step_reaches(300)
        rig.submit(JoinModel("linear"))
        yield rig.step_reaches(50, "linear")
        rig.submit(LeaveModel("linear"), LeaveModel("mlp"))
        yield lambda: set(cohorts_of(rig.latest)) == {"tied"}
        assert rig.step("tied") >= 300
        assert rig.latest.config.models == ("tied",)
        yield rig.phase_is("finished")

    rig.play(story())
    ours = arrays_of(rig.latest)
    reference = arrays_of(undisturbed())
    assert {name for name in reference if not name.startswith("mlp")} == set(ours)
    for name, array in ours.items():
        np.testing.assert_array_equal(array, reference[name], err_msg=name)


def test_the_last_model_cannot_leave_and_one_that_is_not_there_need_not() -> None:
    rig = Rig(replace(CONFIG, models=("tied",)))

    def story() -> Story:
        yield rig.step_reaches(100)
        rig.submit(LeaveModel("mlp"), LeaveModel("tied"))
        yield lambda: bool(rig.refusals)
        yield rig.phase_is("finished")

    rig.play(story())
    assert rig.refusals == ["tied is the only model: another one has to join before"]
    assert set(cohorts_of(rig.latest)) == {"tied"}


def test_a_model_that_left_joins_again_from_step_0_and_a_reset_keeps_it_out() -> None:
    rig = Rig()

    def story() -> Story:
        yield rig.step_reaches(300)
        rig.submit(LeaveModel("mlp"), JoinModel("mlp"))
        yield lambda: rig.latest.config.models == ("tied", "mlp") and rig.step("mlp") < 300
        rig.submit(LeaveModel("mlp"), Reset())
        yield rig.generation_is(1)
        assert rig.latest.config.models == ("tied",)

    rig.play(story())


def test_undoing_a_dial_does_not_bring_back_a_model_that_left() -> None:
    rig = Rig()

    def story() -> Story:
        yield rig.step_reaches(300)
        rig.submit(TurnDials(replace(CONFIG, learning_rate=0.01), "rate → 0.01"))
        yield lambda: bool(rig.latest.undoable)
        rig.submit(LeaveModel("mlp"), Undo())
        yield lambda: not rig.latest.undoable
        assert set(cohorts_of(rig.latest)) == {"tied"}
        assert rig.latest.config.learning_rate == CONFIG.learning_rate

    rig.play(story())


def test_the_folder_of_a_run_keeps_the_models_that_stay(tmp_path: Path) -> None:
    commands = iter([JoinModel("mlp"), LeaveModel("mlp")])
    last = with_commands(tmp_path, replace(LANES, models=("tied",)), commands)
    manifest = Manifest.read(tmp_path)
    assert manifest is not None
    assert manifest.config == json.loads(json.dumps(last.config.as_dict()))
    assert_same_record(last.record_as(LanesRecord), restored_lanes(tmp_path))
