"""The comparison of two exports finds every kind of difference, and none where there is none."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save_file
from tests.same_numbers.__main__ import main
from tests.same_numbers.comparison import LOSSES, SUMMARY, WEIGHTS


def export(folder: Path, name: str = "mine") -> Path:
    """Something like an export, in its own folder among all."""
    run = folder / name
    run.mkdir(parents=True)
    save_file({"tied/W": np.arange(6, dtype=np.float32).reshape(3, 2)}, run / WEIGHTS)
    (run / LOSSES).write_text("step,tied\n1,0.5\n")
    (run / "loss.png").write_bytes(b"a picture")
    summary = {"experiment": name, "seconds_training": 1.5, "lanes": [{"loss": 0.25, "word": "a"}]}
    (run / SUMMARY).write_text(json.dumps(summary))
    return run


def changed_summary(run: Path, change: Callable[[dict[str, Any]], None]) -> None:
    summary = json.loads((run / SUMMARY).read_text())
    change(summary)
    (run / SUMMARY).write_text(json.dumps(summary))


def other_weights(run: Path) -> None:
    save_file({"tied/W": np.zeros((3, 2), np.float32)}, run / WEIGHTS)


def other_names(run: Path) -> None:
    save_file({"tied/W1": np.arange(6, dtype=np.float32).reshape(3, 2)}, run / WEIGHTS)


def other_losses(run: Path) -> None:
    (run / LOSSES).write_text("step,tied\n1,0.6\n")


def other_number(run: Path) -> None:
    changed_summary(run, lambda summary: summary["lanes"][0].update(loss=0.2500001))


def no_number(run: Path) -> None:
    changed_summary(run, lambda summary: summary["lanes"][0].pop("loss"))


def nothing_left(run: Path) -> None:
    (run / WEIGHTS).unlink()


@pytest.mark.parametrize(
    "damage", [other_weights, other_names, other_losses, other_number, no_number, nothing_left]
)
def test_every_difference_is_found(damage: Callable[[Path], None], tmp_path: Path) -> None:
    export(tmp_path / "before")
    damage(export(tmp_path / "after"))
    assert main([str(tmp_path / "before"), str(tmp_path / "after")]) == 1


def test_time_words_and_new_names_may_differ(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    export(tmp_path / "before")
    after = export(tmp_path / "after", "new")
    changed_summary(after, lambda s: s.update(seconds_training=3.0, kind="lanes"))
    changed_summary(after, lambda s: s["lanes"][0].update(word="b"))
    arguments = [str(tmp_path / "before"), str(tmp_path / "after"), "--renamed", "mine=new"]
    assert main(arguments) == 0
    assert "1 of 1 experiments have the same numbers" in capsys.readouterr().out


def test_nothing_to_compare_is_no_success(tmp_path: Path) -> None:
    assert main([str(tmp_path), str(tmp_path)]) == 1
