"""The film of a run: the moments it shows, and that they play as they were drawn."""

import io
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from PIL import Image, ImageSequence
from tests.core.dictionary_records import SMALL_DICTIONARIES, made_record

from superpos_core.arrays import FloatArray
from superpos_core.errors import InvalidValue
from superpos_core.figures.film import (
    DOTS_PER_INCH,
    FRAME_SECONDS,
    LAST_FRAME_SECONDS,
    MAX_FRAMES,
    WIDTHS,
    animated,
    film,
    film_steps,
    film_style,
)
from superpos_core.figures.registry import FIGURES, figure_of_film
from superpos_core.figures.tools.kinds import ModelFigure, RunFigure
from superpos_core.record.lanes import LanesRecord
from superpos_core.record.record import Record
from superpos_core.record.timeline import Timeline
from superpos_core.task.config import ExperimentConfig
from superpos_core.training.run import train

TINY = ExperimentConfig(
    "tiny", features=5, hidden=2, models=("tied",), sparsities=(0.5,), batch=64, steps=4,
    learning_rate=0.1,
)  # fmt: skip
LONG = replace(TINY, steps=2000)
"""It keeps more moments than a film has frames."""


@cache
def trained(config: ExperimentConfig) -> LanesRecord:
    return train(config).record_as(LanesRecord)


@cache
def film_of(config: ExperimentConfig, name: str) -> bytes:
    return film(trained(config), FIGURES[name], "tied")


def frames(gif: bytes) -> list[FloatArray]:
    """What a player shows, frame by frame: arrays of shape (height, width, 3)."""
    with Image.open(io.BytesIO(gif)) as opened:
        return [_pixels(frame) for frame in ImageSequence.Iterator(opened)]


def durations(gif: bytes) -> list[int]:
    """The duration of each frame, in milliseconds."""
    with Image.open(io.BytesIO(gif)) as opened:
        return [int(frame.info["duration"]) for frame in ImageSequence.Iterator(opened)]


def _pixels(image: Image.Image) -> FloatArray:
    pixels: FloatArray = np.asarray(image.convert("RGB")).astype(np.float64)
    return pixels


def steps_kept(record: LanesRecord) -> list[int]:
    return [int(step) for step in record.cohorts["tied"].timeline.steps]


def share_passed(step: int) -> float:
    """The number of moments of the long run that have passed; never none and never all."""
    kept = steps_kept(trained(LONG))
    return (1 + kept.index(step)) / (1 + len(kept))


def _draw_progress(record: LanesRecord, model: str) -> Figure:
    """A black bar on white, as long as the share of moments that have passed."""
    figure = Figure(figsize=(2.4, 0.2))
    passed = share_passed(record.cohorts[model].step)
    bar = Rectangle((0, 0), passed, 1, color="black", linewidth=0)
    bar.set_transform(figure.transFigure)
    figure.add_artist(bar)
    return figure


PROGRESS = ModelFigure("progress", "how much of the run has passed", _draw_progress)


# ── which moments ─────────────────────────────────────────────────────────────────────────────


@pytest.mark.thorough
def test_a_film_shows_every_kept_moment() -> None:
    assert film_steps(trained(TINY), "tied") == steps_kept(trained(TINY)) == list(range(5))


@given(st.integers(2, 100))
def test_a_limited_number_of_frames_is_spread_evenly_with_both_ends(
    most: int,
) -> None:
    kept = steps_kept(trained(LONG))
    assert len(kept) > MAX_FRAMES
    steps = film_steps(trained(LONG), "tied", most)
    assert len(steps) == min(most, len(kept))
    assert (steps[0], steps[-1]) == (0, LONG.steps)
    gaps = np.diff([kept.index(step) for step in steps])
    assert gaps.min() >= 1
    assert gaps.max() - gaps.min() <= 1


def test_a_film_of_a_run_without_moments_is_an_error() -> None:
    run = trained(TINY)
    cohort = replace(run.cohorts["tied"], timeline=Timeline())
    with pytest.raises(InvalidValue, match="film tied: no moment of it is kept yet"):
        film_steps(replace(run, cohorts={"tied": cohort}), "tied")


# ── the pictures ──────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", ["gram", "norms"])
def test_frames_have_the_same_size_and_the_last_differs_from_the_first(name: str) -> None:
    shown = frames(film_of(TINY, name))
    assert len(shown) == len(steps_kept(trained(TINY)))
    assert len({frame.shape for frame in shown}) == 1
    assert not np.array_equal(shown[0], shown[-1])


def _higher_when_trained(record: LanesRecord, model: str) -> Figure:
    return Figure(figsize=(3, 1 + 0.5 * (record.newest_step > 0)), facecolor="white")


def test_frames_of_different_heights_share_a_page_as_wide_as_is_asked_for() -> None:
    growing = ModelFigure("growing", "more lines when trained", _higher_when_trained)
    shown = frames(film(trained(TINY), growing, "tied", width=300))
    assert {frame.shape for frame in shown} == {(150, 300, 3)}
    assert all((frame == 255).all() for frame in shown)


