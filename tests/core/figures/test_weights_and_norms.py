"""The figures of the weights and of the feature norms."""

from dataclasses import replace

import numpy as np
from matplotlib.collections import PolyCollection
from tests.core.figures.drawn import drawn, images, texts
from tests.core.snapshots import SMALL, trained, with_losses

from superpos_core.figures.tools import style
from superpos_core.geometry import measures


def test_weights_are_shown_with_one_row_per_feature() -> None:
    record = trained()
    parameters = record.cohorts["untied"].parameters
    assert not parameters.is_tied
    first_lane = images(drawn(record, "weights-untied"))[:3]
    expected = [parameters.encoder[0], parameters.decoder[0].T, parameters.bias[0][:, None]]
    for shown, matrix in zip(first_lane, expected, strict=True):
        np.testing.assert_array_equal(shown, np.clip(matrix, -1.3, 1.3))


def test_bars_are_as_long_as_norms_and_coloured_by_superposition() -> None:
    record = with_losses(SMALL, np.full((1, 2), 0.1))
    encoder = record.cohorts["tied"].parameters.encoder[0].astype(np.float64)
    figure = drawn(record, "norms-tied")
    axes = figure.axes[0]
    (bars,) = (item for item in axes.collections if isinstance(item, PolyCollection))
    lengths = [path.vertices[:, 0].max() for path in bars.get_paths()]  # type: ignore[union-attr, index]
    np.testing.assert_allclose(lengths, measures.feature_norms(encoder))
    expected = style.superposition_colours(measures.superposition(encoder))
    np.testing.assert_allclose(np.asarray(bars.get_facecolor()), expected)
    (line,) = axes.lines
    np.testing.assert_array_equal(line.get_ydata(), [1.5, 1.5])
    count = int(measures.represented(encoder))
    assert f"{count} of 5 represented" in texts(figure)


def test_no_line_is_drawn_if_all_features_fit() -> None:
    figure = drawn(trained(replace(SMALL, hidden=5)), "norms-tied")
    assert not figure.axes[0].lines
