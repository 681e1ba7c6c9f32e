"""The probe's table for weights with known answers."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.tui.pictures import options_with, scene_of
from tests.tui.views.probe.probed import (
    LOSSES,
    PAIR_BIAS,
    PENTAGON,
    drawn,
    numbers,
    pair_scene,
    row_of,
    summary,
    with_input,
)

from superpos_core.arrays import FloatArray
from superpos_tui.drawing.bars import CHANGED, HATCH, NEGATIVE_BAR, POSITIVE_BAR, ZERO_LINE
from superpos_tui.selection import Cursor, Options
from superpos_tui.views.probe import table as probe
from superpos_tui.views.probe.measures import (
    followed,
    followed_under_attack,
    probe_input,
    worst_attack,
)
from superpos_tui.views.probe.state import ProbeState, input_shown

# ── the input ─────────────────────────────────────────────────────────────────────────────────


def test_before_anything_is_switched_the_selected_feature_is_on_alone() -> None:
    assert input_shown(Options()).values == ((0, 1.0),)
    assert input_shown(Options(Cursor(3, 1))).values == ((3, 1.0),)
    np.testing.assert_array_equal(pair_scene(Options()).of(probe_input), [1, 0])


def test_an_input_made_by_hand_stays_when_the_cursor_moves() -> None:
    options = options_with(ProbeState().with_value(0, 0.5), cursor=Cursor(1, 1))
    np.testing.assert_array_equal(pair_scene(options).of(probe_input), [0.5, 0])


def test_all_features_can_be_switched_off() -> None:
    nothing = ProbeState().with_value(0, 1.0).with_value(0, 0.0)
    scene = pair_scene(options_with(nothing))
    np.testing.assert_array_equal(scene.of(probe_input), [0, 0])
    np.testing.assert_array_equal(scene.of(followed).pre_activation, PAIR_BIAS)
    assert summary(drawn(scene)).startswith("nothing on: no other is driven")


def test_features_that_the_model_does_not_have_are_left_out() -> None:
    np.testing.assert_array_equal(
        pair_scene(with_input((1, 0.5), (7, 1.0))).of(probe_input), [0, 0.5]
    )


# ── an antipodal pair ─────────────────────────────────────────────────────────────────────────


def test_the_relu_cuts_the_partner_of_an_antipodal_pair() -> None:
    """The pre-activation of feature 1 is −1 + b, all of it is cut, and nothing comes out."""
    cells = drawn(pair_scene(Options()))
    assert cells.row_text(0).split() == ["x", "h·Wᵀ+b", "cut", "output", "error"]
    assert numbers(cells, 0) == ["1.00", "+1.00", "·", "1.00", "·"]
    assert numbers(cells, 1) == ["·", "−0.75", "−0.75", "·", "·"]
    assert summary(cells) == (
        "feature 0 on: 1 other is driven (1 negatively), the ReLU cuts it off, "
        "the output is 1.00 on 0"
    )


def test_cut_values_are_hatched_left_of_the_zero_line() -> None:
    cells = drawn(pair_scene(Options()))
    row = cells.row_text(row_of(cells, 1))
    hatched = [x for x in range(cells.width) if row[x] == HATCH]
    assert row[hatched[-1] + 1] == ZERO_LINE
    assert set(cells.inks[row_of(cells, 1), hatched].tolist()) == {NEGATIVE_BAR}
    assert HATCH not in cells.row_text(row_of(cells, 0))
    assert "█" not in row


@pytest.mark.parametrize(
    ("model", "does"),
    [("gelu", "GELU brings it near 0"), ("softplus", "softplus lifts it above 0")],
)
def test_another_activation_is_called_by_its_name(model: str, does: str) -> None:
    scene = pair_scene(Options(), model)
    cells = drawn(scene)
    assert cells.row_text(0).split() == ["x", "h·Wᵀ+b", "taken", "output", "error"]
    assert does in summary(cells)
    assert HATCH in cells.row_text(row_of(cells, 1))
    assert HATCH not in cells.row_text(row_of(cells, 0))
    reading = probe.PANEL.reading_within(200, scene)
    assert reading.startswith(f"hatched: what {does.replace(' it', '')}")
    assert "ReLU" not in cells.text() + reading


@pytest.mark.parametrize("model", ["linear", "mlp"])
def test_without_an_activation_nothing_is_cut_and_the_panel_says_so(model: str) -> None:
    cells = drawn(pair_scene(Options(), model))
    assert HATCH not in cells.text()
    assert numbers(cells, 1) == ["·", "−0.75", "·", "−0.75", "−0.75"]
    assert "no output activation: nothing is cut" in summary(cells)
    assert "with −0.75 on 1 left over" in summary(cells)


def test_a_pentagon_drives_two_neighbours_up_and_two_down() -> None:
    cells = drawn(scene_of(PENTAGON, LOSSES, bias=np.full(5, -0.28), options=Options()))
    # 1.17²·cos 72° − 0.28 = 0.14 and 1.17²·cos 144° − 0.28 = −1.39
    assert numbers(cells, 1) == numbers(cells, 4) == ["·", "+0.14", "·", "0.14", "+0.14"]
    assert numbers(cells, 2) == numbers(cells, 3) == ["·", "−1.39", "−1.39", "·", "·"]
    assert "4 others are driven (1, 4 positively; 2, 3 negatively)" in summary(cells)
    assert "the ReLU cuts 2 off" in summary(cells)
    assert "with 0.14 on 1, 0.14 on 4 left over" in summary(cells)


def test_a_bar_is_as_long_as_its_value() -> None:
    scene = scene_of(np.eye(3), LOSSES, options=with_input((0, 1.5), (1, 0.75)))
    cells = drawn(scene)
    lengths = [cells.row_text(row_of(cells, feature)).count("█") for feature in range(3)]
    assert lengths[0] > 20
    assert 0 <= lengths[0] - 2 * lengths[1] <= 3
    assert lengths[2] == 0


def test_a_negative_input_grows_to_the_left_in_red() -> None:
    cells = drawn(scene_of(np.eye(2), LOSSES, model="linear", options=with_input((1, -1.0))))
    inks = cells.inks[row_of(cells, 1)]
    assert np.count_nonzero(inks == NEGATIVE_BAR) > 10
    assert POSITIVE_BAR not in inks
    assert numbers(cells, 1) == ["−1.00", "−1.00", "·", "−1.00", "·"]


def test_the_target_output_is_marked() -> None:
    cells = drawn(scene_of(0.8 * np.eye(2), LOSSES, options=Options()))
    row = cells.row_text(row_of(cells, 0))
    output = row[row.rindex(ZERO_LINE) :]
    assert output.index("┊") > output.rindex("█")
    assert numbers(cells, 0)[-1] == "−0.36"


# ── the attack ────────────────────────────────────────────────────────────────────────────────


def test_the_attack_is_marked_and_described_in_words() -> None:
    """h = x₀ − x₁, so (1, −1)/√2, up or down, changes it most."""
    scene = pair_scene(with_input((0, 1.0), attack=0.3))
    attack = scene.of(worst_attack)
    assert attack is not None
    change = 0.3 / np.sqrt(2)
    np.testing.assert_allclose(np.abs(attack.perturbation), [change, change])
    cells = drawn(scene)
    assert CHANGED in cells.text()
    feature, moved = attack.feature, float(attack.output[attack.feature])
    before = float(scene.of(followed).output[feature])
    assert abs(moved - before) == pytest.approx(0.3 * np.sqrt(2))
    assert f"worst case of size 0.30: {'raises' if moved > before else 'lowers'} output " in (
        summary(cells)
    )
    assert f"from {before:.2f} to {moved:.2f}" in summary(cells)


def test_without_an_attack_nothing_is_marked() -> None:
    scene = pair_scene(Options())
    assert scene.of(worst_attack) is None
    assert scene.of(followed_under_attack) is None
    assert CHANGED not in drawn(scene).text()
    assert "worst case" not in drawn(scene).text()


def test_the_feature_under_attack_is_shown_among_many() -> None:
    encoder = np.random.default_rng(0).normal(0, 0.3, (200, 10))
    scene = scene_of(encoder, LOSSES, options=with_input((3, 1.0), attack=1.0))
    attack = scene.of(worst_attack)
    assert attack is not None
    cells = drawn(scene, 90, 9)
    assert any(cells.row_text(y).startswith(f"  {attack.feature:>3}") for y in range(cells.height))


# ── many features ─────────────────────────────────────────────────────────────────────────────


def many_features() -> FloatArray:
    """Feature 0 overlaps with 17 and 41 only; all others have a dimension each."""
    encoder = np.eye(80)
    encoder[17], encoder[41] = 0.5 * encoder[0], -0.8 * encoder[0]
    return encoder


def test_of_many_features_those_that_matter_are_shown_in_order_and_the_rest_is_counted() -> None:
    options = options_with(ProbeState(((0, 1.0),)), cursor=Cursor(63, 63))
    cells = drawn(scene_of(many_features(), LOSSES, options=options), 90, 8)
    shown = [cells.row_text(y).lstrip("▸ ").split(" ")[0] for y in range(1, 5)]
    assert shown == ["0", "17", "41", "63"]
    assert "… and 76 features near 0" in cells.row_text(5)
    assert cells.row_text(4).startswith("▸")


def test_the_rest_is_not_called_near_0_when_it_is_not() -> None:
    encoder = np.full((30, 1), 0.7)
    cells = drawn(scene_of(encoder, LOSSES, options=Options()), 90, 12)
    assert "features driven by at most 0.49" in cells.text()


@given(st.integers(1, 100), st.integers(1, 60), st.integers(0, 99))
@settings(max_examples=40)
def test_the_selected_feature_is_always_shown(n: int, height: int, feature: int) -> None:
    cursor = Cursor(feature % n, 0)
    options = options_with(ProbeState(((n - 1, 1.0),)), cursor=cursor)
    cells = drawn(scene_of(np.ones((n, 2)), LOSSES, options=options), 60, height)
    marked = [cells.row_text(y) for y in range(height) if cells.glyphs[y, 0] == "▸"]
    assert [row.split()[1] for row in marked] == [str(cursor.feature)]


def test_bars_of_few_features_are_as_thick_as_there_is_room_for() -> None:
    """Five features in 33 rows: bars of three rows and a gap; in 15 rows: one row each."""
    scene = scene_of(PENTAGON, LOSSES, options=with_input((0, 1.0)))
    for height, rows_of_first_bar in ((33, [1, 2, 3, 4]), (15, [1])):
        cells = drawn(scene, 80, height)
        is_bar = (cells.inks == POSITIVE_BAR)[:, :12].any(axis=1)  # of x
        assert np.flatnonzero(is_bar[:5]).tolist() == rows_of_first_bar
