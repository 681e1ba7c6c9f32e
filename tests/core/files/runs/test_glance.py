"""A run at a glance, whatever its folder holds."""

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.core.snapshots import finished
from tests.run_folders import checked, make_run, write

from superpos_core.errors import InvalidValue
from superpos_core.files import storage
from superpos_core.files.runs.glance import read_summary
from superpos_core.files.runs.listing import RunLister, differing_settings
from superpos_core.files.summary import summarise

NOW = 2e9


# ── one run ───────────────────────────────────────────────────────────────────────────────────────


def test_a_finished_run_says_what_it_came_to(tmp_path: Path) -> None:
    make_run(tmp_path, summary=checked(True, False, None, True), alive=NOW - 60)
    run = read_summary(tmp_path, "mine")
    assert run is not None
    assert (run.name, run.experiment, run.state(NOW)) == ("mine", "twenty", "finished")
    assert (run.step, run.steps, run.share_done) == (10_000, 10_000, 1.0)
    assert (run.losses, run.checks, run.shapes) == ((2e-4, 3e-2), (2, 3), ("digon",))
    assert run.age(NOW) == 60


@pytest.mark.parametrize(
    ("stated", "age", "state"),
    [
        ("training", 0.5, "training"),
        ("training", -30.0, "training"),  # the other machine's clock is ahead
        ("training", 60.0, "silent"),
        ("paused", 1.0, "paused"),
        ("paused", 60.0, "silent"),
        ("finished", 1e6, "finished"),
        ("stopped", 1e6, "stopped"),
        ("failed", 1e6, "failed"),
    ],
)
def test_a_run_that_has_not_ended_and_gives_no_sign_of_life_is_silent(
    tmp_path: Path, stated: str, age: float, state: str
) -> None:
    make_run(tmp_path, state=stated, step=500, alive=NOW - age, reason="why")
    run = read_summary(tmp_path, "")
    assert run is not None
    assert (run.state(NOW), run.losses, run.reason) == (state, (1e-4, 1e-2), "why")
    assert run.age(NOW) == max(age, 0)


def test_a_run_that_has_just_started_is_training(tmp_path: Path) -> None:
    make_run(tmp_path, step=0, started=NOW - 2)
    (tmp_path / "status.json").unlink()
    run = read_summary(tmp_path, "")
    assert run is not None
    assert (run.state(NOW), run.state(NOW + 60), run.step) == ("training", "silent", 0)


def test_an_export_of_one_moment_is_finished(tmp_path: Path) -> None:
    lanes = [{"loss_mean": loss} for loss in (0.5, None, 0.25)]
    make_run(tmp_path, format=1, run="", step=700, summary={"share_done": 0.07, "lanes": lanes})
    (tmp_path / "status.json").unlink()
    run = read_summary(tmp_path, "")
    assert run is not None
    assert (run.state(NOW), run.step, run.losses) == ("finished", 700, (0.25, 0.5))
    assert run.age((tmp_path / "run.json").stat().st_mtime + 100) == 100


def test_a_phase_map_is_as_far_as_its_share(tmp_path: Path) -> None:
    make_run(tmp_path, steps={}, run="", summary={"share_done": 0.25, "lanes": []})
    (tmp_path / "status.json").unlink()
    run = read_summary(tmp_path, "")
    assert run is not None
    assert (run.step, run.share_done) == (2500, 0.25)


def test_a_run_of_unknown_length_has_no_share(tmp_path: Path) -> None:
    make_run(tmp_path, state="training", step=70, alive=NOW)
    status = json.loads((tmp_path / "status.json").read_bytes())
    write(tmp_path / "status.json", {**status, "steps": None})
    run = read_summary(tmp_path, "")
    assert run is not None
    assert (run.step, run.steps, run.share_done) == (70, None, 0)


def test_a_summary_of_the_program_is_read_without_its_lanes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_run(tmp_path)
    whole = summarise(finished(), 1.5)
    storage.write_json(tmp_path / "summary.json", whole)
    read: list[Any] = []

    def noted(text: bytes) -> Any:
        read.append(loads(text))
        return read[-1]

    loads = json.loads
    monkeypatch.setattr(json, "loads", noted)
    run = read_summary(tmp_path, "")
    assert run is not None
    assert [each for each in read if "lanes" in each] == []
    losses = [lane["loss_mean"] for lane in whole["lanes"]]
    assert run.losses == (min(losses), max(losses))
    assert set(run.shapes) == {name for lane in whole["lanes"] for name in lane["shapes"]}


def test_a_newer_format_is_not_guessed_at(tmp_path: Path) -> None:
    make_run(tmp_path / "new", format=3)
    with pytest.raises(InvalidValue, match="a newer superpos-tui wrote it"):
        read_summary(tmp_path / "new", "")
    listing = RunLister([tmp_path]).refresh()
    assert (listing.runs, listing.newer) == ((), 1)


# ── whatever is in it ─────────────────────────────────────────────────────────────────────────────

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)


def spoiled(valid: bytes) -> st.SearchStrategy[bytes]:
    """The same object with other values, and cut anywhere; or any bytes."""
    whole = json.loads(valid)
    changes = st.dictionaries(st.sampled_from(sorted(whole)), VALUES, max_size=3)
    texts = st.builds(
        lambda changes, indent: json.dumps({**whole, **changes}, indent=indent),
        changes,
        st.sampled_from([None, 2]),
    )
    torn = st.tuples(texts, st.floats(0, 1)).map(lambda cut: cut[0][: int(len(cut[0]) * cut[1])])
    return st.binary(max_size=30) | (texts | torn).map(lambda text: text.encode())


@given(st.data())
def test_no_content_of_a_folder_raises(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("run")
    summary = {**checked(True, False), "lanes": [{"loss_mean": 0.5}], "share_done": 1.0}
    make_run(folder, summary=summary, started=NOW, unknown=[], marks={}, run="")
    for name in ("run.json", "status.json", "summary.json"):
        (folder / name).write_bytes(data.draw(spoiled((folder / name).read_bytes())))
    listing = RunLister([folder]).refresh()
    assert len(listing.runs) + listing.unreadable + listing.newer == 1
    for run in listing.runs:
        assert run.state(NOW)
        assert 0 <= run.share_done <= 1
        assert run.age(NOW) >= 0
        differing_settings([run, replace(run, config={})])


@given(st.data())
def test_a_torn_file_is_not_yet_there(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("run")
    make_run(folder, summary=checked(True, True), started=NOW)
    name = data.draw(st.sampled_from(["run.json", "status.json", "summary.json"]))
    content = (folder / name).read_bytes()
    (folder / name).write_bytes(content[: data.draw(st.integers(0, len(content) - 1))])
    torn = read_summary(folder, "")
    (folder / name).unlink()
    assert torn == read_summary(folder, "")


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    make_run(tmp_path / "a")
    (tmp_path / "a" / "status.json").unlink()
    os.mkfifo(tmp_path / "a" / "status.json")
    (tmp_path / "b").mkdir()
    os.mkfifo(tmp_path / "b" / "run.json")
    assert [run.name for run in RunLister([tmp_path]).refresh().runs] == ["a"]
