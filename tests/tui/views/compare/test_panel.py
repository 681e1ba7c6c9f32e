"""The compare panel: both squares, their difference, and the numbers of both."""

import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.tui.pictures import options_with, selected_by
from tests.tui.strategies import depths, matrices
from tests.tui.views.compare.compared import DEDICATED, DIGON, comparing, snapshot

from superpos_core.arrays import FloatArray
from superpos_core.record.history import LossHistory
from superpos_core.record.lanes import LanesRecord
from superpos_core.record.timeline import Moment, Timeline
from superpos_tui.drawing.palette import Ink, Palette, diverging_inks
from superpos_tui.drawing.shades import Depth
from superpos_tui.measures.loss import recent_loss
from superpos_tui.scene import Scene
from superpos_tui.selection import Cursor, Focus, Options
from superpos_tui.views.compare.measures import reference_scene
from superpos_tui.views.compare.panel import PANEL
from superpos_tui.views.compare.state import CompareState

any_weights = matrices(30)
sizes = st.tuples(st.integers(1, 130), st.integers(1, 40))


def row(text: str, name: str) -> list[str]:
    line = next(line for line in text.splitlines() if line.startswith(name))
    return line[len(name) :].split()


@given(any_weights, sizes, depths, st.integers(0, 1), st.booleans(), st.data())
def test_any_weights_fill_exactly_the_size_asked_for(
    encoder: FloatArray,
    size: tuple[int, int],
    depth: Depth,
    setting: int,
    pinned: bool,
    data: st.DataObject,
) -> None:
    n = len(encoder)
    cursor = data.draw(st.none() | st.builds(Cursor, st.integers(0, n - 1), st.integers(0, n - 1)))
    scene = comparing(
        [encoder, encoder[::-1]],
        Focus("tied", setting),
        Focus("mlp", 0) if pinned else None,
        cursor,
        ("tied", "mlp"),
    )
    cells = PANEL.draw(scene, *size, Palette(depth))
    assert (cells.width, cells.height) == size
    x, y = data.draw(st.integers(0, size[0] - 1)), data.draw(st.integers(0, size[1] - 1))
    pick = PANEL.pick(scene, *size, x, y)
    if pick is not None:
        assert 0 <= selected_by(pick).feature < n
        assert 0 <= selected_by(pick).other < n


def test_the_numbers_of_both_and_their_change_are_side_by_side() -> None:
    text = PANEL.draw(
        comparing([DEDICATED, DIGON], Focus("tied", 1), Focus("tied", 0)), 76, 17, Palette()
    ).text()
    assert "pinned: tied S 0 " in text
    assert "now: tied S 0.5" in text
    assert row(text, "represented") == ["1", "2", "+1"]
    assert row(text, "D*") == ["1.00", "0.50", "−0.50"]
    assert row(text, "ΣD") == ["1.00", "1.00", "·"]
    assert row(text, "loss") == ["1.0e−01", "5.0e−02", "−5.0e−02"]
    # Three entries of magnitude 1 differ.
    assert f"‖difference‖ {np.sqrt(3):.2f}" in text


def test_the_difference_is_the_second_square_minus_the_first() -> None:
    scene = comparing([DEDICATED, DIGON], Focus("tied", 1), Focus("tied", 0))
    cells = PANEL.draw(scene, 76, 17, Palette())
    expected = diverging_inks(np.array([-1.0, 1.0, 0.0]), 1.3)
    third = cells.text().splitlines()[0].index("now − pinned")
    shown = set(cells.grounds[2:12, third:].ravel().tolist()) - {Ink.NONE}
    assert shown == set(expected.tolist())
    first = cells.text().splitlines()[0].index("pinned")
    # Above the squares are the numbers of their columns, on their left those of their rows.
    numbers = [line[first : first + 2] for line in cells.text().splitlines()[3:12]]
    assert [number for number in numbers if number.strip()] == ["0 ", "1 ", "2 "]
    assert cells.grounds[3, first + 2] == diverging_inks(np.array([1.0]), 1.3)[0]
    assert cells.grounds[3, third + 2] == Ink.ZERO


def test_without_a_pin_another_setting_is_the_reference_and_a_hint_is_shown() -> None:
    alone = PANEL.draw(comparing([DEDICATED], Focus("tied", 0)), 76, 17, Palette()).text()
    words = " ".join(re.sub(r"[│▀ ]+", " ", alone).split())
    assert "nothing pinned yet" in words
    assert "reference: tied S 0" in alone
    at_first = PANEL.draw(comparing([DEDICATED, DIGON], Focus("tied", 0)), 76, 17, Palette()).text()
    assert "nothing pinned" not in at_first
    assert "tied S 0.5" in at_first
    moved = PANEL.draw(comparing([DEDICATED, DIGON], Focus("tied", 1)), 76, 17, Palette()).text()
    assert "nothing pinned" not in moved
    assert "reference: tied S 0" in moved
    pinned = comparing([DEDICATED, DIGON], Focus("tied", 1), Focus("tied", 1))
    assert "this is the" in PANEL.draw(pinned, 76, 17, Palette()).text()


