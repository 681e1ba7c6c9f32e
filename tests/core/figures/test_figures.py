"""Figures: which ones a run has, that any run can be drawn, and how their text is set."""

import io

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from matplotlib.figure import Figure
from PIL import Image
from tests.core.figures.drawn import drawn
from tests.core.snapshots import spoiled, trained, with_losses

from superpos_core.figures.registry import FIGURES, drawings
from superpos_core.figures.tools import style
from superpos_core.figures.tools.notes import listed, unbroken
from superpos_core.figures.tools.style import render
from superpos_core.figures.tools.wrapping import wrapped
from superpos_core.task.config import ExperimentConfig

MODELS = ("tied", "untied", "linear", "mlp")


def test_a_run_has_one_figure_per_model_and_the_loss() -> None:
    names = [name for name, _ in drawings(trained())]
    assert names == [
        "gram-tied", "gram-untied", "weights-tied", "weights-untied", "norms-tied", "norms-untied",
        "geometry-tied", "geometry-untied", "dimensionality-tied", "dimensionality-untied", "loss",
    ]  # fmt: skip
    assert all(figure.summary for figure in FIGURES.values())


def test_lines_never_break_within_a_word() -> None:
    """Not even if an unbreakable part is longer than a line."""
    text = f"{listed('2 digons with 1 collapsed corner each')} {unbroken('(8 of 24 seeds)')}"
    lines = [line.replace("\xa0", " ") for line in wrapped(text, 1.0, 6.0)]
    assert " ".join(lines) == "2 digons with 1 collapsed corner each (8 of 24 seeds)"
    assert len(lines) > 1
    (whole,) = wrapped(text, 10.0, 6.0)
    assert whole == text


# Shrinking a failing example would draw for minutes.
@settings(max_examples=3, phases=[Phase.explicit, Phase.generate])
@given(
    features=st.integers(1, 40),
    hidden=st.integers(1, 40),
    sparsities=st.lists(st.floats(0, 0.9999), min_size=1, max_size=8, unique=True),
    model=st.sampled_from(MODELS),
    steps=st.integers(0, 30),
    spoil=st.booleans(),
)
def test_any_run_can_be_drawn(
    features: int,
    hidden: int,
    sparsities: list[float],
    model: str,
    steps: int,
    spoil: bool,
) -> None:
    config = ExperimentConfig(
        "any",
        features=features,
        hidden=hidden,
        models=(model,),
        sparsities=tuple(sparsities),
        importance=0.9,
    )
    losses = np.full((steps, len(sparsities)), 0.01)
    if spoil:
        losses[::3] = np.nan
        losses[1::3, 0] = 0
    record = with_losses(config, losses)
    for _, draw in drawings(spoiled(record) if spoil else record):
        figure = draw()
        inches = figure.get_size_inches()
        assert sketched(figure).size == pytest.approx(50 * inches, abs=1)
        assert 4 < inches[0] <= 7.21


def sketched(figure: Figure) -> Image.Image:
    """The figure drawn with few pixels: everything that print shows, but faster."""
    figure.set_dpi(50)
    buffer = io.BytesIO()
    with style.house_style():
        figure.savefig(buffer, format="png", dpi=50)
    return Image.open(buffer)


def test_many_features_can_be_drawn() -> None:
    config = ExperimentConfig(
        "wide", features=400, hidden=30, models=("untied",), sparsities=(0.0, 0.9), importance=1
    )
    for name, draw in drawings(with_losses(config, np.full((3, 2), 0.1))):
        assert sketched(draw()).width > 200, name


def test_text_stays_text_in_vector_files() -> None:
    figure = drawn(trained(), "gram-tied")
    svg = render(figure, "svg").decode()
    assert "S = 0.9</text>" in svg
    assert "n = 5 → m = 2" in svg.replace("\N{NO-BREAK SPACE}", " ")
    assert b"/FontFile2" in render(figure, "pdf")
