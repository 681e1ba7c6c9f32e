"""Names of settings: by what varies in the run, distinct, and never rounded to S = 1."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from superpos_core.task.config import ExperimentConfig
from superpos_core.task.setting_names import setting_name, shared_sparsity, sparsity_text
from superpos_core.task.sweeps import SWEEPS

CONFIG = ExperimentConfig("test", features=12, hidden=2, sparsities=(0.9,), importance=0.5)


@pytest.mark.parametrize(
    ("change", "names"),
    [
        ({"sparsities": (0.0, 0.7, 0.999)}, ["S = 0", "S = 0.7", "S = 0.999"]),
        ({"sweep": "last-importance", "sweep_values": (0.1, 2.0)}, ["I₁₁ ×0.1", "I₁₁ ×2"]),
        ({"sweep": "first-density", "sweep_values": (0.5, 1.0)}, ["p₀ ×0.5", "p₀ ×1"]),
        (
            {"dataset_size": 10_000, "sweep": "dataset-size", "sweep_values": (0.0005, 1.0)},
            ["T = 5", "T = 10,000"],
        ),
        (
            {"hidden_penalty": 0.01, "sweep": "hidden-penalty", "sweep_values": (0.0, 2.0)},
            ["λ = 0", "λ = 0.02"],
        ),
        ({"sweep": "instance", "sweep_values": (0.0, 3.0)}, ["instance 0", "instance 3"]),
        (
            {
                "sparsities": (0.0, 0.5),
                "dataset_size": 10,
                "sweep": "dataset-size",
                "sweep_values": (0.5, 1.0),
            },
            ["S = 0, T = 5", "S = 0, T = 10", "S = 0.5, T = 5", "S = 0.5, T = 10"],
        ),
        # Nothing varies: everything that the only setting consists of.
        ({}, ["S = 0.9"]),
        ({"sweep": "last-importance", "sweep_values": (2.0,)}, ["S = 0.9, I₁₁ ×2"]),
        ({"sweep": "instance", "sweep_values": (2.0,)}, ["instance 2"]),
        ({"distribution": "one-hot"}, ["one-hot data"]),
    ],
)
def test_a_setting_is_named_by_what_varies(change: dict[str, Any], names: list[str]) -> None:
    config = replace(CONFIG, **change)
    assert [setting_name(config, setting) for setting in config.settings] == names
    lanes = config.lanes_of(config.models[0])
    assert [setting_name(config, lane) for lane in lanes] == names


@pytest.mark.parametrize(
    ("change", "shared"),
    [
        ({}, None),  # it names the only setting
        ({"sweep": "first-density", "sweep_values": (0.5, 1.0)}, 0.9),
        ({"sweep": "instance", "sweep_values": (0.0, 3.0)}, 0.9),
        ({"distribution": "one-hot"}, None),
    ],
)
def test_a_sparsity_that_all_settings_share(change: dict[str, Any], shared: float | None) -> None:
    assert shared_sparsity(replace(CONFIG, **change)) == shared


def test_every_sweep_has_a_symbol() -> None:
    assert all(sweep.symbol for name, sweep in SWEEPS.items() if name != "none")


@given(st.floats(0, 0.99999))
def test_a_sparsity_keeps_three_digits_of_its_density(sparsity: float) -> None:
    shown = float(sparsity_text(sparsity))
    assert 0 <= shown < 1
    assert abs((1 - shown) / (1 - sparsity) - 1) <= 0.0051
