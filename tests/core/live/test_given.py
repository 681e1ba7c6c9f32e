"""What is said about a run, as a config."""

from typing import Any

import numpy as np
import pytest

from superpos_core.errors import InvalidValue
from superpos_core.live.given import Given, further_options
from superpos_core.live.parameters import Arrangement
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.options import options_of


def given(**arguments: Any) -> Given:
    """What ``start`` makes of its arguments."""
    said = dict.fromkeys(("features", "hidden", "density", "importance", "model"))
    said |= {name: value for name, value in arguments.items() if name in said}
    options = {name: value for name, value in arguments.items() if name not in said}
    return Given.checked("mine", **said, options=options)


def config(lanes: int = 1, tied: bool = True, **arguments: Any) -> ExperimentConfig:
    """The config of a run of 5 features in 2 dimensions."""
    return given(**arguments).config(Arrangement(lanes, 5, 2, tied, transposed=False))


def test_nothing_is_known_of_a_run_but_its_sizes() -> None:
    assert (config().features, config().hidden, config().models) == (5, 2, ("tied",))
    assert config(tied=False).models == ("untied",)
    unknown = set(given().unknown)
    known = {"features", "hidden", "restarts", "sweep", "sweep_values", "steps"}
    assert unknown == {each.field for each in options_of(ExperimentConfig)} - known


def test_what_is_said_is_known() -> None:
    said = given(density=0.1, importance=0.9, model="linear", steps=500, learning_rate=0.01)
    known = {"sparsities", "distribution", "importance", "models", "steps", "learning_rate"}
    assert not known & set(said.unknown)
    found = said.config(Arrangement(1, 5, 2, tied=True, transposed=False))
    assert (found.sparsities, found.importance, found.models) == ((0.9,), 0.9, ("linear",))
    assert (found.steps, found.learning_rate) == (500, 0.01)


@pytest.mark.parametrize(
    ("density", "sparsities", "restarts"),
    [
        (0.1, (0.9,), 4),
        ([0.1, 0.1, 0.5, 0.5], (0.9, 0.5), 2),
        ([0.1, 0.5, 0.2, 1], (0.9, 0.5, 0.8, 0.0), 1),
        ([0.1, 0.5, 0.1, 0.5], (0.9, 0.5, 0.9, 0.5), 1),
        (np.array([[0.1], [0.1], [0.1], [0.5]]), (0.9, 0.9, 0.9, 0.5), 1),
    ],
)
def test_every_lane_has_its_density(
    density: Any, sparsities: tuple[float, ...], restarts: int
) -> None:
    found = config(lanes=4, density=density)
    assert (found.sparsities, found.restarts) == (sparsities, restarts)
    expected = np.broadcast_to(np.ravel(density), 4)
    lanes = found.lanes_of("tied")
    np.testing.assert_allclose([lane.density for lane in lanes], expected)


def test_lanes_of_unknown_density_are_numbered() -> None:
    found = config(lanes=4)
    assert (found.sweep, found.sweep_values) == ("instance", (0.0, 1.0, 2.0, 3.0))
    assert len(found.lanes_of("tied")) == 4


def test_importance_may_be_given_feature_by_feature() -> None:
    importance = 0.9 ** np.arange(5)
    assert config(importance=importance[None]).importance == pytest.approx(0.9)
    assert config(importance=np.ones(5)).importance == 1
    assert config(importance=np.float32(0.7) ** np.arange(200)).importance == pytest.approx(0.7)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"density": 0}, "density 0.0: it is a probability"),
        ({"density": [0.1, 2]}, "density 2.0: it is a probability"),
        ({"density": float("nan")}, "density nan: it is a probability"),
        ({"density": np.full((2, 2), 0.1)}, "several axes"),
        ({"importance": [1, 0.5, 0.9]}, "not R\\^i for any R"),
        ({"importance": -1}, "importance -1.0"),
        ({"model": "tide"}, "did you mean tied"),
        ({"features": 0}, "features 0: at least one is needed"),
        ({"hidden": "many"}, "hidden many: it is not a whole number"),
        ({"steps": 0}, "steps 0: at least one is needed"),
        ({"learning_rte": 0.1}, "option learning_rte: .* did you mean learning_rate"),
        ({"sparsities": (0.9,)}, "there is no such option"),
    ],
)
def test_what_cannot_be_is_refused_at_the_start(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidValue, match=message):
        given(**arguments)


@pytest.mark.parametrize(
    ("lanes", "tied", "arguments", "message"),
    [
        (3, True, {"density": [0.1, 0.2]}, "density of 2 lanes: the arrays have 3;"),
        (1, True, {"model": "mlp"}, "model mlp: it has W1 and W2"),
        (1, False, {"model": "tied"}, "model tied: it has W;"),
    ],
)
def test_what_the_arrays_contradict_is_refused_with_the_first_of_them(
    lanes: int, tied: bool, arguments: dict[str, Any], message: str
) -> None:
    with pytest.raises(InvalidValue, match=message):
        config(lanes, tied, **arguments)


def test_all_other_options_keep_their_names() -> None:
    assert {"steps", "batch", "seed", "distribution", "optimiser"} <= set(further_options())
    assert not {"features", "models", "restarts", "sweep", "importance"} & set(further_options())