def test_without_a_pin_the_linear_model_of_the_same_setting_is_the_reference() -> None:
    models = ("tied", "linear")
    reference = comparing([DEDICATED, DIGON], Focus("tied", 1), models=models).of(reference_scene)
    assert reference.focus == Focus("linear", 1)
    reference = comparing([DEDICATED, DIGON], Focus("linear", 1), models=models).of(reference_scene)
    assert reference.focus == Focus("linear", 0)


def test_models_of_other_kinds_can_be_compared() -> None:
    scene = comparing(
        [DIGON, DIGON], Focus("untied", 1), Focus("tied", 1), models=("tied", "untied")
    )
    text = PANEL.draw(scene, 76, 17, Palette()).text()
    assert PANEL.title(scene) == "W·Wᵀ and W₁·W₂ compared"
    # Half of four entries of magnitude 1 is missing.
    assert "‖difference‖ 1.00" in text


@pytest.mark.parametrize("index", [0, 1, 2])
def test_any_square_can_be_clicked_and_the_entry_is_shown_in_numbers(index: int) -> None:
    encoders = [np.eye(4, 2), np.ones((4, 2))]
    scene = comparing(encoders, Focus("tied", 1), Focus("tied", 0))
    line = PANEL.draw(scene, 76, 24, Palette()).text().splitlines()[0]
    heads = [line.index(word) for word in ("pinned:", "now:", "now − ")]
    picked = {
        PANEL.pick(scene, 76, 24, heads[index] + x, 2 + y) for x in range(20) for y in range(24)
    }
    entries = {
        (selected_by(pick).feature, selected_by(pick).other) for pick in picked if pick is not None
    }
    assert entries == {(i, j) for i in range(4) for j in range(4)}
    selected = comparing(encoders, Focus("tied", 1), Focus("tied", 0), Cursor(1, 1))
    text = PANEL.draw(selected, 76, 24, Palette()).text()
    assert row(text, "1 → 1") == ["+1.00", "+2.00", "+1.00"]
    assert text.count("1▸") == 3


def test_a_second_click_takes_the_lower_of_two_features_that_share_a_row() -> None:
    encoders = [np.eye(20, 5), np.ones((20, 5))]
    first = comparing(encoders, Focus("tied", 1), Focus("tied", 0))
    pick = PANEL.pick(first, 76, 17, 15, 4)
    assert pick is not None
    assert selected_by(pick) == Cursor(4, 3)
    again = comparing(encoders, Focus("tied", 1), Focus("tied", 0), selected_by(pick))
    pick = PANEL.pick(again, 76, 17, 15, 4)
    assert pick is not None
    assert selected_by(pick) == Cursor(5, 3)


@pytest.mark.parametrize("depth", ["truecolor", "256", "16", "none"])
def test_a_click_means_the_same_on_every_terminal(depth: Depth) -> None:
    encoder = np.zeros((20, 5))
    encoder[6, 0], encoder[13, 0] = 1.3, -1
    scene = comparing([encoder, np.zeros((20, 5))], Focus("tied", 1), Focus("tied", 0))
    cells = PANEL.draw(scene, 76, 17, Palette(depth))
    blank = PANEL.draw(
        comparing([np.zeros((20, 5))] * 2, Focus("tied", 1), Focus("tied", 0)),
        76, 17, Palette(depth),
    )  # fmt: skip
    looks_other = (cells.glyphs != blank.glyphs) | (cells.grounds != blank.grounds)
    places = [(12 + int(x), 2 + int(y)) for y, x in np.argwhere(looks_other[2:12, 12:32])]
    picks = {PANEL.pick(scene, 76, 17, x, y) for x, y in places}
    # 12 is the upper feature of the row that it shares with 13.
    assert {(selected_by(pick).feature, selected_by(pick).other) for pick in picks if pick} == {
        (6, 6),
        (6, 13),
        (12, 6),
        (12, 13),
    }


def test_the_loss_is_that_of_the_current_step() -> None:
    losses = np.linspace(1, 0.001, 1000)
    history = LossHistory(1)
    history.append(losses.astype(np.float32)[:, None])
    base = snapshot([DIGON])
    parameters = base.record_as(LanesRecord).cohorts["tied"].parameters
    cohort = replace(
        base.record_as(LanesRecord).cohorts["tied"],
        step=1000,
        losses=history.full,
        recent_losses=history.recent,
        timeline=Timeline(tuple(Moment(step, parameters) for step in (0, 300, 1000))),
    )
    now = replace(base, record=LanesRecord(base.config, {"tied": cohort}))

    def loss_at(step: int | None) -> float:
        return Scene(now, Focus("tied", step=step), Options()).of(recent_loss)

    assert loss_at(None) == pytest.approx(losses[-100:].mean(), rel=1e-5)
    assert loss_at(1000) == pytest.approx(loss_at(None), rel=0.01)
    assert loss_at(300) == pytest.approx(losses[200:300].mean(), rel=0.01)
    assert np.isnan(loss_at(0))
    scene = Scene(now, Focus("tied"), options_with(CompareState(Focus("tied", step=300))))
    text = PANEL.draw(scene, 76, 17, Palette()).text()
    assert row(text, "loss") == ["7.5e−01", "5.0e−02", "−7.0e−01"]
    assert "step 300" in text
    assert "step 1,000" in text
