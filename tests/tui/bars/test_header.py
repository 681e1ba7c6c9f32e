"""The two lines at the top: what they say at each width, and that nothing moves."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from tests.tui.pictures import scene_of, scene_of_settings
from tests.tui.strategies import any_number

from superpos_core.arrays import FloatArray
from superpos_core.experiments import EXPERIMENTS, Trial
from superpos_core.record.lanes import LanesRecord
from superpos_core.task.config import LANES
from superpos_core.task.dictionaries.kinds import KINDS
from superpos_core.task.dictionaries.options import DICTIONARIES
from superpos_core.task.models import MODELS
from superpos_core.task.sweeps import sweep_named
from superpos_core.training.pacing import PACES
from superpos_tui.bars import timeline
from superpos_tui.bars.header import HEIGHT, draw
from superpos_tui.bars.status import Status
from superpos_tui.drawing.palette import Ink
from superpos_tui.process.source import Life
from superpos_tui.selection import first_focus

WIDTHS = (40, 60, 80, 100, 120, 160, 200)
NEXT_KEYS = (("t", "replay"), ("r", "again"), ("x", "next experiment"), ("G", "tour"))
losses = arrays(np.float32, st.tuples(st.integers(0, 40), st.integers(1, 6)), elements=any_number)


def waiting(name: str) -> Status:
    """An experiment that is loading."""
    experiment = EXPERIMENTS[name]
    config = experiment.config
    focus = first_focus(Trial(config, experiment))
    names = config.dictionaries if config.kind == DICTIONARIES else config.models
    return Status(config, names, focus, "loading", PACES["watch"], None)


def training(steps: int = 400, loss: float = 0.05, steps_per_second: float = 1234.0) -> Status:
    """A run of 20 features in 5 dimensions."""
    scene = scene_of(np.eye(20, 5), np.full((steps, 5), loss))
    snapshot = replace(scene.snapshot, steps_per_second=steps_per_second)
    scene = type(scene)(snapshot, scene.focus, scene.options)
    models = ("tied", "untied")
    return Status(snapshot.config, models, scene.focus, "training", PACES["watch"], scene)


@given(losses, st.integers(1, 250))
def test_it_is_two_rows_of_any_width(losses: FloatArray, width: int) -> None:
    scene = scene_of(np.eye(4, 2), losses)
    status = Status(scene.snapshot.config, ("tied", "mlp"), scene.focus, "training", None, scene)
    cells = draw(status, width)
    assert (cells.width, cells.height) == (width, HEIGHT)


# ── the sentence ──────────────────────────────────────────────────────────────────────────────


def test_the_first_line_says_in_a_sentence_what_is_trained() -> None:
    shown = {width: draw(waiting("twenty"), width).row_text(0) for width in WIDTHS}
    sentence = "20 features → 5 dimensions · ▐tied▌ "
    formula = "x̂ = ReLU(x·W·Wᵀ + b)"
    for width in (80, 100, 120, 160, 200):
        assert shown[width].startswith(f" {sentence}")
    for width in (60, 80, 100, 120, 160, 200):
        assert formula in shown[width]
    for width in (120, 160, 200):
        assert f"{sentence}untied  {formula}  · S  0  0.7 ▐0.9▌ 0.99  0.999 " in shown[width]
    assert shown[120].endswith(" twenty · seed 0 ")
    assert shown[200].endswith("  experiment twenty · seed 0 ")


@pytest.mark.parametrize("name", EXPERIMENTS)
@pytest.mark.parametrize("width", WIDTHS)
def test_model_setting_and_name_are_found_at_every_width(name: str, width: int) -> None:
    status = waiting(name)
    line = draw(status, width).row_text(0)
    assert len(line.replace("\u0302", "")) == width
    assert f"▐{status.focus.model}▌" in line
    assert name in line or width == 40
    if width >= 100:
        shown = status.focus.model
        known = KINDS[shown] if shown in KINDS else MODELS[shown]
        assert known.formula in line


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("pentagon", "p₀ … ×0.464  ×0.681 ▐×1▌ ×1.47  ×2.15 … (density of feature 0)"),
        ("double-descent", "▐250▌"),
        ("phase", "2 features → 1 dimension · "),
        ("phase", "phase map of 100 × 100 cells"),
        ("windmill-5", "restart  1 of 32 (best by loss)"),
    ],
)
def test_sweeps_maps_and_restarts_are_said(name: str, said: str) -> None:
    assert said in draw(waiting(name), 160).row_text(0)


def test_settings_that_have_no_room_are_left_out_from_the_ends() -> None:
    status = waiting("twenty")
    sparsities = (0.0, 0.7, 0.8, 0.9, 0.95, 0.99, 0.995, 0.999)
    status = replace(status, config=replace(status.config, sparsities=sparsities))
    status = replace(status, focus=replace(status.focus, setting=4))
    shown = {width: draw(status, width).row_text(0) for width in WIDTHS}
    assert " S ▐0.95▌" in shown[80]
    assert "▐tied▌ untied " in shown[100], "a model is worth more than the fifth sparsity"
    assert " S … 0.9 ▐0.95▌ 0.99 …" in shown[100]
    assert " S … 0.8  0.9 ▐0.95▌ 0.99  0.995 …" in shown[120]
    assert " S  0  0.7  0.8  0.9 ▐0.95▌ 0.99  0.995  0.999 " in shown[160]


@pytest.mark.parametrize("name", EXPERIMENTS)
@pytest.mark.parametrize("width", [80, 100, 120, 160])
def test_what_is_swept_is_said_in_words(name: str, width: int) -> None:
    """``p₀ ▐×1▌ 7 of 13`` alone told nobody what p₀ is."""
    status = waiting(name)
    if status.config.kind == LANES and len(status.config.sweep_values) > 1:
        meaning = sweep_named(status.config.sweep).factor_of
        assert meaning in draw(status, width).row_text(0)


def test_the_sparsities_stay_where_they_are_while_models_change() -> None:
    status = replace(waiting("two-conditions"), models=("linear", "tied"))
    other = replace(status, focus=replace(status.focus, model="tied"))
    lines = [draw(each, 160).row_text(0).replace("\u0302", "") for each in (status, other)]
    assert lines[0].index(" · S ") == lines[1].index(" · S ")


# ── the progress ──────────────────────────────────────────────────────────────────────────────


def test_the_second_line_has_a_bar_the_step_the_time_left_the_loss_and_the_ratio() -> None:
    for width in (80, 100, 120, 160, 200):
        line = draw(training(steps=5000), width).row_text(1)
        bar = line[line.index("━") : line.rindex("─") + 1]
        assert 6 <= len(bar) <= 64
        assert bar.count("━") == len(bar) // 2
        for word in ("● training", " 5,000/10,000 ", " s left ", "loss 5.0e−02", "× linear"):
            assert word in line, (width, word)
    assert "pace 20 s " in draw(training(), 120).row_text(1)
    assert "1,234 steps/s" in draw(training(), 100).row_text(1)
    assert draw(training(), 200).row_text(1).endswith("scripted on cpu ")
    assert "training loss 5.0e−02" in draw(training(), 200).row_text(1)


@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_moves_while_numbers_change(width: int) -> None:
    lines = [
        draw(each, width).row_text(1)
        for each in (
            training(steps=3, loss=0.5, steps_per_second=0),
            training(steps=900, loss=4e-7, steps_per_second=99),
            training(steps=9999, loss=4e-5, steps_per_second=54_321),
        )
    ]
    for mark in ("/10,000", "loss", "× linear", "left", "pace", "steps/s"):
        at = {line.find(mark) for line in lines} - {-1}
        assert len(at) <= 1, mark


def bar_of(line: str) -> int:
    return line.count("━") + line.count("╸") + line.count("─")


def test_a_little_progress_is_seen() -> None:
    assert "━" not in draw(training(steps=400), 80).row_text(1)
    assert "╸" in draw(training(steps=900), 80).row_text(1)


@given(st.integers(1, 9999), st.sampled_from(WIDTHS))
def test_the_bar_is_as_long_at_every_step(step: int, width: int) -> None:
    first, later = (draw(training(steps), width).row_text(1) for steps in (1, step))
    assert bar_of(first) == bar_of(later)


def test_after_the_run_the_line_says_what_to_do_next() -> None:
    finished = replace(training(), state="finished", next_keys=NEXT_KEYS)
    everything = "✓ finished  t replay · r again · x next experiment · G tour"
    for width in (120, 160, 200):
        assert everything in draw(finished, width).row_text(1)
    for width in (80, 100):
        line = draw(finished, width).row_text(1)
        assert "✓ finished  t replay · r again · x next · G tour" in line
    assert "✓ finished  t replay · r again " in draw(finished, 60).row_text(1)
    brief = replace(finished, config=replace(finished.config, steps=400))
    for width in (80, 100, 120):
        assert "G tour" in draw(brief, width).row_text(1), "however short the steps are"
    cells = draw(finished, 80)
    assert cells.inks[1, cells.row_text(1).index("G tour")] == Ink.ACCENT


def test_a_followed_run_says_how_it_is_doing_and_has_no_pace() -> None:
    life = Life("silent", 42, has_known_length=False)
    status = replace(training(), state="silent", life=life, pace=None, run="mine")
    cells = draw(status, 120)
    assert "◌ silent 42 s" in cells.row_text(1)
    assert "step    400" in cells.row_text(1)
    for word in ("━", "left", "pace", "full speed"):
        assert word not in cells.row_text(1)
    assert "mine" in cells.row_text(0)


def test_a_lane_that_has_diverged_is_said_to_have() -> None:
    scene = scene_of(np.full((4, 2), np.nan), np.full((9, 1), 0.1))
    status = Status(scene.config, ("tied",), scene.focus, "training", None, scene)
    assert "diverged" in draw(status, 80).row_text(1)


def test_what_is_being_written_is_shown_at_every_width_at_which_it_fits() -> None:
    for width in WIDTHS[1:]:
        writing = replace(training(), work="film: 12 of 60 frames")
        assert "film: 12 of 60 frames " in draw(writing, width).row_text(1)
        assert "● training" in draw(writing, width).row_text(1)
    writing = replace(looking_at(1600), work="film: 12 of 60 frames")
    for width in (100, 120):
        assert "film: 12 of 60 frames" in timeline.draw(writing, width).row_text(0)


# ── the timeline in its place ─────────────────────────────────────────────────────────────────


def looking_at(step: int | None) -> Status:
    steps = (0, 1, 10, 100, 1600, 10_000)
    scene = scene_of_settings(np.zeros((len(steps), 2, 4, 2)), steps=steps, step=step)
    return Status(scene.config, ("tied",), scene.focus, "training", None, scene)


@pytest.mark.parametrize("width", WIDTHS)
def test_the_timeline_says_which_step_is_looked_at(width: int) -> None:
    past, live = (timeline.draw(looking_at(step), width).row_text(0) for step in (1600, None))
    assert "◀ looking at step  1,600" in past
    assert "live at step 10,000" in live
    assert bar_of(past) == bar_of(live), "nothing moves when it is left"
    if width >= 60:
        assert bar_of(past) > 4
        assert past.split("looking")[0].count(" 0 ┴") == past.count("┴ 10,000 ") == 1
    if width >= 100:
        assert past.startswith(" ● training  ")
        assert "loss" in past


def test_each_moment_can_be_pointed_at() -> None:
    status = looking_at(None)
    reached = {timeline.step_at(status, 120, x) for x in range(120)} - {None}
    assert reached == {0, 1, 10, 100, 1600, 10_000}


# ── other runs and models ─────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("width", WIDTHS[1:])
def test_the_way_back_to_another_experiment_is_shown(width: int) -> None:
    status = waiting("pentagon")
    assert "back to" not in draw(status, width).text()
    line = draw(replace(status, back=("u", "twenty")), width).row_text(0)
    assert line.endswith("u back to twenty ")
    assert "▐tied▌" in line


def test_a_model_that_has_finished_says_which_other_one_trains() -> None:
    """It said that it trained, and had 0 s left; then how far the other was, but not how long."""
    done = training(steps=400)
    assert done.scene is not None
    snapshot, record = done.scene.snapshot, done.scene.lanes
    config = replace(snapshot.config, steps=400, models=("tied", "linear"))
    behind = replace(record.cohorts["tied"], step=100)
    cohorts = {"tied": record.cohorts["tied"], "linear": behind}
    now = replace(snapshot, record=LanesRecord(config, cohorts))
    scene = type(done.scene)(now, done.scene.focus, done.scene.options)
    status = replace(done, config=config, models=config.models, scene=scene)
    slow = replace(now, steps_per_second=20.0)
    scene = type(scene)(slow, scene.focus, scene.options)
    timed = replace(status, scene=scene, pace=PACES["full"])
    assert "400/400  linear   15 s left" in draw(timed, 120).row_text(1)
    assert "400/400  linear at 25%" in draw(timed, 76).row_text(1)
    unknown = replace(now, steps_per_second=0.0)
    unknown_time = replace(status, scene=type(scene)(unknown, scene.focus, scene.options))
    line = draw(unknown_time, 120).row_text(1)
    assert "400/400  linear at 25%" in line
    assert "left" not in line
    alone = draw(replace(done, config=replace(config, models=("tied",))), 120).row_text(1)
    assert "0 s left" in alone
