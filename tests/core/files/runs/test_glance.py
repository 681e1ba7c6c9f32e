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

from superpos_core.files import storage
from superpos_core.files.runs.glance import NewerFormat, read_summary
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


def test_a_run_without_a_sign_of_life_is_loading(tmp_path: Path) -> None:
    make_run(tmp_path, started=NOW - 2)
    (tmp_path / "status.json").unlink()
    run = read_summary(tmp_path, "")
    assert run is not None
    assert (run.state(NOW), run.state(NOW + 60), run.step) == ("loading", "silent", 0)


def test_an_export_of_the_first_format_is_finished_if_all_was_trained(tmp_path: Path) -> None:
    make_run(tmp_path, format=1, steps={"tied": 700}, summary={"share_done": 0.07, "lanes": []})
    (tmp_path / "status.json").unlink()
    run = read_summary(tmp_path, "")
    assert run is not None
    assert (run.state(NOW), run.step, run.losses) == ("stopped", 700, None)
    lanes = [{"loss_mean": loss} for loss in (0.5, None, 0.25)]
    write(tmp_path / "summary.json", {"share_done": 1.0, "lanes": lanes})
    run = read_summary(tmp_path, "")
    assert run is not None
    assert (run.state(NOW), run.losses) == ("finished", (0.25, 0.5))
    assert run.age((tmp_path / "run.json").stat().st_mtime + 100) > 99


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
    with pytest.raises(NewerFormat, match="has format 3; this version reads up to 2"):
        read_summary(tmp_path / "new", "")
    listing = RunLister([tmp_path]).refresh()
    assert (listing.runs, listing.newer) == ((), 1)


# ── whatever is in it ─────────────────────────────────────────────────────────────────────────────

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)
KEYS = (
    "format", "experiment", "config", "steps", "unknown", "started", "state", "step", "alive",
    "loss_low", "loss_high", "reason", "checks", "lanes", "shapes", "share_done",
)  # fmt: skip


def anything() -> st.SearchStrategy[bytes]:
    """JSON with the right keys and any values, cut anywhere; or any bytes."""
    objects = st.dictionaries(st.sampled_from(KEYS), VALUES)
    texts = st.builds(json.dumps, objects | VALUES, indent=st.sampled_from([None, 2]))
    torn = st.tuples(texts, st.floats(0, 1)).map(lambda cut: cut[0][: int(len(cut[0]) * cut[1])])
    return st.binary(max_size=30) | (texts | torn).map(lambda text: text.encode())


@given(anything(), anything(), anything(), st.booleans())
def test_no_content_of_a_folder_raises(
    tmp_path_factory: pytest.TempPathFactory,
    manifest: bytes,
    status: bytes,
    summary: bytes,
    is_run: bool,
) -> None:
    folder = tmp_path_factory.mktemp("run")
    if is_run:
        make_run(folder)
    else:
        (folder / "run.json").write_bytes(manifest)
    (folder / "status.json").write_bytes(status)
    (folder / "summary.json").write_bytes(summary)
    listing = RunLister([folder.parent]).refresh()
    for run in listing.runs:
        assert run.state(NOW)
        assert 0 <= run.share_done <= 1
        differing_settings([run, replace(run, config={})])
    assert is_run <= bool(listing.runs)


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
