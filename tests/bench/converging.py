"""Dictionaries of `absorption`, trained until they have absorbed."""

import time
from dataclasses import replace

import numpy as np

from superpos_core.analysis.dictionaries.of_record import score_of
from superpos_core.engine.choice import EngineChoice
from superpos_core.experiments import EXPERIMENTS
from superpos_core.experiments.checks.dictionaries import (
    CHILD,
    COSINE_TOLERANCE,
    INDEPENDENT,
    INDEPENDENT_TOLERANCE,
    PARENT,
    latent_of,
)
from superpos_core.machine.cores import usable_cores
from superpos_core.record.dictionaries import DictionaryRecord
from superpos_core.task.config import ExperimentConfig
from superpos_core.theory.dictionaries import ABSORBED_COSINE
from superpos_core.training.run import train


def report_on_absorption(count: int) -> None:
    """Train ``count`` dictionaries to the last step; print the time and how many converged."""
    config = replace(EXPERIMENTS["absorption"].config, restarts=count)
    _trained(replace(config, restarts=1, steps=10))  # compiles
    start, begun = time.perf_counter(), time.process_time()
    run = _trained(config)
    seconds, of_cores = time.perf_counter() - start, time.process_time() - begun
    of_step = 1e6 * of_cores / (count * config.steps)
    print(
        f"{count:,} dictionaries of `absorption`, {config.latents} latents in {config.hidden} "
        f"dimensions, {config.steps:,} steps of {config.batch:,} rows: {seconds:.1f} s on "
        f"{usable_cores()} cores, which were busy for {of_cores:.1f} s in all, {of_step:.2f} µs "
        "per step of a dictionary"
    )
    children, others = _cosines(run)
    absorbed = np.abs(children - ABSORBED_COSINE) <= COSINE_TOLERANCE
    alone = np.abs(others).max(axis=1) <= INDEPENDENT_TOLERANCE
    print(
        f"child's latent and parent: cosine {ABSORBED_COSINE:.4f} ± {COSINE_TOLERANCE:g} in "
        f"{absorbed.sum():,}; independent latents and parent: 0 ± {INDEPENDENT_TOLERANCE:g} in "
        f"{alone.sum():,}; both in {(absorbed & alone).sum():,}"
    )


def _trained(config: ExperimentConfig) -> DictionaryRecord:
    record = train(config, engine=EngineChoice("fused").make).record
    assert isinstance(record, DictionaryRecord)
    return record


def _cosines(run: DictionaryRecord) -> tuple[np.ndarray, np.ndarray]:
    """Of the latents of the child (lanes,), and of the independent ones (lanes, 2)."""
    scores = [score_of(run, "relu", lane) for lane in range(run.config.restarts)]
    found = np.array([
        [score.cosines[PARENT, latent_of(score, each)] for each in (CHILD, *INDEPENDENT)]
        for score in scores
    ])  # fmt: skip
    return found[:, 0], found[:, 1:]
