"""The registry of figures. A new one is a new file beside this one, and an entry here.

It imports matplotlib, so import it only when something is drawn.
"""

from collections.abc import Iterator

from matplotlib.figure import Figure

from superpos_core.analysis.evaluation import OF_LOSSES
from superpos_core.experiments import Experiment
from superpos_core.figures import (
    data,
    demonstration,
    dictionary,
    dimensionality,
    double_descent,
    energy,
    geometry,
    gram,
    graphs,
    hedging,
    hysteresis,
    levels,
    loss,
    motif,
    neurons,
    noise,
    norms,
    one_density,
    phase,
    recovery,
    restarts,
    scaling,
    trajectories,
    vulnerability,
    weights,
)
from superpos_core.figures.tools.kinds import Drawing, FigureKind, ModelFigure, RunFigure
from superpos_core.record.dictionaries import DictionaryRecord
from superpos_core.record.lanes import LanesRecord
from superpos_core.record.phase_map import PhaseMap
from superpos_core.record.record import Record

TRAINING, DATA = frozenset({"steps"}), OF_LOSSES
"""What a figure may need besides weights: the moments and losses of training, and the data."""

ORDINARY: tuple[FigureKind, ...] = (
    ModelFigure("gram", "W·Wᵀ and b from dense to sparse, the main figure", gram.draw),
    ModelFigure("weights", "the weight matrices and the bias", weights.draw),
    ModelFigure("norms", "feature norms, coloured by superposition", norms.draw),
    ModelFigure("neurons", "what each neuron represents", neurons.draw, neurons.applies),
    ModelFigure(
        "geometry",
        "features as directions, and the shapes they form, in a plane or in space",
        geometry.draw,
        geometry.applies,
    ),
    ModelFigure(
        "graphs",
        "overlapping features joined, shape by shape, in more than three dimensions",
        graphs.draw,
        graphs.applies,
    ),
    ModelFigure(
        "dimensionality",
        "how much of a dimension each feature gets, over sparsity and over training",
        dimensionality.draw,
    ),
    RunFigure(
        "loss",
        "the losses of all lanes against steps",
        LanesRecord,
        loss.draw,
        needs=TRAINING | DATA,
    ),
    RunFigure(
        "dictionary",
        "what dictionaries have found: the cosines of true features with latents",
        DictionaryRecord,
        dictionary.draw,
        needs=DATA,
    ),
    RunFigure("phase", "a trained phase diagram beside theory", PhaseMap, phase.draw),
)
"""The figures of every run to which they apply."""

OF_EXPERIMENTS: tuple[FigureKind, ...] = (
    RunFigure(
        "data",
        "some rows, and which features are active together",
        LanesRecord,
        data.draw,
        data.applies,
        DATA,
    ),
    RunFigure(
        "demonstration",
        "W·Wᵀ and b over the norms, all models on one page: the paper's figure",
        LanesRecord,
        demonstration.draw,
    ),
    RunFigure(
        "vulnerability",
        "what attacks do to a model in superposition",
        LanesRecord,
        vulnerability.draw,
        vulnerability.applies,
        DATA,
    ),
    ModelFigure(
        "double-descent",
        "from stored rows to features, over the size of the dataset",
        double_descent.draw,
        double_descent.applies,
        TRAINING | DATA,
    ),
    ModelFigure(
        "scaling",
        "how the loss falls with the hidden dimension, beside closed forms",
        scaling.draw,
        scaling.applies,
        DATA,
    ),
    ModelFigure(
        "noise",
        "how noise on the hidden layer shrinks features, beside a closed form",
        noise.draw,
        noise.applies,
        DATA,
    ),
    RunFigure(
        "recovery",
        "recovery and reconstruction by dictionaries, over the activity of latents",
        DictionaryRecord,
        recovery.draw,
        recovery.applies,
        DATA,
    ),
    RunFigure(
        "hedging",
        "how far one latent turns from a parent towards its child, beside a closed form",
        DictionaryRecord,
        hedging.draw,
        hedging.applies,
        DATA,
    ),
    ModelFigure(
        "hysteresis",
        "features represented while noise on the hidden layer rises, and while it falls",
        hysteresis.draw,
        hysteresis.applies,
        TRAINING,
    ),
    ModelFigure(
        "restarts",
        "the best restarts side by side, in one orientation",
        restarts.draw,
        restarts.applies,
        TRAINING,
    ),
    ModelFigure(
        "one-density",
        "one feature denser or sparser than the others: all features, and the losses",
        one_density.draw,
        one_density.applies,
        TRAINING | DATA,
    ),
    ModelFigure("motif", "the asymmetric superposition motif", motif.draw, motif.applies),
    ModelFigure(
        "energy",
        "features jump between energy levels while the loss falls",
        energy.draw,
        energy.applies,
        TRAINING | DATA,
    ),
    ModelFigure(
        "trajectories",
        "learning as a geometric transformation",
        trajectories.draw,
        trajectories.applies,
        TRAINING,
    ),
    ModelFigure(
        "levels",
        "restarts among the closed-form levels of polygons",
        levels.draw,
        levels.applies,
        TRAINING | DATA,
    ),
)
"""The figures of experiments that name them: pictures with one idea, as in the papers."""

FIGURES: dict[str, FigureKind] = {figure.name: figure for figure in (*ORDINARY, *OF_EXPERIMENTS)}


def figures_of(experiment: Experiment | None) -> list[FigureKind]:
    """The figures of a run: those named by its experiment, if any, then the ordinary ones."""
    named = [] if experiment is None else [FIGURES[name] for name in experiment.figures]
    return list(dict.fromkeys((*named, *ORDINARY)))


def drawings(record: Record, experiment: Experiment | None = None) -> Iterator[Drawing]:
    """All drawings of a run, figure by figure."""
    for figure in figures_of(experiment):
        yield from figure.drawings(record)


def figure_of_film(record: Record, group: str, wanted: str) -> FigureKind | None:
    """The figure of a film of one group: that ``wanted``, by name, or the first ordinary one.

    Only a figure that is drawn of the group counts; ``None`` if there is none.
    """
    for figure in (FIGURES[wanted], *ORDINARY):
        drawn = {name for name, _ in figure.drawings(record)}
        if not drawn.isdisjoint(figure.names((group,))):
            return figure
    return None


def draw(record: Record, name: str) -> Figure:
    """The drawing of a run called ``name``; raises ``KeyError`` if there is none."""
    for figure in FIGURES.values():
        if name in figure.names(record.config.models):
            return dict(figure.drawings(record))[name]()
    raise KeyError(name)
