"""The theoretical phase diagrams, against sampled losses and the paper's boundaries."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from superpos_core.errors import InvalidValue
from superpos_core.task.data import distribution_named, sample
from superpos_core.task.models import model_named, reconstruct
from superpos_core.task.parameters import Parameters
from superpos_core.theory import (
    PHASE_DIAGRAMS,
    TRIPLE_POINT,
    exact_loss,
    feature_variance,
    ignored_boundary,
    triangle_loss,
)

TWO, THREE = PHASE_DIAGRAMS[2, 1], PHASE_DIAGRAMS[3, 2]
EVERY_SOLUTION = [
    (sizes, index)
    for sizes, diagram in PHASE_DIAGRAMS.items()
    for index in range(len(diagram.solutions))
]


def assert_loses(
    parameters: Parameters, relative_importance: float, density: float, expected: float
) -> None:
    """The mean loss over sampled rows is within five standard errors of the expected one."""
    features = parameters.bias.size
    importance = np.ones(features)
    importance[-1] = relative_importance
    random = np.random.default_rng(1)
    x = sample(distribution_named("uniform"), random, 1 << 18, np.full(features, density))
    output = reconstruct(model_named("tied"), parameters, x).output
    losses = (x - output).astype(np.float64) ** 2 @ importance
    standard_error = losses.std() / np.sqrt(losses.size)
    assert losses.mean() == pytest.approx(expected, abs=5 * standard_error)
    assert standard_error < 0.02 * expected


@pytest.mark.parametrize(("sizes", "index"), EVERY_SOLUTION)
@pytest.mark.parametrize(("relative_importance", "density"), [(0.3, 0.2), (4, 0.8)])
def test_the_loss_of_a_solution_matches_sampled_data(
    sizes: tuple[int, int], index: int, relative_importance: float, density: float
) -> None:
    solution = PHASE_DIAGRAMS[sizes].solutions[index]
    encoder = np.array(solution.encoder, dtype=np.float64)
    assert encoder.shape == sizes
    bias = np.where(encoder.any(axis=1), 0, density / 2)
    expected = float(PHASE_DIAGRAMS[sizes].losses(relative_importance, density)[index])
    assert_loses(Parameters(encoder=encoder, bias=bias), relative_importance, density, expected)


@pytest.mark.parametrize("density", [0.03, 0.4, 1])
def test_the_losses_of_two_features_match_the_exact_integrals(density: float) -> None:
    relative_importance = 0.37
    for solution, expected in zip(
        TWO.solutions, TWO.losses(relative_importance, density), strict=True
    ):
        weights = np.array(solution.encoder, dtype=np.float64)[:, 0]
        bias = np.where(weights == 0, density / 2, 0)
        found = exact_loss(weights[..., None], bias, density, np.array([1, relative_importance]))
        assert float(found) == pytest.approx(float(expected), rel=1e-12)


def test_regions_far_from_every_boundary() -> None:
    regions = TWO.regions(np.array([0.02, 1, 50, 0.3, 3]), np.array([0.1, 0.1, 0.1, 0.9, 0.9]))
    names = [TWO.names[region] for region in regions]
    assert names == [
        "extra feature ignored",
        "antipodal pair",
        "extra feature dedicated",
        "extra feature ignored",
        "extra feature dedicated",
    ]
    regions = THREE.regions(np.array([0.01, 0.5, 5, 0.5, 5]), np.array([0.1, 0.1, 0.1, 0.9, 0.9]))
    assert [THREE.names[region] for region in regions] == [
        "extra feature ignored",
        "extra feature in a pair",
        "others in a pair",
        "extra feature ignored",
        "other feature ignored",
    ]


@given(st.floats(0, 100), st.floats(0, 1))
def test_a_region_belongs_to_the_solution_with_the_lowest_loss(
    relative_importance: float, density: float
) -> None:
    for diagram in (TWO, THREE):
        losses = diagram.losses(relative_importance, density)
        region = int(diagram.regions(relative_importance, density))
        assert losses[region] == losses.min()


def test_the_arguments_broadcast_into_an_image() -> None:
    relative_importance = np.geomspace(0.1, 10, 7)
    density = np.geomspace(0.01, 1, 5)[:, None]
    assert TWO.losses(relative_importance, density).shape == (3, 5, 7)
    assert THREE.regions(relative_importance, density).shape == (5, 7)


@given(st.floats(0.001, 1), st.floats(0.01, 0.99))
def test_the_boundary_separates_the_ignored_region_from_the_others(
    density: float, inside: float
) -> None:
    boundary = float(ignored_boundary(density))
    assert int(TWO.regions(boundary * inside, density)) == 0
    assert int(TWO.regions(boundary / inside, density)) != 0
    # Seen with the roles of the two features exchanged.
    assert int(TWO.regions(1 / (boundary * inside), density)) == 1
    assert int(THREE.regions(boundary * inside, density)) == 0
    assert int(THREE.regions(boundary / inside, density)) != 0


@pytest.mark.parametrize("density", [0.01, 0.1, 0.5])
def test_two_solutions_have_equal_loss_on_the_boundary(density: float) -> None:
    ignored, _, pair = TWO.losses(ignored_boundary(density), density)
    assert float(ignored) == pytest.approx(float(pair), rel=1e-12)


def test_all_solutions_have_equal_loss_at_the_triple_point() -> None:
    for diagram in (TWO, THREE):
        losses = diagram.losses(*TRIPLE_POINT)
        np.testing.assert_allclose(losses, losses[0], rtol=1e-12)


@pytest.mark.parametrize("relative_importance", [1.5, 4, 10])
def test_for_important_extra_features_the_boundary_is_one_density(
    relative_importance: float,
) -> None:
    density = TRIPLE_POINT[1]
    below, above = THREE.regions(relative_importance, np.array([density - 0.01, density + 0.01]))
    assert THREE.names[below] == "others in a pair"
    assert THREE.names[above] == "other feature ignored"


@pytest.mark.parametrize(("relative_importance", "density"), [(1, 0.3), (2, 0.9)])
def test_the_loss_of_the_triangle_matches_sampled_data(
    relative_importance: float, density: float
) -> None:
    angles = 2 * np.pi * np.arange(3) / 3
    encoder = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    expected = float(triangle_loss(relative_importance, density))
    assert_loses(
        Parameters(encoder=encoder, bias=np.zeros(3)), relative_importance, density, expected
    )


def test_the_triangle_without_biases_never_has_the_lowest_loss() -> None:
    relative_importance, density = np.geomspace(0.01, 100, 80), np.linspace(0.01, 1, 80)[:, None]
    least = THREE.losses(relative_importance, density).min(axis=0)
    assert np.all(triangle_loss(relative_importance, density) > least)


def test_the_theoretical_optimum_is_never_above_the_linear_one() -> None:
    relative_importance, density = np.geomspace(0.1, 10, 30), np.linspace(0.01, 1, 30)[:, None]
    linear = np.minimum(1, relative_importance) * feature_variance(density)
    for diagram in (TWO, THREE):
        losses = diagram.losses(relative_importance, density).min(axis=0)
        assert np.all(losses <= linear * (1 + 1e-12))


@pytest.mark.parametrize(
    ("relative_importance", "density", "named"),
    [
        (-1, 0.5, "relative-importance"),
        (np.inf, 0.5, "relative-importance"),
        (np.nan, 0.5, "relative-importance"),
        (1, -0.5, "density"),
        (1, 1.5, "density"),
        (1, np.nan, "density"),
    ],
)
def test_invalid_importances_and_densities_are_rejected(
    relative_importance: float, density: float, named: str
) -> None:
    with pytest.raises(InvalidValue, match=named):
        TWO.regions(np.array([1, relative_importance]), density)
