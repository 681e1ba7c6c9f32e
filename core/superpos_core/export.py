"""Write a run to a folder: weights, losses, summary and figures.

``summary.json`` is an interface that others read; its names stay as they are:

- ``experiment``, ``config``, ``seed``, ``versions``, ``engine``, ``device``, ``seconds_training``
- ``checks``, one object for each check of the experiment: ``check``, ``expected``, ``seen`` and
  ``passed`` (null where this run holds nothing that it is about)
- ``lanes``, one object a lane: ``model``, ``sparsity`` (S), ``density`` (1−S), ``seed``, ``steps``,
  ``loss_mean`` and ``loss_total`` (over ``evaluation_rows`` fresh rows), ``loss_over_linear``,
  ``represented`` (features with ‖W_i‖ > 0.5), ``dimensions_per_feature`` (D* = m/‖W‖_F²),
  ``sum_dimensionality`` (Σ D_i ≤ m), and, one number a feature, ``feature_norms`` (‖W_i‖),
  ``feature_dimensionality`` (D_i) and ``superposition`` (Σ_{j≠i} (Ŵ_i·W_j)²).

Measures are of the encoder: W, or W₁ where there are two. What is not finite is null.
"""

import platform
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from functools import partial
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from superpos_core import measures, storage
from superpos_core.checks import verdicts_as_dicts
from superpos_core.config import ExperimentConfig, Lane
from superpos_core.cores import usable_cores
from superpos_core.errors import InvalidValue
from superpos_core.evaluation import evaluate
from superpos_core.experiments import EXPERIMENTS, verdicts
from superpos_core.models import Parameters
from superpos_core.snapshot import Snapshot
from superpos_core.version import version

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FORMATS = ("png", "svg", "pdf")
WEIGHTS_FILE = "weights.safetensors"
LOSSES_FILE = "loss.csv"
SUMMARY_FILE = "summary.json"
LIBRARIES = ("numpy", "torch", "numba", "matplotlib", "safetensors")


def export(
    snapshot: Snapshot,
    folder: Path,
    formats: Sequence[str],
    seconds_training: float,
    executor: Executor | None = None,
) -> Iterator[Path]:
    """Write everything, one file after the other; each path comes once its file is whole.

    Where there is an ``executor`` it draws the figures, meanwhile and several at a time.

    Raises ``InvalidValue`` at once for a format that there is not or a folder that cannot be
    written, and ``storage.WriteError`` from the iterator where writing fails later.
    """
    wanted = checked_formats(formats)
    storage.prepare_folder(folder)
    return _written(snapshot, folder, wanted, seconds_training, executor)


def checked_formats(formats: Sequence[str]) -> tuple[str, ...]:
    """The formats, each once, in lower case; raises ``InvalidValue`` for any that there is not."""
    choices = f"{', '.join(FORMATS[:-1])} or {FORMATS[-1]}, or several with commas"
    if not formats:
        raise InvalidValue("formats", "''", "no figure could be written", choices)
    wanted = tuple(dict.fromkeys(name.lower() for name in formats))
    for name in wanted:
        if name not in FORMATS:
            raise InvalidValue("formats", name, "there is no such format", choices)
    return wanted


def summarise(snapshot: Snapshot, seconds_training: float) -> dict[str, Any]:
    """What ``summary.json`` holds; it evaluates every lane, which takes seconds."""
    config = snapshot.config
    return {
        "experiment": config.name,
        "config": config.as_dict(),
        "seed": config.seed,
        "versions": software_versions(),
        "engine": snapshot.engine,
        "device": snapshot.device,
        "seconds_training": seconds_training,
        "checks": _verdicts(snapshot),
        "lanes": _lane_summaries(snapshot),
    }


