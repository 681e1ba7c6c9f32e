"""Where a run may start, and how a block of code ends it."""

from pathlib import Path

import pytest
from tests.core.live.rig import ONE, STACK, losses, manifest, moments, status

from superpos_core import live
from superpos_core.errors import InvalidValue
from superpos_core.live.run import LiveRun


def logged(folder: Path, steps: int = 3, overwrite: bool = False) -> LiveRun:
    """A run with some steps, still going on."""
    run = live.start(folder, overwrite=overwrite)
    for step in range(steps):
        run.log(step, loss=1.0, W=ONE)
    return run


def test_another_run_is_not_replaced_without_being_told(tmp_path: Path) -> None:
    logged(tmp_path).finish()
    before = manifest(tmp_path)
    with pytest.raises(
        InvalidValue, match=r"holds a run \(.*, finished at step 2\).*overwrite=True"
    ):
        live.start(tmp_path)
    assert manifest(tmp_path) == before


def test_overwriting_leaves_nothing_of_the_other_run(tmp_path: Path) -> None:
    logged(tmp_path, steps=200).finish()
    (tmp_path / "notes.txt").write_text("mine")
    first = manifest(tmp_path)["run"]
    run = live.start(tmp_path, overwrite=True)
    assert manifest(tmp_path)["run"] == first  # until there is something better
    run.log(0, loss=[2.0, 3.0, 4.0], W=STACK)
    run.finish()
    assert manifest(tmp_path)["run"] != first
    assert list(moments(tmp_path)) == [0]
    assert losses(tmp_path) == {0: [2.0, 3.0, 4.0]}
    assert (tmp_path / "notes.txt").read_text() == "mine"


def test_a_cell_that_is_run_again_ends_the_run_before(tmp_path: Path) -> None:
    before = logged(tmp_path)
    with pytest.raises(InvalidValue, match="this program is still writing it"):
        live.start(tmp_path)
    again = logged(tmp_path, steps=2, overwrite=True)
    before.log(99, loss=1.0, W=ONE)
    again.finish()
    assert list(losses(tmp_path)) == [0, 1]
    assert list(moments(tmp_path)) == [0, 1]


def test_a_run_says_how_to_open_it(tmp_path: Path) -> None:
    with live.start(tmp_path / "my run") as run:
        assert repr(run) == f"<live run, nothing logged: superpos-tui '{tmp_path / 'my run'}'>"
        run.log(1200, W=ONE)
        assert repr(run).startswith("<live run, step 1,200: ")


def test_a_file_that_belongs_to_no_run_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "loss.csv").write_text("mine")
    for overwrite in (False, True):
        with pytest.raises(InvalidValue, match=r"^path .* its loss\.csv does not belong to a run"):
            live.start(tmp_path, overwrite=overwrite)
    assert (tmp_path / "loss.csv").read_text() == "mine"


def test_a_place_where_nothing_can_be_written_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InvalidValue, match=r"^path .*it is a file, not a folder"):
        live.start(tmp_path / "file")
    with pytest.raises(InvalidValue, match="density 2"):
        live.start(tmp_path / "never", density=2)
    assert not (tmp_path / "never").exists()


@pytest.mark.parametrize(
    ("error", "state", "reason"),
    [
        (ValueError("a\nb"), "failed", "ValueError: a b"),
        (KeyboardInterrupt(), "stopped", ""),
        (SystemExit(), "finished", ""),
        (SystemExit(3), "failed", "SystemExit: 3"),
    ],
)
def test_an_error_in_the_block_ends_the_run(
    tmp_path: Path, error: BaseException, state: str, reason: str
) -> None:
    with pytest.raises(type(error)), logged(tmp_path):
        raise error
    assert (status(tmp_path).state, status(tmp_path).reason) == (state, reason)
    assert list(losses(tmp_path)) == [0, 1, 2]
