"""A list of runs: which it finds, how it keeps up with them, and what it says differs."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from tests.run_folders import CONFIG, give_sign_of_life, make_run, write

from superpos_core.errors import InvalidValue
from superpos_core.files.runs.glance import RunSummary, read_summary
from superpos_core.files.runs.listing import Listing, RunLister, differing_settings, setting_of

NOW = 2e9


def only(listing: Listing) -> RunSummary:
    (run,) = listing.runs
    return run


def names(listing: Listing) -> list[str]:
    return [run.name for run in listing.runs]


# ── many runs ─────────────────────────────────────────────────────────────────────────────────────


def test_runs_are_found_two_levels_deep_and_the_rest_is_counted(tmp_path: Path) -> None:
    for name in ("one", "sweep/a", "sweep/b"):
        make_run(tmp_path / name)
    (tmp_path / "sweep" / "figures").mkdir()
    (tmp_path / "one" / "timeline").mkdir()
    (tmp_path / "notes").mkdir()
    (tmp_path / ".hidden").mkdir()
    make_run(tmp_path / "too" / "deep" / "down")
    (tmp_path / "torn").mkdir()
    (tmp_path / "torn" / "run.json").write_text('{"format":')
    listing = RunLister([tmp_path]).refresh()
    assert names(listing) == ["one", "sweep/a", "sweep/b"]
    assert (listing.without_run, listing.unreadable, listing.newer) == (2, 1, 0)
    assert listing.left_out == "2 without a run, 1 not readable"


def test_several_paths_are_named_from_the_folder_above_them(tmp_path: Path) -> None:
    make_run(tmp_path / "x" / "a")
    make_run(tmp_path / "y" / "b")
    lister = RunLister([tmp_path / "x" / "a", tmp_path / "y", tmp_path / "x" / "a"])
    assert names(lister.refresh()) == ["x/a", "y/b"]
    assert names(RunLister([tmp_path / "x" / "a"]).refresh()) == ["a"]


def test_a_path_that_cannot_be_listed_is_refused_in_a_line(tmp_path: Path) -> None:
    with pytest.raises(InvalidValue, match="there is no such folder"):
        RunLister([tmp_path / "missing"])
    with pytest.raises(InvalidValue, match="it is a file"):
        RunLister([write(tmp_path / "file", {})])


def test_only_what_has_changed_is_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in "abc":
        make_run(tmp_path / name, state="training", step=1, alive=NOW)
    lister = RunLister([tmp_path])
    before = lister.refresh()
    read: list[str] = []
    original = read_summary

    def counted(folder: Path, name: str) -> RunSummary | None:
        read.append(name)
        return original(folder, name)

    monkeypatch.setattr("superpos_core.files.runs.listing.read_summary", counted)
    give_sign_of_life(tmp_path / "b", "training", 2, NOW)
    make_run(tmp_path / "d")
    (tmp_path / "a" / "run.json").unlink()
    after = lister.refresh()
    assert read == ["b", "d"]
    assert names(after) == ["b", "c", "d"]
    assert [run.step for run in after.runs] == [2, 1, 10_000]
    assert after.runs[1] is before.runs[2]


def test_a_change_is_a_sign_of_life_whatever_the_clock_of_the_trainer_says(tmp_path: Path) -> None:
    make_run(tmp_path / "a", state="training", step=1, alive=5.0)
    lister = RunLister([tmp_path])
    assert only(lister.refresh()).alive == 5.0
    give_sign_of_life(tmp_path / "a", "training", 2, alive=6.0)
    alive = only(lister.refresh()).alive
    assert alive is not None
    assert alive > 1e9
    give_sign_of_life(tmp_path / "a", "finished", 2, alive=7.0)
    assert only(lister.refresh()).alive == 7.0


def test_what_has_not_changed_is_the_same_object(tmp_path: Path) -> None:
    make_run(tmp_path / "a", state="training", step=1, alive=NOW)
    lister = RunLister([tmp_path])
    before = lister.refresh()
    assert lister.refresh() is before
    give_sign_of_life(tmp_path / "a", "training", 2, NOW)
    after = lister.refresh()
    assert only(after).step == 2
    assert only(after).config is only(before).config


def test_a_long_list_is_read_in_parts(tmp_path: Path) -> None:
    for number in range(20):
        make_run(tmp_path / f"run-{number:02}")
    lister = RunLister([tmp_path])
    parts = [lister.refresh(seconds=0)]
    while not parts[-1].is_complete:
        parts.append(lister.refresh(seconds=0))
    counts = [len(part.runs) for part in parts]
    assert counts == sorted(counts)
    assert counts[-1] == 20
    assert lister.refresh(seconds=0).is_complete


def test_nothing_is_written(tmp_path: Path) -> None:
    make_run(tmp_path / "a")
    before = [(each, each.stat().st_mtime_ns) for each in sorted(tmp_path.rglob("*"))]
    RunLister([tmp_path]).refresh()
    assert [(each, each.stat().st_mtime_ns) for each in sorted(tmp_path.rglob("*"))] == before


# ── what differs ──────────────────────────────────────────────────────────────────────────────────


def test_only_the_settings_that_differ_are_named(tmp_path: Path) -> None:
    make_run(tmp_path / "a")
    make_run(tmp_path / "b", config=replace(CONFIG, learning_rate=0.5, sparsities=(0.5, 0.9)))
    make_run(tmp_path / "c", config=replace(CONFIG, seed=7, name="mine"))
    listing = RunLister([tmp_path]).refresh()
    differing = differing_settings(listing.runs)
    assert set(differing) == {"name", "learning_rate", "sparsities", "seed"}
    assert differing[0] == "name"
    assert differing_settings(listing.runs[:1]) == differing_settings([]) == ()
    assert setting_of(listing.runs[1], "sparsities") == [0.5, 0.9]


def test_a_setting_missing_from_an_older_run_has_its_default(tmp_path: Path) -> None:
    make_run(tmp_path / "new")
    older = {name: value for name, value in CONFIG.as_dict().items() if name != "initial"}
    make_run(tmp_path / "old")
    about = json.loads((tmp_path / "old" / "run.json").read_bytes())
    write(tmp_path / "old" / "run.json", {**about, "format": 1, "config": older})
    runs = RunLister([tmp_path]).refresh().runs
    assert len(runs) == 2
    assert differing_settings(runs) == ()
    newer = replace(runs[0], config={**runs[0].config, "depth": 3})
    assert differing_settings([newer, runs[1]]) == ("depth",)


def test_an_unknown_setting_differs_from_every_known_one(tmp_path: Path) -> None:
    make_run(tmp_path / "a")
    make_run(tmp_path / "b", unknown=["sparsities"])
    runs = RunLister([tmp_path]).refresh().runs
    assert differing_settings(runs) == ("sparsities",)
    assert setting_of(runs[1], "sparsities") is None