def _lane_summaries(snapshot: Snapshot) -> list[dict[str, Any]]:
    """One a lane, evaluated by a thread a core: most of it is drawing samples."""
    lanes = [
        (lane, cohort.step, cohort.parameters.lane(index))
        for cohort in snapshot.cohorts.values()
        for index, lane in enumerate(cohort.lanes)
    ]
    with ThreadPoolExecutor(usable_cores()) as threads:
        return list(threads.map(lambda of: _lane_summary(snapshot.config, *of), lanes))


def _verdicts(snapshot: Snapshot) -> list[dict[str, Any]]:
    """What the experiment expects and what is seen, if it is a known one."""
    experiment = EXPERIMENTS.get(snapshot.config.name)
    return [] if experiment is None else verdicts_as_dicts(verdicts(experiment, snapshot))


def software_versions() -> dict[str, str]:
    """The versions that a run's numbers depend on, read without importing anything."""
    libraries = {name: _installed_version(name) for name in LIBRARIES}
    return {"superpos-tui": version(), "python": platform.python_version(), **libraries}


def _written(
    snapshot: Snapshot,
    folder: Path,
    formats: Sequence[str],
    seconds_training: float,
    executor: Executor | None,
) -> Iterator[Path]:
    """Weights first: they are what could not be had again without training."""
    storage.write_weights(folder / WEIGHTS_FILE, snapshot)
    yield folder / WEIGHTS_FILE
    figures = _begun_figures(snapshot, folder, formats, executor)
    storage.write_losses(folder / LOSSES_FILE, snapshot)
    yield folder / LOSSES_FILE
    storage.write_json(folder / SUMMARY_FILE, summarise(snapshot, seconds_training))
    yield folder / SUMMARY_FILE
    for finish in figures:
        yield from finish()


def _begun_figures(
    snapshot: Snapshot, folder: Path, formats: Sequence[str], executor: Executor | None
) -> list[Callable[[], list[Path]]]:
    """What finishes each figure; an executor has begun with all of them by then."""
    # matplotlib takes a good part of a second, and a whole run can do without it.
    from superpos_core.figures.registry import drawings

    tasks: list[Callable[[], list[Path]]] = [
        partial(_draw_and_write, draw, folder / name, formats) for name, draw in drawings(snapshot)
    ]
    if executor is None:
        return tasks
    return [executor.submit(task).result for task in tasks]


def _draw_and_write(draw: Callable[[], "Figure"], stem: Path, formats: Sequence[str]) -> list[Path]:
    return list(write_figure(draw(), stem, formats))


def write_figure(figure: "Figure", stem: Path, formats: Sequence[str]) -> Iterator[Path]:
    """Write a figure in each format as ``stem`` with the format's ending; raises ``WriteError``."""
    from superpos_core.figures.style import render

    for file_format in formats:
        path = stem.with_name(f"{stem.name}.{file_format}")
        storage.write_bytes(path, render(figure, file_format))
        yield path


def _installed_version(library: str) -> str:
    try:
        return metadata.version(library)
    except metadata.PackageNotFoundError:
        return "not installed"


def _lane_summary(
    config: ExperimentConfig, lane: Lane, steps: int, parameters: Parameters
) -> dict[str, Any]:
    evaluation = evaluate(config, lane, parameters)
    encoder = parameters.encoder.astype(np.float64)
    dimensionality = measures.feature_dimensionality(encoder)
    return {
        "model": lane.model,
        "sparsity": lane.sparsity,
        "density": lane.density,
        "seed": lane.seed,
        "steps": steps,
        "evaluation_rows": evaluation.rows,
        "loss_mean": evaluation.loss_mean,
        "loss_total": evaluation.loss_total,
        "loss_over_linear": evaluation.loss_over_linear,
        "represented": int(measures.represented(encoder)),
        "dimensions_per_feature": float(measures.dimensions_per_feature(encoder)),
        "sum_dimensionality": float(np.sum(dimensionality)),
        "feature_norms": measures.feature_norms(encoder),
        "feature_dimensionality": dimensionality,
        "superposition": measures.superposition(encoder),
    }
