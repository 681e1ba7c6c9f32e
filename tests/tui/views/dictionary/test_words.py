"""What latents and features of a dictionary read as."""

import numpy as np
import pytest
from tests.tui.views.dictionary.dictionary_scenes import (
    FOUR,
    absorbing,
    in_a_plane,
    record_with,
    scene_of_record,
)

from superpos_tui.views.dictionary.words import (
    nearest_feature,
    read_feature,
    read_latent,
    read_selected,
)
from superpos_tui.views.registry import VIEWS


def test_an_absorbing_latent_names_both_features() -> None:
    assert read_latent(absorbing(), 2).startswith("latent 2: 0.71 of feature 0 + 0.71 of feature 1")


def test_a_latent_that_is_a_feature_names_it_alone() -> None:
    assert read_latent(absorbing(), 0).startswith("latent 0: 1.00 of feature 3 · active in ")


def test_a_dead_latent_says_so() -> None:
    assert read_latent(absorbing(), 3) == "latent 3: 1.00 of feature 0 · dead"


@pytest.mark.parametrize("latent", range(5))
def test_in_superposition_a_true_direction_is_one_feature(latent: int) -> None:
    assert read_latent(in_a_plane(), latent).startswith(
        f"latent {latent}: 1.00 of feature {latent} ·"
    )
    assert nearest_feature(in_a_plane(), latent) == latent


def test_a_feature_names_its_latents_and_whether_it_is_recovered() -> None:
    assert read_feature(absorbing(), 3) == "feature 3: latent 0 (1.00) · recovered"
    assert read_feature(absorbing(), 1) == "feature 1: latent 2 (0.71) · not recovered"
    assert read_feature(absorbing(), 0) == "feature 0: latent 3 (1.00), 2 (0.71) · recovered"


@pytest.mark.parametrize(
    ("cosine", "read"), [(0.976, "0.976"), (-0.976, "−0.976"), (0.984, "0.98"), (0.974, "0.97")]
)
def test_no_cosine_reads_as_recovered_that_is_not(cosine: float, read: str) -> None:
    decoder = np.eye(4)
    decoder[3] = [0, 0, np.sqrt(1 - cosine**2), cosine]
    scene = scene_of_record(record_with(FOUR, np.eye(4), decoder))
    verdict = "recovered" if abs(cosine) >= 0.98 else "not recovered"
    assert read_feature(scene, 3) == f"feature 3: latent 3 ({read}) · {verdict}"


def test_what_is_selected_is_read() -> None:
    assert read_selected(absorbing(), 78) == ""
    both = read_selected(absorbing(latent=2, feature=3), 198)
    assert both.startswith("latent 2: ")
    assert both.endswith("feature 3: latent 0 (1.00) · recovered")


@pytest.mark.parametrize(
    ("columns", "latent", "feature"),
    [
        (128, "0.71 of feature 0 + 0.71 of feature 1 · active in", "latent 3 (1.00), 2 (0.71)"),
        (104, "0.71·0 + 0.71·1 · active in", "latent 3 (1.00), 2 (0.71)"),
        (78, "0.71·0 + 0.71·1 ", "latent 3 (1.00) · recovered"),
        (52, "0.71·0 + 0.71·1 ", "recovered"),
    ],
)
def test_what_is_selected_is_said_shorter_before_it_would_be_cut(
    columns: int, latent: str, feature: str
) -> None:
    line = read_selected(absorbing(latent=2, feature=0), columns)
    assert len(line) <= columns
    assert f"latent 2: {latent}" in line
    assert f"feature 0: {feature}" in line


def test_what_colours_mean_is_said_in_terms_of_the_dictionary() -> None:
    """Its loss is not that of the model that it reads."""
    for panel in VIEWS["dictionary"].panels.values():
        assert panel.colours
        assert not any("x̂" in meaning for meaning in panel.colours)


def test_a_latent_that_repeats_another_says_which() -> None:
    """In the plane latent 5 is feature 0 again; of equal ones the first has the feature."""
    assert read_latent(in_a_plane(), 5).endswith(" · duplicate of latent 0")
    assert "duplicate" not in read_latent(in_a_plane(), 0)
