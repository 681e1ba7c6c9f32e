"""The registry of figures. A new one is a new file beside this one, and an entry here.

Importing it imports matplotlib: do so when something is drawn, not before.
"""

from collections.abc import Iterator

from superpos_core.experiments import EXPERIMENTS
from superpos_core.figures import (
    dimensionality,
    geometry,
    gram,
    loss,
    neurons,
    norms,
    phase,
    weights,
)
from superpos_core.figures.kinds import Drawing, FigureKind, ModelFigure, RunFigure
from superpos_core.snapshot import Snapshot

ORDINARY: tuple[FigureKind, ...] = (
    ModelFigure("gram", "W·Wᵀ and b from dense to sparse, the main figure", gram.draw),
    ModelFigure("weights", "the weight matrices and the bias", weights.draw),
    ModelFigure("norms", "feature norms, coloured by superposition", norms.draw),
    ModelFigure("neurons", "what each neuron stands for", neurons.draw, neurons.applies),
    ModelFigure("geometry", "features as directions, and the shapes they form", geometry.draw),
    ModelFigure(
        "dimensionality",
        "how much of a dimension each feature gets: over sparsity, and over training",
        dimensionality.draw,
    ),
    RunFigure("loss", "the losses of all lanes against steps", loss.draw),
    RunFigure(
        "phase",
        "a phase diagram as trained, beside theory's",
        phase.draw,
        lambda snapshot: snapshot.phase_map is not None,
    ),
)
"""Drawn of every run to which they apply."""

OF_EXPERIMENTS: tuple[FigureKind, ...] = ()
"""Drawn of the runs of experiments that name them: pictures with one idea, as the papers have."""

FIGURES: dict[str, FigureKind] = {figure.name: figure for figure in (*ORDINARY, *OF_EXPERIMENTS)}


def figures_of(snapshot: Snapshot) -> list[FigureKind]:
    """The figures of a run, those that its experiment names first."""
    experiment = EXPERIMENTS.get(snapshot.config.name)
    named = [] if experiment is None else [FIGURES[name] for name in experiment.figures]
    return list(dict.fromkeys((*named, *ORDINARY)))


def drawings(snapshot: Snapshot) -> Iterator[Drawing]:
    """Everything that there is to draw of a run, figure by figure."""
    for figure in figures_of(snapshot):
        yield from figure.drawings(snapshot)
