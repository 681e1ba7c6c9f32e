"""The figure of two dictionaries: both matrices, the latents of both, and the numbers."""

from dataclasses import replace

import numpy as np
import pytest
from tests.core.figures.drawn import images, texts
from tests.core.forged_dictionaries import forged, random_rows, true_directions

from superpos_core.analysis.dictionaries.consistency import consistency_of
from superpos_core.figures.compare_dictionaries import Side, draw_pair
from superpos_core.figures.tools.style import render
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.dictionaries.options import DICTIONARIES

CONFIG = ExperimentConfig(
    "x", kind=DICTIONARIES, features=4, hidden=4, latents=5, models=("tied",), sparsities=(0.9,),
    restarts=2, directions="orthogonal", importance=1, dictionaries=("relu", "gated"), steps=5,
)  # fmt: skip


def pair() -> tuple[Side, Side]:
    """The same true directions; the first dictionary is random, the second perfect."""
    random, perfect = forged(CONFIG, random_rows), forged(CONFIG, true_directions)
    return Side(random, "relu", 0), Side(perfect, "gated", 0)


def numbers_of(shown: list[str], name: str) -> list[str]:
    index = shown.index(name)
    return shown[index + 1 : index + 4]


def test_the_third_matrix_has_the_latents_of_both() -> None:
    first, second = pair()
    shown = images(draw_pair(first, second))
    found = consistency_of(first.decoder, second.decoder)
    orders = [side.score.matching.order(5) for side in (first, second)]
    expected = [
        first.score.cosines_in_order, second.score.cosines_in_order, found.cosines[np.ix_(*orders)],
    ]  # fmt: skip
    for image, matrix in zip(shown[:3], expected, strict=True):
        np.testing.assert_allclose(image, matrix, atol=1e-6)
    np.testing.assert_allclose(np.diag(shown[1]), 1, atol=1e-5)


def test_titles_and_table_describe_the_comparison() -> None:
    first, second = pair()
    shown = texts(draw_pair(first, second))
    assert "relu, S = 0.9" in shown
    assert "gated, S = 0.9" in shown
    assert "seed 0 · step 5" in shown
    assert numbers_of(shown, "recovered") == ["0", "4", "+4"]
    mcc = f"{first.score.mcc:.3f}"
    assert numbers_of(shown, "MCC") == [mcc, "1.000", f"+{1 - first.score.mcc:.3f}"]


def test_latents_of_other_directions_are_not_compared() -> None:
    """The second restart has directions of its own."""
    record = forged(CONFIG, true_directions)
    figure = draw_pair(Side(record, "relu", 0), Side(record, "relu", 1))
    assert "middle − left" in texts(figure)
    assert len(images(draw_pair(*pair()))) == len(images(figure)) + 1


@pytest.mark.parametrize(("features", "latents"), [(1, 1), (3, 90), (300, 4)])
def test_any_size_can_be_drawn(features: int, latents: int) -> None:
    config = replace(CONFIG, features=features, latents=latents, directions="random")
    record = forged(config, random_rows)
    figure = draw_pair(Side(record, "relu", 0), Side(record, "gated", 0))
    assert 4 < figure.get_size_inches()[0] <= 7.21
    assert render(figure, "png").startswith(b"\x89PNG")
