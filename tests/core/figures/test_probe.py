"""The figure of one input followed through a lane: its bars and marks."""

import hashlib
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.figure import Figure
from tests.core.figures.drawn import words
from tests.core.snapshots import SMALL, spoiled, trained, with_losses

from superpos_core.arrays import FloatArray
from superpos_core.errors import InvalidValue
from superpos_core.figures.probe import draw_probe
from superpos_core.figures.tools.style import render
from superpos_core.record.lanes import LanesRecord
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.models import MODELS, model_named
from superpos_core.task.parameters import Parameters

NO_LOSSES = np.empty((0, 1))


def pair(model: str = "tied", bias: float = 0.0) -> LanesRecord:
    """One lane whose two features are an antipodal pair, W_0 = −W_1."""
    config = ExperimentConfig("pair", features=2, hidden=1, models=(model,), sparsities=(0.9,))
    record = with_losses(config, NO_LOSSES)
    encoder = np.array([[[1.0], [-1.0]]])
    decoder = None if model_named(model).tied else encoder.swapaxes(1, 2)
    parameters = Parameters(encoder=encoder, decoder=decoder, bias=np.array([[0.0, bias]]))
    cohort = replace(record.cohorts[model], parameters=parameters)
    return replace(record, cohorts={model: cohort})


def bars(figure: Figure, stage: int, *, hatched: bool = False) -> dict[int, float]:
    """The value of each bar in the stage's column, by feature; hatched or solid ones."""
    found = {}
    for collection in figure.axes[stage].collections:
        if not isinstance(collection, PolyCollection) or bool(collection.get_hatch()) != hatched:
            continue
        for path in collection.get_paths():
            corners = np.asarray(path.vertices)
            feature = round(float(corners[:4, 1].mean()))
            found[feature] = float(corners[np.abs(corners[:, 0]).argmax(), 0])
    return found


def test_the_relu_cuts_the_partner_of_an_antipodal_pair() -> None:
    """The pre-activation of feature 1 is −1 + b: all of it is hatched, and the output is 0."""
    figure = draw_probe(pair(bias=0.25), "tied", 0, np.array([1.0, 0.0]))
    assert bars(figure, 0) == {0: 1.0}
    assert bars(figure, 1) == {0: 1.0}
    assert bars(figure, 1, hatched=True) == {1: -0.75}
    assert bars(figure, 2) == {0: 1.0}
    assert bars(figure, 2, hatched=True) == {}
    numbers = [text.get_text() for text in figure.axes[1].texts]
    assert numbers == ["1.00", "−0.75"]
    assert "Feature 0 is on." in words(figure)
    assert "Hatched: what the ReLU cuts off." in words(figure)


@pytest.mark.parametrize(
    ("model", "said"),
    [("gelu", "what GELU brings near 0."), ("softplus", "what softplus lifts above 0.")],
)
def test_another_activation_is_named_and_hatched_below_0(model: str, said: str) -> None:
    figure = draw_probe(pair(model), model, 0, np.array([1.0, 0.0]))
    assert bars(figure, 1) == {0: 1.0}
    assert bars(figure, 1, hatched=True) == {1: -1.0}
    assert f"Hatched: {said}" in words(figure)
    assert "ReLU" not in words(figure)


@pytest.mark.parametrize("model", ["linear", "mlp"])
def test_without_an_activation_nothing_is_hatched_with_a_note(model: str) -> None:
    figure = draw_probe(pair(model), model, 0, np.array([1.0, 0.0]))
    assert bars(figure, 1) == bars(figure, 2) == {0: 1.0, 1: -1.0}
    assert bars(figure, 1, hatched=True) == {}
    assert "nothing is cut off" in words(figure)


def test_ticks_mark_the_target() -> None:
    figure = draw_probe(pair(), "tied", 0, np.array([0.25, 0.75]))
    (ticks,) = (each for each in figure.axes[2].collections if isinstance(each, LineCollection))
    assert [segment[0][0] for segment in ticks.get_segments()] == [0.25, 0.75]
    assert "Features 0 and 1 are on." in words(figure)


def test_equal_values_have_bars_of_equal_length() -> None:
    figure = draw_probe(pair(), "tied", 0, np.array([1.0, 0.0]))
    widths = [
        axes.get_position().width / (axes.get_xlim()[1] - axes.get_xlim()[0])
        for axes in figure.axes
    ]
    np.testing.assert_allclose(widths, widths[0])


def test_the_same_probe_gives_the_same_file() -> None:
    x = np.array([0.0, 1, 0, 0, 0.5])
    digests = {
        hashlib.sha256(render(draw_probe(trained(), "tied", 1, x), "png")).hexdigest()
        for _ in range(2)
    }
    assert len(digests) == 1


def test_unknown_models_lanes_and_inputs_are_refused() -> None:
    with pytest.raises(InvalidValue, match="2 values"):
        draw_probe(pair(), "tied", 0, np.zeros(3))
    with pytest.raises(KeyError):
        draw_probe(pair(), "untied", 0, np.zeros(2))
    with pytest.raises(IndexError):
        draw_probe(pair(), "tied", 1, np.zeros(2))


# Shrinking a failing example would draw for minutes.
@settings(max_examples=8, phases=[Phase.explicit, Phase.generate])
@given(
    features=st.integers(1, 60),
    model=st.sampled_from(sorted(MODELS)),
    spoil=st.booleans(),
    seed=st.integers(0, 2**32 - 1),
)
@pytest.mark.thorough
def test_any_input_and_weights_can_be_drawn(
    features: int, model: str, spoil: bool, seed: int
) -> None:
    config = replace(SMALL, features=features, models=(model,))
    record = with_losses(config, np.empty((0, 2)))
    x: FloatArray = np.random.default_rng(seed).uniform(-1, 1, features)
    figure = draw_probe(spoiled(record) if spoil else record, model, 0, x)
    assert render(figure, "png").startswith(b"\x89PNG")
    assert ("Hatched: not finite" in words(figure)) == spoil
