"""The numbers of every panel can be copied, and are those that core has computed."""

import csv
import io

import numpy as np
import pytest
from tests.core.dictionary_records import made_record
from tests.core.phase_maps import phase_config
from tests.core.snapshots import finished, left_by

from superpos_core.errors import InvalidValue
from superpos_core.geometry import measures
from superpos_core.record.phase_map import PhaseMap
from superpos_core.record.snapshot import Snapshot
from superpos_core.task.config import ExperimentConfig
from superpos_tui.scene import Scene
from superpos_tui.selection import Focus, Options
from superpos_tui.views.numbers import MAX_NUMBERS, Numbers, with_index
from superpos_tui.views.panel import Panel
from superpos_tui.views.registry import VIEWS

PANELS = {
    f"{view.name}-{panel.name}": panel for view in VIEWS.values() for panel in view.panels.values()
}
LANES = ExperimentConfig(
    "numbers", features=6, hidden=2, models=("tied", "untied", "mlp"), sparsities=(0.0, 0.9),
    restarts=2, steps=60,
)  # fmt: skip


@pytest.fixture(scope="module")
def snapshots() -> dict[type, Snapshot]:
    made = (finished(LANES), finished(phase_config(3, 3)), left_by(made_record()))
    return {type(each.record): each for each in made}


def scene_for(panel: Panel, snapshots: dict[type, Snapshot], model: str = "tied") -> Scene:
    snapshot = snapshots[panel.takes]
    groups = snapshot.config.groups
    model = model if model in groups else groups[0]
    return Scene(snapshot, Focus(model, 1 if panel.takes is not PhaseMap else 0), Options())


def table(numbers: Numbers) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(numbers.as_tsv()), delimiter="\t", strict=True))


@pytest.mark.parametrize("name", PANELS)
@pytest.mark.parametrize("model", LANES.models)
def test_every_panel_gives_a_whole_table(
    name: str, model: str, snapshots: dict[type, Snapshot]
) -> None:
    panel = PANELS[name]
    assert panel.numbers is not None
    numbers = panel.numbers(scene_for(panel, snapshots, model))
    assert numbers.rows
    assert len(set(numbers.header)) == len(numbers.header)
    assert {len(row) for row in numbers.rows} == {len(numbers.header)}
    lines = numbers.as_tsv().splitlines()
    assert len(lines) == len(numbers.rows) + 1
    assert {line.count("\t") for line in lines} == {len(numbers.header) - 1}


def test_they_are_the_numbers_of_core(snapshots: dict[type, Snapshot]) -> None:
    """Each is computed here from the weights once more, in another way."""

    def rows_of(name: str) -> list[dict[str, str]]:
        numbers = PANELS[name].numbers
        assert numbers is not None
        return table(numbers(scene))

    scene = scene_for(PANELS["live-matrix"], snapshots)
    weights = scene.parameters.encoder.astype(float)
    gram = np.array(
        [[float(row[f"output[{j}]"]) for j in range(6)] for row in rows_of("live-matrix")]
    )
    np.testing.assert_allclose(gram, weights @ weights.T, rtol=1e-6, atol=1e-6)
    norms = [float(row["norm"]) for row in rows_of("live-norms")]
    np.testing.assert_allclose(norms, np.sqrt(np.diag(gram)), rtol=1e-6)
    shares = measures.feature_dimensionality(weights)
    now = [float(row["dimensionality"]) for row in rows_of("dimensionality-dimensions")]
    np.testing.assert_allclose(now, shares, rtol=1e-5)
    last = rows_of("dimensionality-dimensions-over-steps")[-1]
    assert last["step"] == "60"
    np.testing.assert_allclose([float(last[f"D[{i}]"]) for i in range(6)], shares, rtol=1e-5)
    settings = rows_of("live-strip")
    assert [row["setting"] for row in settings] == ["S = 0", "S = 0.9"]
    assert float(settings[1]["sum of D"]) == pytest.approx(shares.sum(), rel=1e-5)
    losses = rows_of("live-loss")
    assert next(iter(losses[0])) == "step"
    assert len(losses[0]) == 1 + 3 * 2 * 2


def test_the_bias_and_both_matrices_are_among_the_weights(
    snapshots: dict[type, Snapshot],
) -> None:
    numbers = PANELS["weights-weights"].numbers
    assert numbers is not None
    header = numbers(scene_for(PANELS["weights-weights"], snapshots, "untied")).header
    assert header == ("feature", "W1[0]", "W1[1]", "W2[0]", "W2[1]", "b")


def test_too_many_numbers_are_refused() -> None:
    with pytest.raises(InvalidValue, match=r"too many.*e, which exports them"):
        with_index("row", {"x": np.zeros(MAX_NUMBERS + 1)})


def test_no_name_breaks_a_row() -> None:
    assert Numbers(("a\tb", "c"), [["d\ne", 0.1]]).as_tsv() == "a b\tc\nd e\t0.1\n"
