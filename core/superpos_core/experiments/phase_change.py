"""The phase diagrams of "Superposition as a Phase Change"."""

import math
from collections.abc import Callable
from dataclasses import replace

from superpos_core.analysis.phase_agreement import (
    agreement,
    share_correctly_ignored,
    share_near_optimal,
)
from superpos_core.experiments.checks.check import Check, NotApplicable, Observation
from superpos_core.experiments.densities import log_spaced, sparsities_of
from superpos_core.experiments.experiment import Experiment
from superpos_core.experiments.quick import Quick
from superpos_core.record.phase_grid import PHASE_MAP
from superpos_core.record.phase_map import PhaseMap
from superpos_core.task.config import ExperimentConfig

SECTION = "Superposition as a Phase Change"
CELLS = 100
"""Cells on each side of the map."""
QUICK = Quick(
    sparsities=sparsities_of(log_spaced(1, 0.01, 24)), sweep_values=log_spaced(0.1, 10, 24)
)


def _phase_diagram(name: str, features: int, hidden: int, batch: int) -> ExperimentConfig:
    """Density on the x-axis, importance of the last feature on the y-axis.

    The high learning rate and weight decay free models whose features start with equal signs,
    which would otherwise stay in "ignored".
    """
    return ExperimentConfig(
        name=name,
        kind=PHASE_MAP,
        features=features,
        hidden=hidden,
        models=("tied",),
        importance=1.0,
        sparsities=sparsities_of(log_spaced(1, 0.01, CELLS)),
        sweep="last-importance",
        sweep_values=log_spaced(0.1, 10, CELLS),
        restarts=5,
        batch=batch,
        steps=2000,
        learning_rate=0.1,
        learning_rate_schedule="cosine",
        weight_decay=0.3,
    )


def map_agrees_with_theory(share: float) -> Check[PhaseMap]:
    """That at least this share of cells away from boundaries is in the phase theory predicts."""
    name = "cells more than 30% from boundaries, in the phase predicted by theory"
    return _share_of_cells(name, agreement, share)


def map_loses_little(share: float, factor: float) -> Check[PhaseMap]:
    """That this share of cells near boundaries has about the loss of theory's solutions."""
    name = f"cells near boundaries, loss at most {factor:g} times the best simple solution's"
    return _share_of_cells(name, lambda cells: share_near_optimal(cells, factor), share)


def map_ignores_rightly(share: float) -> Check[PhaseMap]:
    """That this share of cells near boundaries is on the right side of the exact boundary."""
    name = "cells near boundaries, last feature ignored where the optimal model ignores it"
    return _share_of_cells(name, share_correctly_ignored, share)


def _share_of_cells(
    name: str, share_of: Callable[[PhaseMap], float], least: float
) -> Check[PhaseMap]:
    def observe(cells: PhaseMap) -> Observation:
        if not cells.filled.any():
            raise NotApplicable("no cell of the map is trained")
        share = share_of(cells)
        if math.isnan(share):
            raise NotApplicable("no such cell is trained")
        return Observation(f"{share:.1%}", share >= least)

    return Check(name, f"at least {least:.0%}", PhaseMap, observe)


EXPERIMENTS = (
    Experiment(
        title="Two features in one dimension: three phases",
        section=SECTION,
        what_to_see=(
            "The extra feature is ignored where it matters little, gets a dedicated dimension "
            "where it matters most, and is in superposition, as an antipodal pair, where data are "
            "sparse. On sparse data the boundaries are sharp and close to theory; near equal "
            "importance on dense data they blur."
        ),
        config=_phase_diagram("phase", features=2, hidden=1, batch=256),
        quick=QUICK,
        figures=("phase",),
        checks=(
            map_agrees_with_theory(0.95),
            map_loses_little(0.95, factor=1.02),
            map_ignores_rightly(0.8),
        ),
        tour=(
            "Each cell is a separate model. Whether the second feature is ignored, gets a "
            "dedicated dimension or is in superposition changes abruptly, like a phase of matter, "
            "and where theory predicts it."
        ),
    ),
    Experiment(
        title="Three features in two dimensions: four phases",
        section=SECTION,
        what_to_see=(
            "With one more dimension, the extra feature can be ignored, displace another, join "
            "another in an antipodal pair, or get a dedicated dimension next to such a pair. "
            "Theory leaves out the triangle. Training finds it on dense data near equal "
            "importance, above the point where the boundaries meet, and rarely on sparse data."
        ),
        config=_phase_diagram("phase-3", features=3, hidden=2, batch=512),
        quick=replace(QUICK, restarts=10),  # the few cells near boundaries have to be right
        figures=("phase",),
        checks=(
            map_agrees_with_theory(0.95),
            map_loses_little(0.9, factor=1.05),
            map_ignores_rightly(0.8),
        ),
    ),
)
