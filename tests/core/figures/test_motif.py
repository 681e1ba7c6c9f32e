"""The motif figure: the paper's example, drawn as the paper writes it."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from tests.core.figures.drawn import words
from tests.core.snapshots import SMALL, spoiled, with_losses

from superpos_core.analysis.motifs import added_by, balanced_weights
from superpos_core.arrays import FloatArray
from superpos_core.figures.motif import DISTURBED, DISTURBING, OTHERS, POSITIONS, applies
from superpos_core.figures.registry import FIGURES
from superpos_core.figures.tools.style import render
from superpos_core.record.lanes import LanesRecord
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.models import MODELS, reconstruct
from superpos_core.task.parameters import Parameters

CONFIG = ExperimentConfig(
    "motif",
    features=3,
    hidden=3,
    models=("absolute",),
    importance=1.0,
    distribution="signed",
    sparsities=(0.0, 0.9, 0.99),
)
# Neuron 0 is driven hard by feature 0 and read out by feature 1; neuron 1 inhibits. The example of
# the paper at another scale of either neuron, which changes nothing.
INWARD = np.array([[1.0, 2.0, 0], [-0.25, 0, 0], [0, 0, 1]])
OUTWARD = np.array([[1.0, 4.0, 0], [0, -2.0, 0], [0, 0, 1]])
WEAKER = 0.8
PLAIN = np.eye(3)


def run_of(*models: tuple[FloatArray, FloatArray], **changes: object) -> LanesRecord:
    """One setting per pair of input and output weights."""
    config = replace(CONFIG, **changes)  # type: ignore[arg-type]
    run = with_losses(config, np.full((3, len(models)), 0.1))
    parameters = Parameters(
        encoder=np.stack([inward for inward, _ in models]),
        decoder=np.stack([outward for _, outward in models]),
        bias=np.zeros((len(models), 3)),
    )
    cohort = replace(run.cohorts["absolute"], parameters=parameters)
    return replace(run, cohorts={"absolute": cohort})


def example() -> LanesRecord:
    """No motif, a weaker one, and the paper's."""
    weaker = OUTWARD * np.array([1.0, WEAKER, 1.0])
    return run_of((PLAIN, PLAIN), (INWARD, weaker), (INWARD, OUTWARD))


def drawn(run: LanesRecord) -> Figure:
    figure = FIGURES["motif"].draw(run, "absolute")  # type: ignore[call-arg]
    assert isinstance(figure, Figure)
    return figure


def stacks(axes: Axes) -> dict[tuple[int, str], float]:
    """The signed heights of the rectangles, by the number of their stack and their colour."""
    (collection,) = (item for item in axes.collections if isinstance(item, PolyCollection))
    heights = {}
    for path, colour in zip(
        collection.get_paths(), np.asarray(collection.get_facecolor()), strict=True
    ):
        corners = np.asarray(path.vertices)[:4]
        stack = POSITIONS.index(float(np.round(corners[:, 0].mean(), 6)))
        height = float(np.ptp(corners[:, 1])) * np.sign(corners[:, 1].mean())
        heights[stack, to_hex(colour)] = height
    return heights


def test_stacks_are_the_weights_as_the_paper_writes_them() -> None:
    """[2, −½] in and [½, 2] out, and an inhibitor with 2 in and −2 out."""
    heights = stacks(drawn(example()).axes[0])
    expected = {
        (0, DISTURBING): 2,
        (0, DISTURBED): -0.5,
        (1, DISTURBING): 0.5,
        (1, DISTURBED): 2,
        (2, DISTURBING): 2,
        (3, DISTURBED): -2,
    }
    assert heights == pytest.approx(expected)
    assert OTHERS not in {colour for _, colour in heights}


def test_bars_are_what_both_neurons_add_to_the_outputs() -> None:
    """Gain 1 for each feature itself; 4 is disturbed and inhibited, ¼ the other way."""
    axes = drawn(example()).axes[1]
    lengths = [
        patch.get_width()
        for patch in axes.patches
        if isinstance(patch, Rectangle) and patch.get_height() == pytest.approx(0.32)
    ]
    np.testing.assert_allclose(lengths, [1, 0, 4, -4, 0.25, 0, 1, 0], atol=1e-12)
    names = [label.get_text() for label in axes.get_yticklabels()]
    assert names == [
        "x₀ = 1 → output 0",
        "x₀ = 1 → output 1",
        "x₁ = −1 → output 0",
        "x₁ = −1 → output 1",
    ]
    written = {text.get_text() for text in axes.texts}
    assert written == {"1.00", "4.00", "−4.00", "0.25", "disturbance", "inhibition"}


