"""The figure of a pair: both squares, their difference, and the numbers of both."""

from dataclasses import replace

import numpy as np
import pytest
from matplotlib.figure import Figure
from tests.core.figures.drawn import images, texts
from tests.core.snapshots import SMALL, spoiled, trained, with_losses

from superpos_core.analysis.evaluation import evaluate
from superpos_core.errors import InvalidValue
from superpos_core.figures.compare import COMPARED_ROWS, Side, draw_pair
from superpos_core.figures.tools.style import WEIGHT_LIMIT, render
from superpos_core.geometry import measures


def numbers_of(figure: Figure, name: str) -> list[str]:
    """The three numbers that follow a measure's name."""
    shown = texts(figure)
    index = shown.index(name)
    return shown[index + 1 : index + 4]


def test_the_third_square_and_bias_are_the_second_minus_the_first() -> None:
    run = trained()
    first, second = Side(run, "tied", 0), Side(run, "untied", 1)
    grams = [measures.gram(side.parameters) for side in (first, second)]
    shown = images(draw_pair(first, second))
    expected = [
        grams[0], first.parameters.bias[:, None],
        grams[1], second.parameters.bias[:, None],
        grams[1] - grams[0], (second.parameters.bias - first.parameters.bias)[:, None],
    ]  # fmt: skip
    for image, matrix in zip(shown, expected, strict=True):
        np.testing.assert_allclose(image, np.clip(matrix, -WEIGHT_LIMIT, WEIGHT_LIMIT), atol=1e-6)


def test_titles_and_table_describe_the_comparison() -> None:
    run = trained()
    first, second = Side(run, "tied", 0), Side(run, "untied", 1)
    figure = draw_pair(first, second)
    shown = texts(figure)
    assert shown[0] == "W·Wᵀ and W₁·W₂, compared"
    assert "tied, S = 0" in shown
    assert "untied, S = 0.9" in shown
    assert "seed 0 · step 40" in shown
    represented = [int(measures.represented(side.parameters.encoder)) for side in (first, second)]
    change = f"{represented[1] - represented[0]:+d}".replace("-", "−")
    assert numbers_of(figure, "represented") == [str(represented[0]), str(represented[1]), change]
    losses = [
        evaluate(run.config, side.lane, side.parameters, COMPARED_ROWS) for side in (first, second)
    ]
    assert numbers_of(figure, "loss (mean)")[:2] == [
        f"{loss.loss_mean:.2e}".replace("-", "−") for loss in losses
    ]
    assert numbers_of(figure, "L / L_linear")[1] == f"{losses[1].loss_over_linear:.3f}"


def test_a_lane_does_not_differ_from_itself() -> None:
    side = Side(trained(), "tied", 1)
    figure = draw_pair(side, side)
    assert texts(figure)[0] == "W·Wᵀ, compared"
    assert not images(figure)[4].any()
    assert [numbers_of(figure, name)[2] for name in ("represented", "D*", "loss (mean)")] == [
        "+0", "+0.000", "+0.00e+00",
    ]  # fmt: skip


def test_non_finite_weights_are_hatched_and_have_no_numbers() -> None:
    run = spoiled(trained())
    figure = draw_pair(Side(run, "tied", 0), Side(run, "tied", 1))
    assert any("Hatched: not finite." in text for text in texts(figure))
    assert numbers_of(figure, "D*")[2] == "—"
    assert render(figure, "png").startswith(b"\x89PNG")


def test_models_with_different_numbers_of_features_cannot_be_compared() -> None:
    other = trained(replace(SMALL, features=7))
    with pytest.raises(InvalidValue, match="features 7"):
        draw_pair(Side(trained(), "tied", 0), Side(other, "tied", 0))


@pytest.mark.parametrize("features", [1, 2, 150])
def test_any_size_can_be_drawn(features: int) -> None:
    run = with_losses(replace(SMALL, features=features), np.full((2, 2), 0.1))
    figure = draw_pair(Side(run, "tied", 0), Side(run, "tied", 1))
    assert 4 < figure.get_size_inches()[0] <= 7.21
    assert render(figure, "png").startswith(b"\x89PNG")


def test_the_same_pair_gives_the_same_file() -> None:
    run = trained()
    first, second = (
        render(draw_pair(Side(run, "tied", 0), Side(run, "untied", 1)), "svg") for _ in range(2)
    )
    assert first == second