def test_white_stays_white_and_a_small_scale_stays_smooth() -> None:
    """Hundreds of more frequent colours, as antialiased text has, do not take its colours away."""
    paper = np.full((90, 360, 3), 255, np.uint8)
    shades = np.arange(360)
    paper[20:40] = np.stack([shades % 256, shades // 2, 40 + 0 * shades], axis=-1)
    scale = np.stack([255 - shades // 2, 128 + 0 * shades, shades // 2], axis=-1)
    paper[60] = scale
    (shown,) = frames(animated([Image.fromarray(paper)], [1.0]))
    assert (shown[np.all(paper == 255, axis=-1)] == 255).all()
    assert np.abs(shown[60] - scale).max() <= 8


@pytest.mark.parametrize("width", [0, WIDTHS[0] - 1, WIDTHS[-1] + 1])
def test_a_width_out_of_range_is_refused(width: int) -> None:
    with pytest.raises(InvalidValue, match="film-width"):
        film(trained(TINY), FIGURES["gram"], "tied", width=width)


@pytest.mark.parametrize("name", ["gram", "norms"])
def test_each_frame_is_closest_to_the_figure_at_its_step(name: str) -> None:
    figures = [figure_at(trained(TINY), step, name) for step in film_steps(trained(TINY), "tied")]
    assert_in_order(frames(film_of(TINY, name)), figures)


def assert_in_order(shown: list[FloatArray], figures: list[FloatArray]) -> None:
    """Each frame is closest to its own figure, and close to it."""
    distances = np.array([[np.abs(f - figure).mean() for figure in figures] for f in shown])
    assert distances.argmin(axis=1).tolist() == list(range(len(shown)))
    assert distances.diagonal().max() < 5, "of 255 levels of colour"


def figure_at(record: Record, step: int, name: str) -> FloatArray:
    """The figure without a film, in its true colours."""
    buffer = io.BytesIO()
    with film_style():
        ((_, draw),) = FIGURES[name].drawings(record.at_step(step))
        draw().savefig(buffer, format="png", dpi=DOTS_PER_INCH)
    return _pixels(Image.open(buffer))


def test_a_long_run_takes_sixty_frames_in_chronological_order() -> None:
    heard: list[tuple[int, int]] = []
    gif = film(trained(LONG), PROGRESS, "tied", lambda done, of: heard.append((done, of)))
    lengths = [np.mean(frame < 128) for frame in frames(gif)]
    assert len(lengths) == MAX_FRAMES
    steps = film_steps(trained(LONG), "tied")
    np.testing.assert_allclose(lengths, [share_passed(step) for step in steps], atol=0.006)
    assert heard == [(done, MAX_FRAMES) for done in range(1, MAX_FRAMES + 1)]


# ── of what ───────────────────────────────────────────────────────────────────────────────────

DICTIONARIES = replace(SMALL_DICTIONARIES, dictionaries=("relu",), sparsities=(0.9,), restarts=1)


def test_a_run_of_dictionaries_has_a_film_of_its_matrices_and_arrows() -> None:
    run = made_record(DICTIONARIES)
    steps = film_steps(run, "relu")
    shown = frames(film(run, FIGURES["dictionary"], "relu"))
    assert steps == [0, 20, 40]
    assert_in_order(shown, [figure_at(run, step, "dictionary") for step in steps])


def test_no_line_of_text_reaches_into_the_margin() -> None:
    for frame in frames(film(made_record(DICTIONARIES), FIGURES["dictionary"], "relu")):
        margin = frame[:, -int(0.1 * DOTS_PER_INCH) :]
        assert margin.min() > 250, "the lines of its header were measured for this width"


def test_what_a_run_lacks_is_replaced_by_its_first_figure() -> None:
    run, dictionaries = trained(TINY), made_record(DICTIONARIES)
    assert figure_of_film(run, "tied", "geometry") is FIGURES["geometry"]
    assert figure_of_film(run, "tied", "dictionary") is FIGURES["gram"]
    for wanted in ("gram", "dictionary", "geometry", "weights"):
        assert figure_of_film(dictionaries, "relu", wanted) is FIGURES["dictionary"]
    with pytest.raises(TypeError, match="run of dictionaries, not a run of lanes"):
        film(dictionaries, FIGURES["gram"], "relu")


# ── playing ───────────────────────────────────────────────────────────────────────────────────


def test_the_last_frame_stays_before_the_film_repeats() -> None:
    gif = film_of(TINY, "gram")
    assert durations(gif) == [1000 * FRAME_SECONDS] * 4 + [1000 * LAST_FRAME_SECONDS]
    with Image.open(io.BytesIO(gif)) as opened:
        assert opened.format == "GIF"
        assert opened.info["loop"] == 0, "without end"


def test_identical_frames_keep_their_duration() -> None:
    """A figure of the whole run does not change; a player may receive it as a single frame."""
    whole_run = RunFigure(
        "blank", "nothing at all", LanesRecord, lambda record: Figure(figsize=(1, 1))
    )
    gif = film(trained(TINY), whole_run, "tied")
    assert sum(durations(gif)) == 1000 * (4 * FRAME_SECONDS + LAST_FRAME_SECONDS)


def test_the_same_run_gives_the_same_film() -> None:
    assert film(trained(TINY), FIGURES["norms"], "tied") == film_of(TINY, "norms")
