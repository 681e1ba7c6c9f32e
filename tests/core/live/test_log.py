"""What is logged is in the folder afterwards: losses, the timeline's moments, the run's facts."""

import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from tests.core.live import rig
from tests.core.live.rig import (
    BIAS,
    BIASES,
    LANES,
    ONE,
    STACK,
    losses,
    manifest,
    moments,
    status,
    wait_for,
)

from superpos_core import live
from superpos_core.files.runs.manifest import Manifest
from superpos_core.live.folder import LiveFolder
from superpos_core.live.given import Given
from superpos_core.live.inbox import Taken
from superpos_core.live.losses import LossRows, Sums
from superpos_core.record.timeline import next_step_to_keep


class LikeJax:
    """An immutable array of another library, which must not be read inside the loop."""

    def __init__(self, values: Any, read_by: list[threading.Thread]) -> None:
        self._values = np.asarray(values)
        self._read_by = read_by
        self.shape, self.nbytes = self._values.shape, self._values.nbytes

    def copy(self) -> "LikeJax":
        return LikeJax(self._values, self._read_by)

    def copy_to_host_async(self) -> None:
        """Jax's arrays have it, and no others."""

    def __add__(self, other: "LikeJax") -> "LikeJax":
        return LikeJax(self._values + other._values, self._read_by)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        self._read_by.append(threading.current_thread())
        return np.array(self._values, dtype=dtype)


class OnlyAsArray:
    """An array that only numpy can read."""

    def __init__(self, values: Any) -> None:
        self._values = values

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        return np.array(self._values, dtype=dtype)


def parameter(values: Any) -> Any:
    """A tensor that gradients flow into."""
    return torch.nn.Parameter(torch.tensor(np.asarray(values)))


def computed(values: Any) -> Any:
    """A tensor that a graph hangs on."""
    return parameter(values) * 1.0


KINDS: dict[str, Callable[[Any], Any]] = {
    "float64": lambda values: np.asarray(values, dtype=np.float64),
    "float16": lambda values: np.asarray(values, dtype=np.float16),
    "list": lambda values: np.asarray(values).tolist(),
    "parameter": parameter,
    "computed": computed,
    "bfloat16": lambda values: computed(values).to(torch.bfloat16),
    "as array": OnlyAsArray,
    "jax": lambda values: LikeJax(values, []),
}
COARSE = {"float16", "bfloat16"}


@pytest.mark.parametrize("kind", KINDS)
def test_arrays_of_every_library_are_kept(tmp_path: Path, kind: str) -> None:
    of = KINDS[kind]
    run = live.start(tmp_path)
    for step in range(3):
        run.log(step, loss=of([0.5, 0.25, step]), W=of(STACK), b=of(BIASES))
    run.finish()
    assert losses(tmp_path) == {step: [0.5, 0.25, step] for step in range(3)}
    found = moments(tmp_path)
    assert list(found) == [0, 1, 2]
    for arrays in found.values():
        close = 1e-2 if kind in COARSE else 0
        np.testing.assert_allclose(arrays["W"], STACK, rtol=close)
        np.testing.assert_allclose(arrays["b"], BIASES, rtol=close)


@pytest.mark.parametrize(
    "loss", [0.5, np.float32(0.5), np.array(0.5), np.array([0.5]), torch.tensor(0.5), 1]
)
def test_a_single_model_has_a_single_loss(tmp_path: Path, loss: Any) -> None:
    with live.start(tmp_path) as run:
        run.log(0, loss=loss, W=ONE, b=BIAS)
    assert losses(tmp_path) == {0: [0.5 if loss != 1 else 1]}
    np.testing.assert_array_equal(moments(tmp_path)[0]["W"], ONE[None])


def test_the_loop_may_reuse_its_arrays(tmp_path: Path) -> None:
    W, tensor, loss = STACK.copy(), torch.zeros(LANES, rig.FEATURES), np.zeros(LANES)
    with live.start(tmp_path) as run:
        for step in range(5):
            W[:], loss[:] = step, step
            tensor.fill_(step)
            run.log(step, loss=loss, W=W, b=tensor)
    assert losses(tmp_path) == {step: [step] * LANES for step in range(5)}
    for step, arrays in moments(tmp_path).items():
        assert np.all(arrays["W"] == step)
        assert np.all(arrays["b"] == step)


