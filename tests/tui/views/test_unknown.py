"""Weights without their training: all that they tell is shown, and panels say what they lack."""

from pathlib import Path

import numpy as np
import pytest
from tests.core.snapshots import SMALL, finished
from tests.tui.running import panel, running, text_of, until

from superpos_core.errors import InvalidValue
from superpos_core.files.weights.opening import open_weights
from superpos_core.record.lanes import LanesRecord
from superpos_core.record.snapshot import Snapshot
from superpos_tui.actions.export_now import export_now, film_now
from superpos_tui.bars.header import draw as draw_header
from superpos_tui.bars.status import Status
from superpos_tui.process.opened_run import OpenedFile
from superpos_tui.process.source import Life
from superpos_tui.scene import Scene
from superpos_tui.selection import Focus, Options
from superpos_tui.views.needs import NEEDS_TRAINING, what_to_give
from superpos_tui.views.registry import VIEWS

SIZES = ((40, 12), (120, 40))


def weights(tmp_path: Path, instances: int = 3, **options: str) -> Snapshot:
    """Instances of a matrix whose model is not known."""
    W = np.random.default_rng(0).normal(size=(instances, 6, 2))
    np.savez(tmp_path / "mine.npz", encoder=W, b=np.zeros((instances, 6)))
    return open_weights(tmp_path / "mine.npz", None, options)


def scene_of(snapshot: Snapshot, setting: int = 1) -> Scene:
    return Scene(snapshot, Focus(snapshot.config.models[0], setting), Options())


def status_text(snapshot: Snapshot, width: int = 120) -> str:
    scene = scene_of(snapshot)
    config = snapshot.config
    status = Status(config, config.models, scene.focus, "finished", None, scene)
    cells = draw_header(status, width)
    return "\n".join(cells.row_text(y) for y in range(2))


def test_panels_that_need_more_than_weights_say_what(tmp_path: Path) -> None:
    scene = scene_of(weights(tmp_path))
    missing = {
        f"{view.name}/{each.name}": each.missing(scene)
        for view in VIEWS.values()
        for each in view.panels.values()
        if each.takes is LanesRecord
    }
    lacking = {name: text for name, text in missing.items() if text}
    assert lacking == {
        "live/loss": NEEDS_TRAINING,
        "dimensionality/dimensions-over-steps": NEEDS_TRAINING,
        "probe/probe": "needs the activations and the importance of features: "
        "add --model NAMES --importance R",
        "probe/hidden": "needs the activations: add --model NAMES",
        "compare/both-losses": NEEDS_TRAINING,
        "weights/data": "needs the feature probability and the distribution of the data: "
        "add --sparsity S,… --distribution NAME",
    }


def test_options_give_what_they_need(tmp_path: Path) -> None:
    scene = scene_of(weights(tmp_path, models="tied", importance="0.9", sparsities="0.9"))
    assert not VIEWS["probe"].panels["probe"].missing(scene)
    assert what_to_give(set()) == ""


def test_no_number_is_claimed_that_nobody_knows(tmp_path: Path) -> None:
    shown = status_text(weights(tmp_path))
    for claim in ("S 0", "1−S", "loss", "step", "seed", "experiment"):
        assert claim not in shown.replace("--sparsity S", ""), claim
    assert "weights mine" in shown
    assert "needs the feature probability: add --sparsity S" in shown
    assert "instance  0 ▐1▌ 2" in shown
    known = status_text(weights(tmp_path, sparsities="0.9"))
    assert "S 0.9   weights mine" in known


def test_a_sparsity_for_each_instance_is_shown_as_one(tmp_path: Path) -> None:
    shown = status_text(weights(tmp_path, sparsities="0,0.9,0.99"))
    assert "S  0 ▐0.9▌ 0.99" in shown


def test_provenance_claims_no_training(tmp_path: Path) -> None:
    record = weights(tmp_path).record
    assert record.provenance == ("weights of mine", "n = 6 → m = 2", "3 instances")


async def test_how_a_file_was_read_is_said(tmp_path: Path) -> None:
    np.save(tmp_path / "w", np.eye(4)[:, :2])
    snapshot = open_weights(tmp_path / "w.npy")
    source = OpenedFile(snapshot, tmp_path / "w.npy")
    async with running(config=snapshot.config, source=source) as (app, pilot):
        await until(pilot, lambda: bool(app._notifications))
        (notice,) = app._notifications
        assert notice.message.splitlines() == [
            "read as rows",
            "activations unknown: those of tied assumed",
            "no bias in the file: shown as 0",
        ]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.sampled(2)
async def test_every_view_of_opened_weights_is_drawn(size: tuple[int, int], tmp_path: Path) -> None:
    snapshot = weights(tmp_path)
    source = OpenedFile(snapshot, tmp_path / "mine.npz")
    async with running(size, snapshot.config, source=source) as (app, pilot):
        for key in [view.key for view in VIEWS.values()]:
            await pilot.press(key)
            await pilot.pause()
            if size == SIZES[-1] and key == "1":
                assert "needs the moments" in text_of(app, "live-loss")
                assert "instance 1" in text_of(app, "live-strip")
                assert panel(app, "strip").title == "W·Wᵀ of every instance"
        for key in ("1", "b", "right", "p", "3", "c", "c", "8", "left"):
            await pilot.press(key)
        await pilot.pause()


async def test_one_bare_matrix_is_drawn(tmp_path: Path) -> None:
    np.save(tmp_path / "w", np.eye(4)[:, :2])
    snapshot = open_weights(tmp_path / "w.npy")
    source = OpenedFile(snapshot, tmp_path / "w.npy")
    async with running((100, 30), snapshot.config, source=source) as (app, pilot):
        for view in VIEWS.values():
            await pilot.press(view.key)
            await pilot.pause()
            assert app.selection.view == view.name
        await pilot.press("1")
        await until(pilot, lambda: "2 of 4 represented" in text_of(app, "live-norms"))


async def test_there_is_no_timeline_to_go_through(tmp_path: Path) -> None:
    snapshot = weights(tmp_path)
    source = OpenedFile(snapshot, tmp_path / "mine.npz")
    async with running(config=snapshot.config, source=source) as (app, pilot):
        await pilot.press(
            "t", "left", "right", "end", "home", "enter", "w", "escape", "C", "u", "d"
        )
        await pilot.pause()
        assert not app.desk.screen.timeline_is_open
        assert app.selection.focus.step is None


def test_a_film_needs_moments(tmp_path: Path) -> None:
    with pytest.raises(InvalidValue, match="no moments of it are kept"):
        film_now(scene_of(weights(tmp_path)), VIEWS["live"], tmp_path, lambda frame, count: None)


def test_weights_are_exported_from_the_screen(tmp_path: Path) -> None:
    scene, view = scene_of(weights(tmp_path)), VIEWS["probe"]
    written = export_now(scene, view, tmp_path, ("svg",))
    assert written.folder.name == "superpos-mine"
    assert not list(written.folder.glob("probe*"))
    assert len(written.missing) == 1


def test_a_run_of_unknown_length_shows_its_step_alone() -> None:
    snapshot = finished(SMALL)
    scene, config = scene_of(snapshot), snapshot.config
    shown = {}
    for is_known in (True, False):
        life = Life("following", has_known_length=is_known)
        told = Status(config, config.models, scene.focus, "following", None, scene, life)
        shown[is_known] = draw_header(told, 120).row_text(1)
    assert "40/40" in shown[True]
    assert "step 40" in shown[False]
    assert "/40" not in shown[False]
