"""Configs refused for lack of memory, and the values suggested instead."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from superpos_core.engine.fused.layout import Layout
from superpos_core.engine.fused.ray_memory import ray_floats, ray_size_of
from superpos_core.engine.fused.ray_rows import RayTables
from superpos_core.engine.fused.workspace import size_of
from superpos_core.engine.registry import ENGINES
from superpos_core.errors import InvalidValue
from superpos_core.experiments import EXPERIMENTS
from superpos_core.machine.free_memory import container_memory, free_memory, machine_memory
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.dictionaries.options import DICTIONARIES
from superpos_core.task.models import model_named
from superpos_core.training.memory_needed import bytes_needed, check_memory

GIB = 1 << 30
LARGE = ExperimentConfig("large", features=4096, hidden=4096, models=("tied",), sparsities=(0.9,))


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_every_experiment_fits_on_a_small_machine(name: str) -> None:
    assert 0 < bytes_needed(EXPERIMENTS[name].config, "fused", threads=4) < 2 * GIB


@pytest.mark.parametrize(
    ("change", "engine", "blamed"),
    [
        ({"restarts": 100_000}, "fused", "restarts"),
        ({"restarts": 100_000}, "torch", "restarts"),
        ({"batch": 1 << 20}, "torch", "batch"),
        ({"dataset_size": 1 << 16, "hidden": 2, "sparsities": tuple(k / 99 for k in range(99))},
         "fused", "dataset-size"),
        ({"sparsities": tuple(k / 99 for k in range(99))}, "fused", "hidden"),
        ({"hidden": 1, "features": 4096, "sparsities": tuple(k / 1e5 for k in range(40_000))},
         "fused", "features"),
    ],
)  # fmt: skip
def test_the_suggested_value_fits(change: dict[str, object], engine: str, blamed: str) -> None:
    config = replace(LARGE, **change)  # type: ignore[arg-type]
    with pytest.raises(
        InvalidValue, match=f"^{blamed} .* about .*iB of memory, but 8 GiB"
    ) as error:
        check_memory(config, engine, threads=2, free=lambda: 8.0 * GIB)
    nearest = re.search(r"choose (\d+)", str(error.value))
    assert nearest is not None
    smaller = replace(config, **{blamed.replace("-", "_"): int(nearest[1])})  # type: ignore[arg-type]
    assert bytes_needed(smaller, engine, 2) <= 8 * GIB < bytes_needed(config, engine, 2)


WIDE = replace(
    LARGE, features=16_384, hidden=64, sparsities=(0.0,), importance=1.0,
    frequency="zipf", alpha=1.0, active=1.0, batch=2048,
)  # fmt: skip


@pytest.mark.parametrize(
    ("model", "change"),
    [("tied", {}), ("untied", {}), ("tied", {"hidden": 512}), ("tied", {"active": 500.0})],
)
def test_the_scratch_memory_of_rays_is_estimated(model: str, change: dict[str, object]) -> None:
    config = replace(WIDE, models=(model,), **change)  # type: ignore[arg-type]
    layout = Layout.of(config.features, config.hidden, model_named(model).tied)
    capacity = RayTables.of(config.feature_frequency[None]).capacity(config.batch)
    rays = ray_size_of(size_of(layout), layout.tiles, config.batch, capacity)
    estimate = ENGINES["fused"].step_floats(config, 1, layout.parameter_count, 2)
    assert estimate == pytest.approx(ray_floats(rays), rel=1 / 3)


def test_as_many_features_as_there_may_be_fit_where_memory_allows() -> None:
    check_memory(WIDE, threads=2, free=lambda: 0.25 * GIB)
    with pytest.raises(InvalidValue, match=r"^hidden '?64'?.*memory, but 32 MiB are free"):
        check_memory(WIDE, threads=2, free=lambda: GIB / 32)
    equal = replace(WIDE, frequency="equal")
    assert bytes_needed(WIDE, "fused", 1) < bytes_needed(equal, "fused", 1) / 2


def test_the_error_says_so_if_no_single_setting_helps() -> None:
    with pytest.raises(InvalidValue, match="smaller sizes, or fewer lanes"):
        check_memory(LARGE, free=lambda: 0.0)


def test_dictionaries_count_their_latents_and_rows_but_not_rows_that_are_counted() -> None:
    small = replace(LARGE, kind=DICTIONARIES, features=4, hidden=4, latents=4, restarts=10_000,
                    directions="orthogonal", distribution="binary")  # fmt: skip
    assert bytes_needed(small, "fused", 2) < GIB
    wide = replace(small, latents=16_000, restarts=1, batch=1 << 16)
    check_memory(wide, free=lambda: GIB)
    with pytest.raises(InvalidValue, match=r"^batch .*memory, but 1 GiB are free"):
        check_memory(replace(wide, distribution="uniform"), free=lambda: GIB)
    assert bytes_needed(replace(small, dictionaries=("relu", "topk")), "fused", 2) > 1.5 * (
        bytes_needed(small, "fused", 2)
    )


def test_free_memory_is_read_from_the_machine(tmp_path: Path) -> None:
    assert free_memory() > 0
    meminfo = tmp_path / "meminfo"
    meminfo.write_text("MemTotal: 2000 kB\nMemFree: 10 kB\nMemAvailable:     1500 kB\n")
    assert machine_memory(meminfo) == 1500 * 1024
    meminfo.write_text("nonsense")
    assert machine_memory(meminfo) > 1500 * 1024


def test_control_groups_limit_the_free_memory(tmp_path: Path) -> None:
    own, root = tmp_path / "own", tmp_path / "cgroup"
    (root / "a/b").mkdir(parents=True)
    own.write_text("0::/a/b\n")
    assert container_memory(own, root) == float("inf")
    (root / "a/memory.max").write_text("1000\n")
    (root / "a/memory.current").write_text("700\n")
    assert container_memory(own, root) == 300
    (root / "a/memory.stat").write_text("anon 500\ninactive_file 150\n")
    assert container_memory(own, root) == 450
    (root / "a/b/memory.max").write_text("max\n")
    (root / "a/b/memory.current").write_text("700\n")
    assert container_memory(own, root) == 450
    own.write_text("4:memory:/x\nnonsense\n")
    (root / "memory/x").mkdir(parents=True)
    (root / "memory/x/memory.limit_in_bytes").write_text("500")
    (root / "memory/x/memory.usage_in_bytes").write_text("600")
    assert container_memory(own, root) == 0