def test_the_strongest_is_shown_and_all_are_counted() -> None:
    figure = drawn(example())
    shown = words(figure)
    assert "The strongest one is at S = 0.99." in shown
    assert "So feature 0 adds 4.00 to output 1: 16 times as much as" in shown
    assert "as feature 1 adds to output 0." in shown
    assert "Neuron 1 inhibits: it adds −4.00 to output 1." in shown
    counts = figure.axes[2]
    assert [bar.get_height() for bar in counts.patches] == [0, 1, 1]  # type: ignore[attr-defined]
    assert [label.get_text() for label in counts.get_xticklabels()] == ["0", "0.9", "0.99"]
    assert counts.get_xlabel() == "S"
    assert [text.get_text() for text in counts.texts] == ["0", "1", "1"]


def test_a_sentence_says_if_there_is_none() -> None:
    figure = drawn(run_of((PLAIN, PLAIN), (PLAIN, PLAIN), (PLAIN, PLAIN)))
    assert "None was found in this run." in words(figure)
    (counts,) = figure.axes
    assert [text.get_text() for text in counts.texts] == ["0", "0", "0"]


def test_it_applies_to_models_of_absolute_values() -> None:
    assert applies(example(), "absolute")
    assert not any(applies(example(), model) for model in MODELS if model != "absolute")
    assert FIGURES["motif"].summary
    assert not list(FIGURES["motif"].drawings(with_losses(SMALL, np.full((2, 2), 0.1))))


def test_the_count_is_unknown_for_non_finite_weights() -> None:
    figure = drawn(spoiled(run_of((PLAIN, PLAIN), (PLAIN, PLAIN), (PLAIN, PLAIN))))
    assert "?: weights that are not finite" in words(figure)
    assert [text.get_text() for text in figure.axes[0].texts] == ["?", "0", "0"]


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=30)
def test_balanced_weights_are_the_same_neuron(seed: int) -> None:
    random = np.random.default_rng(seed)
    parameters = Parameters(
        encoder=random.normal(0, 3, (5, 2)), decoder=random.normal(0, 0.2, (2, 5)), bias=np.zeros(5)
    )
    inward, outward = balanced_weights(parameters, 1)
    assert np.abs(inward).max() == pytest.approx(np.abs(outward).max())
    assert (np.sign(inward) == np.sign(parameters.encoder[:, 1])).all()
    original = np.outer(parameters.encoder[:, 1], parameters.decoder[1])
    np.testing.assert_allclose(np.outer(inward, outward), original)


def test_a_neuron_without_weights_of_one_kind_stays_unchanged() -> None:
    parameters = Parameters(encoder=np.zeros((3, 2)), decoder=np.ones((2, 3)), bias=np.zeros(3))
    inward, outward = balanced_weights(parameters, 0)
    assert not inward.any()
    assert (outward == 1).all()


@given(seed=st.integers(0, 2**32 - 1), x=st.floats(-1, 1))
@settings(max_examples=30)
def test_the_sum_over_all_neurons_is_the_pre_activation(seed: int, x: float) -> None:
    random = np.random.default_rng(seed)
    parameters = Parameters(
        encoder=random.normal(0, 1, (4, 3)), decoder=random.normal(0, 1, (3, 4)), bias=np.zeros(4)
    )
    row = np.zeros((1, 4))
    row[0, 2] = x
    expected = reconstruct(MODELS["absolute"], parameters, row).pre_activation[0]
    added = sum(added_by(parameters, neuron, 2, x) for neuron in range(3))
    np.testing.assert_allclose(added, expected, atol=1e-12)


# Shrinking a failing example would draw for minutes.
@settings(max_examples=4, phases=[Phase.explicit, Phase.generate], deadline=None)
@given(
    features=st.integers(1, 40),
    hidden=st.integers(1, 20),
    sparsities=st.lists(st.floats(0, 0.9999), min_size=1, max_size=20, unique=True),
    spoil=st.booleans(),
)
def test_any_run_can_be_drawn(
    features: int, hidden: int, sparsities: list[float], spoil: bool
) -> None:
    config = replace(CONFIG, features=features, hidden=hidden, sparsities=tuple(sparsities))
    run = with_losses(config, np.full((3, len(sparsities)), 0.01))
    # Far from the small initial weights there are motifs by chance.
    parameters = run.cohorts["absolute"].parameters
    random = np.random.default_rng(features)
    assert not parameters.is_tied
    wild = parameters.with_arrays(
        encoder=random.normal(0, 2, parameters.encoder.shape),
        decoder=random.normal(0, 2, parameters.decoder.shape),
    )
    run = replace(run, cohorts={"absolute": replace(run.cohorts["absolute"], parameters=wild)})
    figure = drawn(spoiled(run) if spoil else run)
    figure.set_dpi(40)
    assert render(figure, "svg").startswith(b"<?xml")


def test_the_same_run_gives_the_same_file() -> None:
    assert render(drawn(example()), "svg") == render(drawn(example()), "svg")
