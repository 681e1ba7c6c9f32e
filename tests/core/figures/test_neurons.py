"""The neurons figure: rectangles as high as the weights, for models with neurons."""

from dataclasses import replace

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure
from tests.core.figures.drawn import words
from tests.core.snapshots import SMALL, spoiled, trained, with_losses

from superpos_core.analysis.neurons import neurons_of_lane
from superpos_core.figures.registry import FIGURES, drawings
from superpos_core.figures.tools import style
from superpos_core.figures.tools.style import render
from superpos_core.geometry import measures
from superpos_core.record.lanes import LanesRecord
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.parameters import Parameters

CONFIG = ExperimentConfig(
    "neurons", features=6, hidden=3, models=("mlp",), sparsities=(0.0, 0.9), importance=0.9
)


def record(config: ExperimentConfig = CONFIG) -> LanesRecord:
    return with_losses(config, np.full((3, len(config.lanes_of("mlp"))), 0.1))


def drawn(run: LanesRecord) -> Figure:
    figure = dict(drawings(run))["neurons-mlp"]()
    assert isinstance(figure, Figure)
    return figure


def stacks(figure: Figure) -> list[Axes]:
    """The axes that hold rectangles."""
    return [axes for axes in figure.axes if rectangles(axes) is not None]


def rectangles(axes: Axes) -> PolyCollection | None:
    return next((each for each in axes.collections if isinstance(each, PolyCollection)), None)


def test_only_models_with_a_privileged_basis_have_one() -> None:
    config = replace(SMALL, models=("tied", "untied", "linear", "mlp"))
    names = [name for name, _ in drawings(trained(config)) if name.startswith("neurons")]
    assert names == ["neurons-mlp"]
    assert FIGURES["neurons"].summary


def test_rectangles_are_weights_stacked_from_zero_in_their_features_colours() -> None:
    run = record()
    cohort = run.cohorts["mlp"]
    for lane, axes in enumerate(stacks(drawn(run))):
        neurons = neurons_of_lane(run.config, cohort.lanes[lane], cohort.parameters.take(lane))
        shared = measures.superposition(cohort.vectors_of(lane).astype(np.float64))
        collection = rectangles(axes)
        assert collection is not None
        boxes = [np.asarray(path.vertices)[:4] for path in collection.get_paths()]
        colours = collection.get_facecolor()
        expected_colours = style.superposition_colours(shared)
        seen = np.zeros_like(neurons.weights)
        for box, colour in zip(boxes, np.asarray(colours), strict=True):
            place = round(float(box[:, 0].mean()))
            height = float(box[:, 1].max() - box[:, 1].min())
            sign = 1 if box[:, 1].mean() > 0 else -1
            # The weight of this size and sign on this neuron.
            feature = int(np.argmin(np.abs(neurons.weights[place] - sign * height)))
            assert neurons.weights[place, feature] == pytest.approx(sign * height, abs=1e-6)
            np.testing.assert_allclose(colour, expected_colours[feature], atol=1e-6)
            seen[place, feature] = sign * height
        np.testing.assert_allclose(seen, neurons.weights, atol=1e-6)
        above = np.maximum(neurons.weights, 0).sum(axis=1)
        assert axes.get_ylim()[1] >= above.max()


def test_neurons_are_marked_and_counted() -> None:
    encoder = np.zeros((2, 6, 3), dtype=np.float32)
    encoder[:, 1, 0], encoder[:, 2, 0] = 1, 0.5
    encoder[:, 0, 1] = 1
    run = record()
    parameters = Parameters(
        encoder=encoder, decoder=np.swapaxes(encoder, 1, 2).copy(), bias=np.zeros((2, 6))
    )
    cohort = replace(run.cohorts["mlp"], parameters=parameters)
    figure = drawn(replace(run, cohorts={"mlp": cohort}))
    assert "1 mono · 1 poly · 1 dead" in words(figure)
    marks = [label.get_text() for label in stacks(figure)[0].get_xticklabels()]
    assert marks == ["●", "◐", "○"]
    assert "○ none" in words(figure)


def test_the_best_restart_is_drawn() -> None:
    config = replace(CONFIG, restarts=3)
    losses = np.array([[0.3, 0.1, 0.2, 0.1, 0.2, 0.3]] * 3)
    run = with_losses(config, losses)
    run = replace(
        run, cohorts={name: replace(each, restarts=3) for name, each in run.cohorts.items()}
    )
    figure = drawn(run)
    cohort = run.cohorts["mlp"]
    assert len(stacks(figure)) == 2
    assert "Best of several seeds by loss" in words(figure)
    for lane, axes in zip((1, 3), stacks(figure), strict=True):
        neurons = neurons_of_lane(config, cohort.lanes[lane], cohort.parameters.take(lane))
        collection = rectangles(axes)
        assert collection is not None
        highest = max(np.asarray(path.vertices)[:, 1].max() for path in collection.get_paths())
        assert highest == pytest.approx(np.maximum(neurons.weights, 0).sum(axis=1).max(), abs=1e-5)


def test_non_finite_weights_are_hatched() -> None:
    figure = drawn(spoiled(record()))
    assert "Hatched: not finite." in words(figure)
    assert any(patch.get_hatch() for axes in figure.axes for patch in axes.patches)
    assert render(figure, "png").startswith(b"\x89PNG")


@pytest.mark.parametrize(("features", "hidden"), [(1, 1), (2, 90), (120, 1), (60, 40)])
def test_any_size_can_be_drawn(features: int, hidden: int) -> None:
    config = replace(CONFIG, features=features, hidden=hidden)
    assert render(drawn(record(config)), "png").startswith(b"\x89PNG")


def test_the_same_run_gives_the_same_file() -> None:
    assert render(drawn(record()), "svg") == render(drawn(record()), "svg")


@pytest.mark.parametrize(("neurons", "settings"), [(3, 2), (40, 7)])
def test_all_settings_fit_on_a_page(neurons: int, settings: int) -> None:
    """About 2400 dots each way at the resolution of print: 8 inches."""
    sparsities = tuple(float(each) for each in np.linspace(0, 0.999, settings))
    config = replace(CONFIG, hidden=neurons, sparsities=sparsities)
    figure = drawn(record(config))
    assert len(stacks(figure)) == settings
    assert max(figure.get_size_inches()) <= 8