def test_arrays_on_a_device_are_read_by_another_thread(tmp_path: Path) -> None:
    readers: list[threading.Thread] = []
    with live.start(tmp_path) as run:
        for step in range(2000):
            loss, W = LikeJax(np.ones(LANES), readers), LikeJax(STACK, readers)
            run.log(step, loss=loss, W=W, b=LikeJax(BIASES, readers))
    assert readers
    assert threading.main_thread() not in readers
    assert set(moments(tmp_path)) >= {0, 1, 10, 100, 1000, 1999}


def test_a_moment_is_kept_wherever_the_timeline_keeps_one(tmp_path: Path) -> None:
    last = 1234
    with live.start(tmp_path) as run:
        for step in range(last + 1):
            run.log(step, W=STACK + step, b=BIASES)
    scheduled = {0}
    while (step := next_step_to_keep(max(scheduled))) <= last:
        scheduled.add(step)
    found = moments(tmp_path)
    assert set(found) == scheduled | {last}
    for step, arrays in found.items():
        np.testing.assert_array_equal(arrays["W"], STACK + np.float32(step))


def test_between_kept_moments_the_newest_is_there_for_a_while(tmp_path: Path) -> None:
    kept = {0, 1, 100, 110}
    folder = LiveFolder(tmp_path, Given("mine"), Taken(0, {"W": ONE}, kept=True), overwrite=False)
    for step in (0, 1, 1, 50, 50, 100, 100, 101, 102, 110, 115):
        is_new = not (tmp_path / "timeline" / "tied" / f"{step}.safetensors").exists()
        folder.add_moment(Taken(step, {"W": ONE + step}, kept=step in kept and is_new))
        found = moments(tmp_path)
        assert set(found) == {each for each in kept if each <= step} | {step}
        np.testing.assert_array_equal(found[step]["W"], ONE[None] + np.float32(step))


def test_steps_may_skip(tmp_path: Path) -> None:
    with live.start(tmp_path) as run:
        for step in range(0, 3000, 70):
            run.log(step, loss=1.0, W=ONE)
    found = sorted(moments(tmp_path))
    assert found[:4] == [0, 70, 140, 210]
    assert found[-1] == 2940
    assert list(losses(tmp_path)) == list(range(0, 3000, 70))


def test_losses_of_one_step_are_averaged(tmp_path: Path) -> None:
    with live.start(tmp_path) as run:
        for loss in (1.0, 2.0, 6.0):
            run.log(7, loss=loss, W=ONE)
        run.log(8, loss=5.0)
    assert losses(tmp_path) == {7: [3.0], 8: [5.0]}


def test_rows_are_means_over_the_steps_since_the_last_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("superpos_core.live.losses.SECONDS_PER_ROW", 1e9)
    steps = 5000
    with live.start(tmp_path) as run:
        for step in range(steps):
            run.log(step, loss=np.array([step, 1.0]), W=STACK[:2])
    rows = losses(tmp_path)
    assert list(rows)[:2001] == list(range(2001))
    assert list(rows)[-1] == steps - 1
    assert len(rows) < 3100
    before = -1
    for step, (mean, one) in rows.items():
        assert mean == pytest.approx((before + 1 + step) / 2, rel=1e-8)
        assert one == 1
        before = step


@pytest.mark.parametrize("rounds", [1, 3, 50])
def test_a_row_has_all_losses_of_its_steps_however_they_come(rounds: int) -> None:
    rows = LossRows(1, clock=iter(range(10**6)).__next__)  # a second passes at every look
    steps = np.repeat(np.arange(2000, 2500), 2)
    total = np.arange(1000.0)
    for part in np.array_split(np.arange(1000), rounds):
        rows.add(Sums(steps[part], total[part, None], np.ones(len(part), int)))
    rows.add(Sums.none(1), is_last=True)
    found = rows.waiting
    assert len(set(found.steps)) == len(found.steps) > 200
    assert list(found.steps) == sorted(found.steps)
    assert (found.totals.sum(), found.counts.sum(), found.steps[-1]) == (total.sum(), 1000, 2499)
    before = 1999
    for step, mean in zip(found.steps, found.means[:, 0], strict=True):
        assert mean == total[(steps > before) & (steps <= step)].mean()
        before = step


