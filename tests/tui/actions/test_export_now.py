"""``e`` and ``g``: one folder per moment of a run, and every failure is reported."""

from dataclasses import replace
from pathlib import Path

import pytest
from matplotlib.figure import Figure
from tests.core.snapshots import finished
from tests.tui.running import running, until, until_finished
from textual.pilot import Pilot

from superpos_core.figures import registry
from superpos_core.figures.registry import FIGURES
from superpos_core.figures.tools.kinds import ModelFigure
from superpos_core.files.export import export
from superpos_core.files.runs.manifest import Manifest
from superpos_core.task.config import ExperimentConfig
from superpos_tui.actions import export_now
from superpos_tui.app import SuperposApp
from superpos_tui.headless.drawing_processes import drawing_processes
from superpos_tui.views.registry import VIEWS

TINY = ExperimentConfig(
    "tiny", features=3, hidden=2, models=("tied",), sparsities=(0.5,), batch=8, steps=5
)
FOLDER = "superpos-tiny-0-step-5"


@pytest.fixture(autouse=True)
def _here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)


def notices(app: SuperposApp) -> list[str]:
    """What the instrument has said so far."""
    return [notification.message for notification in app._notifications]


async def press_and_wait(app: SuperposApp, pilot: Pilot[None], *keys: str) -> list[str]:
    """Press keys, each after the previous one has finished; return the notices."""
    for key in keys:
        await pilot.press(key)
        await app.workers.wait_for_complete()
        await pilot.pause()
    return notices(app)


async def export_of(config: ExperimentConfig, *keys: str) -> list[str]:
    """Open the instrument, wait until the run is at its end and press ``keys``."""
    async with running(config=config) as (app, pilot):
        await until_finished(app, pilot)
        await until(pilot, lambda: app.scene is not None)
        return await press_and_wait(app, pilot, *keys)


def names_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


@pytest.mark.thorough
async def test_another_run_at_the_same_step_has_its_own_folder(tmp_path: Path) -> None:
    configs = (TINY, replace(TINY, features=4), replace(TINY, sparsities=(0.9,)))
    for config in configs:
        await export_of(config, "e")
    assert names_in(tmp_path) == {FOLDER, f"{FOLDER}-2", f"{FOLDER}-3"}
    records = [Manifest.read(tmp_path / name) for name in sorted(names_in(tmp_path))]
    assert [record.config["features"] for record in records if record] == [3, 4, 3]
    assert {*map(len, map(names_in, tmp_path.iterdir()))} == {13}


@pytest.mark.thorough
async def test_the_same_moment_is_one_folder_whatever_is_written_of_it(tmp_path: Path) -> None:
    said = await export_of(TINY, "g", "e", "e", "6", "e", "down", "down", "e", "e")
    assert names_in(tmp_path) == {FOLDER}
    pictures = {"film-gram-tied.gif", "probe.svg", "probe-2.svg"}
    assert names_in(tmp_path / FOLDER) >= pictures | {"run.json", "weights.safetensors"}
    record = Manifest.read(tmp_path / FOLDER)
    assert record is not None
    assert set(record.files) == names_in(tmp_path / FOLDER)
    assert [line for line in said if "could not" in line or "failed" in line] == []


async def test_a_figure_that_fails_affects_no_other_and_is_reported(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def fail(*_: object) -> Figure:
        raise ZeroDivisionError("there is nothing to divide by")

    broken = ModelFigure("gram", "a figure that cannot be drawn", fail)
    monkeypatch.setitem(FIGURES, "gram", broken)
    monkeypatch.setattr(registry, "ORDINARY", (broken, FIGURES["norms"]))
    monkeypatch.setitem(VIEWS, "probe", replace(VIEWS["probe"], draw_figure=fail))
    said = await export_of(TINY, "6", "e", "g")
    reason = "could not be drawn: ZeroDivisionError: there is nothing to divide by"
    (incomplete,) = (line for line in said if "probe" in line)
    assert incomplete.splitlines() == [
        f"gram-tied {reason}",
        f"probe {reason}",
        f"7 files in {tmp_path / FOLDER}",
        "figures: norms",
    ]
    assert said[-1] == "ZeroDivisionError: there is nothing to divide by"
    assert names_in(tmp_path / FOLDER) == {
        "run.json", "weights.safetensors", "loss.csv", "summary.json", "norms-tied.svg",
        "state.safetensors", "status.json", "timeline",
    }  # fmt: skip


async def test_the_notice_says_which_file_is_which_figure(tmp_path: Path) -> None:
    said = await export_of(TINY, "e", "6", "e")
    live, probe = (line.splitlines()[1:] for line in said if "files in" in line)
    assert live[0] == "this view: gram-tied.svg"
    assert {"norms", "loss", "geometry"} <= set(live[1].removeprefix("others: ").split(", "))
    assert probe[0] == "this view: probe.svg"
    assert "gram" in probe[1]
    for line in (live[0], probe[0]):
        assert (tmp_path / FOLDER / line.removeprefix("this view: ")).is_file()


async def test_the_folder_is_named_before_anything_is_in_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def stop(*_: object, **__: object) -> None:
        raise ZeroDivisionError("nothing is written")

    monkeypatch.setattr(export_now, "export", stop)
    said = await export_of(TINY, "e")
    begun = f"writing figures, numbers and weights to\n{tmp_path / FOLDER}"
    assert said == [begun, "ZeroDivisionError: nothing is written"]


async def test_a_missing_current_folder_is_reported_in_one_line(tmp_path: Path) -> None:
    async with running(config=TINY) as (app, pilot):
        await until_finished(app, pilot)
        tmp_path.rmdir()
        for key in ("e", "g"):
            said = await press_and_wait(app, pilot, key)
            assert "no such file or directory" in said[-1].lower()
        tmp_path.mkdir()  # pytest wants to look for it


@pytest.mark.thorough
async def test_the_same_moment_gives_the_same_bytes_with_and_without_a_screen(
    tmp_path: Path,
) -> None:
    """Drawn by a thread of the instrument, and by a process of a headless run."""
    await export_of(TINY, "e")
    with drawing_processes(2, lambda _: None) as draw:
        list(export(finished(TINY), tmp_path / "headless", ("pdf", "svg"), 1.0, draw=draw))
    for path in (tmp_path / FOLDER).glob("*.svg"):
        assert path.read_bytes() == (tmp_path / "headless" / path.name).read_bytes(), path.name
    list(export(finished(TINY), tmp_path / "library", ("pdf",), 1.0))
    for path in (tmp_path / "library").glob("*.pdf"):
        assert path.read_bytes() == (tmp_path / "headless" / path.name).read_bytes(), path.name
