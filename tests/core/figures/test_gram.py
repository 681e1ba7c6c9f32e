"""The figure of W·Wᵀ and the bias."""

from dataclasses import replace

import numpy as np
import pytest
from tests.core.figures.drawn import box, drawn, images, texts
from tests.core.snapshots import SMALL, spoiled, trained

from superpos_core.figures.registry import drawings
from superpos_core.figures.tools import style
from superpos_core.geometry import measures


def test_the_main_figure_shows_gram_and_bias_of_every_sparsity_on_one_scale() -> None:
    record = trained()
    figure = drawn(record, "gram-untied")
    parameters = record.cohorts["untied"].parameters
    shown = images(figure)
    for index in range(2):
        np.testing.assert_array_equal(
            shown[2 * index],
            np.clip(measures.gram(parameters.take(index)), -1.3, 1.3),
        )
        np.testing.assert_array_equal(shown[2 * index + 1], parameters.bias[index][:, None])
    scales = [image.get_clim() for axes in figure.axes[:-1] for image in axes.get_images()]
    assert scales == [(-1.3, 1.3)] * 4
    assert {"S = 0", "S = 0.9"} <= set(texts(figure))
    assert texts(figure)[0] == "W₁·W₂ and b — untied, x̂ = ReLU(x·W₁·W₂ + b)"


@pytest.mark.parametrize("sparsities", [(0.5,), (0.0, 0.7, 0.9, 0.99, 0.999)])
def test_gram_squares_are_square_equal_and_aligned_with_their_bias(
    sparsities: tuple[float, ...],
) -> None:
    figure = drawn(trained(replace(SMALL, sparsities=sparsities)), "gram-tied")
    *panels, _scale = (box(axes) for axes in figure.axes)
    squares, columns = panels[::2], panels[1::2]
    for (left, bottom, width, height), column in zip(squares, columns, strict=True):
        assert width == pytest.approx(height)
        assert (bottom, height) == pytest.approx((squares[0][1], squares[0][3]))
        assert column[0] > left + width
        assert (column[1], column[3]) == pytest.approx((bottom, height))


def test_many_sparsities_wrap_into_even_rows() -> None:
    sparsities = tuple(float(value) for value in np.linspace(0, 0.95, 12))
    figure = drawn(trained(replace(SMALL, sparsities=sparsities)), "gram-tied")
    bottoms = [round(box(axes)[1], 6) for axes in figure.axes[:-1:2]]
    assert [bottoms.count(bottom) for bottom in sorted(set(bottoms))] == [6, 6]


def test_blue_is_positive_red_is_negative_and_zero_is_neutral() -> None:
    def colour(value: float) -> tuple[float, ...]:
        return style.DIVERGING((value + 1.3) / 2.6)[:3]

    red, green, blue = colour(1.0)
    assert blue > 0.6 > red
    red, green, blue = colour(-1.0)
    assert red > 0.6 > blue
    assert len({round(channel, 6) for channel in colour(0.0)}) == 1
    assert green < 0.6


def test_non_finite_values_are_hatched_with_a_note() -> None:
    record = spoiled(trained())
    for name in ("gram-tied", "weights-untied", "norms-tied"):
        figure = drawn(record, name)
        patches = [patch for axes in figure.axes for patch in axes.patches]
        hatched = [patch for patch in patches if patch.get_hatch()]
        assert hatched, name
        assert any("Hatched: not finite" in text for text in texts(figure)), name
    gram = images(drawn(record, "gram-tied"))[0]
    expected = measures.gram(record.cohorts["tied"].parameters.take(0))
    np.testing.assert_array_equal(np.ma.getmaskarray(gram), ~np.isfinite(expected))


def test_finite_weights_have_no_hatching() -> None:
    for _, draw in drawings(trained()):
        assert not any(patch.get_hatch() for axes in draw().axes for patch in axes.patches)
