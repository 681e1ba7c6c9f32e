"""The sign of life of a run."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from superpos_core.files.runs.layout import STATUS_FILE
from superpos_core.files.runs.status_file import RunStatus, read_status, write_status

STATUS = RunStatus(
    state="training", step=120, alive=1.5e9, steps=1000, share_done=0.12, steps_per_second=340.5,
    seconds_training=3.5, loss_low=0.01, loss_high=0.5,
)  # fmt: skip


@pytest.mark.parametrize(
    "status",
    [
        STATUS,
        replace(STATUS, steps=None, share_done=None, loss_low=None, loss_high=None),
        replace(STATUS, state="failed", reason="RuntimeError: “shapes” differ"),
    ],
)
def test_a_status_is_read_as_it_was_written(tmp_path: Path, status: RunStatus) -> None:
    write_status(tmp_path, status)
    assert read_status(tmp_path) == status


def test_losses_that_diverged_are_no_numbers(tmp_path: Path) -> None:
    write_status(tmp_path, replace(STATUS, loss_high=float("inf"), loss_low=float("nan")))
    assert read_status(tmp_path) == replace(STATUS, loss_high=None, loss_low=None)


@pytest.mark.parametrize(
    "content",
    [
        "", "{", "[]", "null", "3", '{"state": "training"}',
        '{"state": "asleep", "step": 1, "alive": 2}',
        '{"state": "training", "step": "many", "alive": 2}',
        '{"state": "training", "step": [], "alive": 2}',
    ],
)  # fmt: skip
def test_what_is_no_status_is_none(tmp_path: Path, content: str) -> None:
    (tmp_path / STATUS_FILE).write_text(content)
    assert read_status(tmp_path) is None


def test_a_missing_status_is_none(tmp_path: Path) -> None:
    assert read_status(tmp_path) is None


def test_unknown_keys_of_later_versions_do_not_matter(tmp_path: Path) -> None:
    write_status(tmp_path, STATUS)
    values = json.loads((tmp_path / STATUS_FILE).read_text())
    (tmp_path / STATUS_FILE).write_text(json.dumps({**values, "mood": "fine"}))
    assert read_status(tmp_path) == STATUS


def test_only_ended_runs_have_ended() -> None:
    assert not STATUS.has_ended
    assert not replace(STATUS, state="paused").has_ended
    assert replace(STATUS, state="failed").has_ended