def test_losses_that_are_no_numbers_are_kept_as_they_are(tmp_path: Path) -> None:
    with live.start(tmp_path) as run:
        for step, loss in enumerate((float("nan"), float("inf"), 1.0)):
            run.log(step, loss=loss, W=ONE)
    assert str(losses(tmp_path)) == "{0: [nan], 1: [inf], 2: [1.0]}"
    assert status(tmp_path).loss_low == 1


def test_losses_before_the_first_weights_are_kept(tmp_path: Path) -> None:
    with live.start(tmp_path) as run:
        run.log(0, loss=3.0)
        run.log(1, loss=2.0, W=ONE)
    assert losses(tmp_path) == {0: [3.0], 1: [2.0]}
    assert list(moments(tmp_path)) == [1]


def test_nothing_is_written_without_weights(tmp_path: Path) -> None:
    with live.start(tmp_path / "run") as run:
        run.log(0, loss=3.0)
    assert list((tmp_path / "run").iterdir()) == []


def test_two_matrices_make_another_model(tmp_path: Path) -> None:
    W2 = STACK.swapaxes(1, 2) * 2
    with live.start(tmp_path) as run:
        run.log(0, W1=STACK, W2=W2, b=BIASES)
    found = moments(tmp_path, "untied")[0]
    assert set(found) == {"W1", "W2", "b"}
    np.testing.assert_array_equal(found["W2"], W2)


def test_the_folder_says_what_was_said(tmp_path: Path) -> None:
    said = {"features": rig.FEATURES, "hidden": rig.HIDDEN, "density": 0.1, "importance": 0.9}
    with live.start(tmp_path / "mine", **said, model="tied", steps=10) as run:  # type: ignore[arg-type]
        for step in range(10):
            run.log(step, loss=np.ones(LANES), W=STACK.swapaxes(1, 2), b=BIASES)
    facts = manifest(tmp_path / "mine")
    assert facts["experiment"] == "mine"
    assert facts["steps"] == {"tied": 9}
    config = facts["config"]
    assert (config["features"], config["hidden"], config["importance"]) == (5, 2, 0.9)
    assert (config["sparsities"], config["restarts"]) == ([0.9], LANES)
    assert not {"models", "sparsities", "importance", "steps"} & set(facts["unknown"])
    assert {"learning_rate", "batch"} <= set(facts["unknown"])
    assert (facts["engine"], facts["device"]) == ("own loop", "cpu")
    found = status(tmp_path / "mine")
    assert (found.state, found.step, found.share_done) == ("finished", 9, 1.0)


def test_how_long_a_run_is_turns_out_at_its_end(tmp_path: Path) -> None:
    with live.start(tmp_path) as run:
        for step in range(42):
            run.log(step, W=ONE)
    assert manifest(tmp_path)["config"]["steps"] == 41
    assert status(tmp_path).steps == 41


def _is_long_enough(folder: Path, step: int) -> bool:
    held = Manifest.read(folder)
    return held is not None and held.config["steps"] >= step


def test_a_run_never_is_longer_than_it_says(tmp_path: Path) -> None:
    run = live.start(tmp_path)
    for step in (0, 20_000, 400_000):
        run.log(step, W=ONE)
        wait_for(partial(_is_long_enough, tmp_path, step))
    run.finish()
    assert manifest(tmp_path)["config"]["steps"] == 400_000


def test_a_finished_run_logs_no_more(tmp_path: Path) -> None:
    run = live.start(tmp_path)
    run.log(0, loss=1.0, W=ONE)
    run.finish()
    run.log(1, loss=1.0, W=ONE)
    run.finish()
    assert list(losses(tmp_path)) == [0]
