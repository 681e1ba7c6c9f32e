"""The estimated training time: its unit and what it depends on."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from superpos_core.experiments import EXPERIMENTS
from superpos_core.experiments.expected_time import (
    TRUST,
    expected_seconds,
    lane_count,
    seconds_left,
)
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.dictionaries.options import DICTIONARIES
from superpos_core.task.dictionaries.truth import model_config

CONFIG = ExperimentConfig("any", restarts=4)


def test_the_lane_count_is_the_number_of_lanes() -> None:
    assert lane_count(CONFIG) == len(CONFIG.lanes)
    assert lane_count(EXPERIMENTS["phase"].config) == 50_000


def test_time_grows_with_the_work_and_falls_with_the_cores() -> None:
    once = expected_seconds(CONFIG, 2)
    for longer in (
        replace(CONFIG, steps=2 * CONFIG.steps),
        replace(CONFIG, batch=2 * CONFIG.batch),
        replace(CONFIG, restarts=2 * CONFIG.restarts),
    ):
        assert expected_seconds(longer, 2) == pytest.approx(2 * once)
    assert once < expected_seconds(replace(CONFIG, features=40), 2) < 2 * once
    assert expected_seconds(CONFIG, 4) == pytest.approx(once / 2)


def test_more_cores_than_lanes_do_not_help() -> None:
    alone = ExperimentConfig("any", models=("tied",), sparsities=(0.9,))
    assert expected_seconds(alone, 8) == expected_seconds(alone, 1)


def test_quick_runs_take_seconds_and_phase_diagrams_a_minute() -> None:
    for experiment in EXPERIMENTS.values():
        assert expected_seconds(experiment.quick_config, 2) < 25
    assert 25 < expected_seconds(EXPERIMENTS["phase"].config, 2) < 240


@pytest.mark.parametrize("slower", [0.5, 1.0, 2.5])
def test_the_time_left_begins_as_expected_and_ends_as_measured(slower: float) -> None:
    """It said "about 41 s" before, then "4 min left" after slow first slices."""
    config = EXPERIMENTS["phase"].config
    expected = expected_seconds(config, 2)
    whole, warming_up = slower * expected, 3.0
    left = {
        share: seconds_left(config, 2, share, warming_up + share * whole)
        for share in (1e-6, 0.01, 0.9, 1.0)
    }
    assert left[1e-6] == pytest.approx(expected + warming_up / TRUST, rel=0.01)
    assert left[0.01] < 2.5 * max(whole, expected)
    assert left[0.9] == pytest.approx(0.1 * (whole + warming_up / 0.9), rel=0.15)
    assert left[1.0] == 0


DICTIONARY_RUN = ExperimentConfig(
    "any", kind=DICTIONARIES, dictionaries=("relu",), restarts=4, sparsities=(0.9,),
    models=("tied",), latents=256, directions="random",
)  # fmt: skip


def test_time_of_dictionaries_grows_with_their_work() -> None:
    once = expected_seconds(DICTIONARY_RUN, 2)
    twice: list[dict[str, Any]] = [
        {"steps": 2 * DICTIONARY_RUN.steps},
        {"restarts": 8},
        {"dictionaries": ("relu", "topk")},
    ]
    for longer in twice:
        assert expected_seconds(replace(DICTIONARY_RUN, **longer), 2) == pytest.approx(2 * once)
    assert expected_seconds(replace(DICTIONARY_RUN, latents=512), 2) > 1.8 * once
    # 1 − 0.9²⁰ = 88 % of rows have an active feature, 18 % at S = 0.99.
    sparse = expected_seconds(replace(DICTIONARY_RUN, sparsities=(0.99,)), 2)
    assert sparse == pytest.approx(once * 0.182 / 0.878, rel=0.02)
    of_model = replace(DICTIONARY_RUN, directions="model")
    assert expected_seconds(of_model, 2) == pytest.approx(
        once + expected_seconds(model_config(of_model), 2)
    )


def test_dictionaries_take_about_as_long_as_the_table_of_readme_says() -> None:
    text = (Path(__file__).parents[3] / "README.md").read_text(encoding="utf-8")
    for experiment in EXPERIMENTS.values():
        if experiment.config.kind == DICTIONARIES:
            row = re.search(
                rf"^\| `{experiment.config.name}`.* \| ([\d.]+) s \|", text, re.MULTILINE
            )
            assert row is not None
            ratio = max(expected_seconds(experiment.config, 2), 1) / max(float(row[1]), 1)
            assert 1 / 4 < ratio < 4, experiment.config.name
