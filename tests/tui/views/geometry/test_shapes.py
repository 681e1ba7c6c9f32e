"""The shapes panel: its texts for known weights, their order, and clicks."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.core.polytopes import upright_polygon
from tests.tui.pictures import options_with, scene_of, selected_by
from tests.tui.strategies import depths, matrices, sizes

from superpos_core.arrays import FloatArray
from superpos_core.record.lanes import LanesRecord
from superpos_core.task.parameters import Parameters
from superpos_tui.drawing.bars import NEGATIVE_BAR, POSITIVE_BAR
from superpos_tui.drawing.palette import Ink, Palette, category_ink
from superpos_tui.drawing.shades import Depth
from superpos_tui.drawing.text_lines import numbered
from superpos_tui.measures.geometry import lane_geometry
from superpos_tui.scene import Scene
from superpos_tui.selection import Cursor, ViewState
from superpos_tui.views.geometry.shapes import PANEL, draw, pick, wrapped
from superpos_tui.views.registry import VIEWS
from superpos_tui.views.shared.colouring import COLOURINGS, ColouredBy, Colouring

WIDTH, HEIGHT = 60, 30
LOSSES = np.ones((1, 1))


def pentagon_and_digon() -> FloatArray:
    """Features 0 to 4 in a plane, 5 and 6 on a line beside it, 7 ignored; shape (8, 3)."""
    encoder = np.zeros((8, 3))
    encoder[:5, :2] = upright_polygon(5)
    encoder[5, 2], encoder[6, 2] = 1, -1
    return encoder


def scene(encoder: FloatArray, *states: ViewState, cursor: Cursor | None = None) -> Scene:
    return scene_of(encoder, LOSSES, options=options_with(*states, cursor=cursor))


def rows(looked_at: Scene, width: int = WIDTH, height: int = HEIGHT) -> list[str]:
    return [row.rstrip() for row in draw(looked_at, width, height, Palette()).text().split("\n")]


def with_restarts(looked_at: Scene, encoders: list[FloatArray], losses: list[float]) -> Scene:
    """The same scene, of which the one setting has these restarts."""
    config = replace(looked_at.config, restarts=len(encoders))
    many = scene_of(encoders[0], np.array([losses]))
    stacked = np.stack(encoders)
    cohort = replace(
        many.cohort,
        lanes=config.lanes_of("tied"),
        parameters=Parameters(encoder=stacked, bias=np.zeros(stacked.shape[:2])),
        restarts=len(encoders),
    )
    snapshot = replace(looked_at.snapshot, record=LanesRecord(config, {"tied": cohort}))
    return Scene(snapshot, looked_at.focus, looked_at.options)


@given(matrices(12), sizes, depths, st.sampled_from(COLOURINGS), st.data())
def test_any_weights_fill_exactly_the_size_and_a_click_finds_a_feature(
    encoder: FloatArray,
    size: tuple[int, int],
    depth: Depth,
    colouring: ColouredBy,
    data: st.DataObject,
) -> None:
    features = st.integers(0, len(encoder) - 1)
    chosen = data.draw(st.one_of(st.none(), st.builds(Cursor, features, features)))
    looked_at = scene(encoder, Colouring(colouring), cursor=chosen)
    cells = draw(looked_at, *size, Palette(depth))
    assert (cells.width, cells.height) == size
    picked = pick(looked_at, *size, 0, data.draw(st.integers(0, size[1] - 1)))
    if picked is not None:
        cursor = selected_by(picked)
        assert 0 <= cursor.feature < len(encoder)


def test_it_names_the_shapes_then_lists_them_with_their_dimensionality() -> None:
    shown = rows(scene(pentagon_and_digon()))
    assert shown[0] == "1 digon · 1 pentagon · 1 ignored"
    assert [row.split() for row in shown[2:6]] == [
        ["shape", "dims", "D", "≈", "angle", "features"],
        ["digon", "(antipodal", "pair)", "1", "0.50", "1/2", "180°", "5", "6"],
        ["pentagon", "2", "0.40", "2/5", "72°", "0", "1", "2", "3", "4"],
        ["ignored", "7"],
    ]


def test_a_dedicated_feature_has_neither_fraction_nor_angle() -> None:
    assert rows(scene(np.eye(2)))[3].split() == ["dedicated", "1", "1.00", "0"]


def test_features_without_a_regular_shape_are_counted() -> None:
    encoder = np.array([[1.0, 0.0], [0.5, 0.9], [0.0, 1.0]])
    shown = rows(scene(encoder))
    assert shown[0] == "3 features in 2-D"
    assert "3 features in 2-D" in shown[3]
    assert "°" not in shown[3]
    assert "/" not in shown[3]


def test_the_selected_feature_is_shown_with_its_neighbours_and_interferers() -> None:
    encoder = 1.1 * pentagon_and_digon()
    shown = rows(scene(encoder, cursor=Cursor(0, 0)))
    assert shown[4].startswith("▸ pentagon")
    at = next(y for y, row in enumerate(shown) if row.startswith("▸ feature 0"))
    assert shown[at].split() == ["▸", "feature", "0", "norm", "1.10", "D", "0.40"]
    assert shown[at + 1].split(maxsplit=1)[1] == "1 at 72°  4 at 72°  2 at 144°  3 at 144°"
    # W_0·W_j: 1.21 cos 144° and 1.21 cos 72°; the digon and the ignored feature add nothing.
    interferers = [row.split() for row in shown[at + 3 : at + 7]]
    assert sorted(interferers[:2]) == [["2", "−0.98", "144°"], ["3", "−0.98", "144°"]]
    assert sorted(interferers[2:]) == [["1", "+0.37", "72°"], ["4", "+0.37", "72°"]]
    assert not any(shown[at + 7 :])


def test_interference_has_the_colour_of_its_sign() -> None:
    cells = draw(scene(upright_polygon(5), cursor=Cursor(0, 0)), WIDTH, HEIGHT, Palette())
    inks: dict[str, set[int]] = {sign: set() for sign in "+−"}
    for y in range(HEIGHT):
        for sign in "+−":
            x = cells.row_text(y).find(sign)
            if x >= 0:
                inks[sign].add(int(cells.inks[y, x]))
    assert inks == {"+": {POSITIVE_BAR}, "−": {NEGATIVE_BAR}}


def test_a_feature_alone_has_no_interferers() -> None:
    shown = rows(scene(np.eye(3), cursor=Cursor(1, 1)))
    assert any("no other feature interferes" in row for row in shown)
    assert not any("nearest" in row for row in shown)


def test_outcomes_of_the_restarts_are_counted_the_most_frequent_first() -> None:
    digons = np.array([[1.0, 0], [-1, 0], [0, 1], [0, -1], [0, 0]])
    pentagon = upright_polygon(5)
    looked_at = with_restarts(scene(pentagon), [pentagon, digons, pentagon], [0.3, 0.2, 0.1])
    shown = rows(looked_at)
    # The best one by loss is the last.
    assert shown[0] == "1 pentagon"
    assert shown[2:5] == ["over 3 seeds", "2× 1 pentagon", "1× 2 digons · 1 ignored"]


def test_rare_outcomes_are_summed_if_there_are_many() -> None:
    outcomes = [np.diag([1.0] * kept + [0.0] * (6 - kept)) for kept in range(1, 7)]
    shown = rows(with_restarts(scene(outcomes[0]), outcomes, losses=[0.1] * 6))
    assert shown[2] == "over 6 seeds"
    assert shown[7] == "2× others"


def test_important_parts_come_first_if_rows_are_few() -> None:
    looked_at = with_restarts(
        scene(upright_polygon(5), cursor=Cursor(0, 0)), [upright_polygon(5)] * 2, losses=[0.1, 0.1]
    )
    full = rows(looked_at, height=13)
    kinds = ["1 pentagon", "over 2 seeds", "2× 1", "  shape", "▸ pentagon", "▸ feature 0"]
    assert [row[: len(kind)] for row, kind in zip(full, kinds, strict=False)] == kinds
    for height in range(1, 6):
        assert rows(looked_at, height=height) == full[:height]


@given(st.integers(0, 39), st.integers(10, 40))
def test_the_row_of_the_selected_feature_is_always_among_those_shown(
    feature: int, height: int
) -> None:
    looked_at = scene(np.eye(40), cursor=Cursor(feature, feature))
    shown = rows(looked_at, height=height)
    marked = [row.split() for row in shown if row.startswith("▸ dedicated")]
    assert [row[-1] for row in marked] == [str(feature)]
    listed = [row for row in shown if row[2:].startswith("dedicated")]
    (left,) = (int(row.split()[1]) for row in shown if row.endswith("more"))
    assert len(listed) + left == 40


def test_features_that_do_not_fit_beside_their_shape_go_on_below_it() -> None:
    encoder = np.vstack([np.eye(2), np.zeros((18, 2))])
    shown = rows(scene(encoder), width=46)
    start = next(y for y, row in enumerate(shown) if row.startswith("  ignored"))
    left = shown[start].index("2")
    assert not any(row[:left].strip() for row in shown[start + 1 : start + 4])
    lists = " ".join(row[left:] for row in shown[start : start + 4])
    assert [int(word) for word in lists.split()] == list(range(2, 20))
    few = rows(scene(encoder), width=46, height=5)
    assert any(row.endswith("…") for row in few)


def test_names_too_long_for_features_beside_them_are_whole_with_the_features_below() -> None:
    irregular = np.random.default_rng(1).standard_normal((12, 5))
    assert lane_geometry.compute(scene(irregular)).text == "12 features in 5-D"
    shown = rows(scene(irregular), width=31, height=18)
    at = next(y for y, row in enumerate(shown) if row.startswith("  12 features in 5-D"))
    assert [int(word) for row in shown[at + 1 : at + 3] for word in row.split()] == list(range(12))


def test_many_dimensions_are_all_counted() -> None:
    shown = rows(scene(np.eye(12)), width=60, height=60)
    (at,) = (y for y, row in enumerate(shown) if row.startswith("dimensions"))
    assert shown[at].split()[1:4] == ["ΣD", "12.00", "of"]


def test_where_there_is_room_it_tells_how_the_dimensions_are_used() -> None:
    shown = rows(scene(pentagon_and_digon()), width=60, height=40)
    at = next(y for y, row in enumerate(shown) if row.startswith("dimensions"))
    assert shown[at].split()[1:] == ["ΣD", "3.00", "of", "3", "D*", "0.43"]
    # Two thirds of the bar are the pentagon's, one third the digon's.
    assert shown[at + 1] == "█" * 39 + "▉" + "█" * 19 + "▉"
    scale = [row.replace("▇", "").split() for row in shown[at + 4 : at + 12]]
    assert [(words[0], words[-1]) for words in scale] == [
        ("1", "·"),
        ("3/4", "·"),
        ("2/3", "·"),
        ("1/2", "2"),
        ("2/5", "5"),
        ("3/8", "·"),
        ("other", "·"),
        ("0", "1"),
    ]
    assert not any(row.startswith("dimensions") for row in rows(scene(np.eye(3)), height=12))


def test_a_selected_feature_moves_no_other_part() -> None:
    for height in (18, 34, 54):
        plain = rows(scene(pentagon_and_digon()), height=height)
        selected = rows(scene(pentagon_and_digon(), cursor=Cursor(0, 0)), height=height)
        at = next(y for y, row in enumerate(plain) if row.startswith("↑ ↓"))
        assert [row.replace("▸", " ") for row in selected[:at]] == plain[:at]


def test_a_click_on_a_shape_selects_its_first_feature() -> None:
    looked_at = scene(pentagon_and_digon())
    picks = [pick(looked_at, WIDTH, HEIGHT, 5, y) for y in range(HEIGHT)]
    chosen = [None if each is None else selected_by(each) for each in picks]
    assert chosen[3:6] == [Cursor(5, 5), Cursor(0, 0), Cursor(7, 7)]
    assert not any(chosen[:3])
    assert not any(chosen[6:])


def test_a_click_on_an_interferer_selects_the_pair() -> None:
    looked_at = scene(upright_polygon(5), cursor=Cursor(0, 2))
    shown = rows(looked_at)
    y = next(y for y, row in enumerate(shown) if row.split()[:1] == ["1"] and "+0.31" in row)
    picked = pick(looked_at, WIDTH, HEIGHT, 20, y)
    assert picked is not None
    assert selected_by(picked) == Cursor(0, 1)


def test_coloured_by_group_a_shape_has_the_colour_of_its_spokes() -> None:
    cells = draw(scene(pentagon_and_digon(), Colouring("group")), WIDTH, HEIGHT, Palette())
    assert cells.inks[3, 2] == category_ink(1)
    assert cells.inks[4, 2] == category_ink(0)
    plain = draw(scene(pentagon_and_digon()), WIDTH, HEIGHT, Palette())
    assert plain.inks[3, 2] == plain.inks[4, 2] == Ink.TEXT


@pytest.mark.parametrize("width", [24, 33, 44, 60, 120])
def test_names_and_features_are_there_at_any_width(width: int) -> None:
    shown = rows(scene(upright_polygon(5)), width=width)
    assert "pentagon" in shown[3]
    assert "0.40" in shown[3]
    assert all(len(row) <= width for row in shown)


@given(
    st.lists(
        st.sampled_from(["1 digon", "2 pentagons", "7 features in 3-D"]), min_size=1, max_size=6
    ),
    st.integers(1, 60),
)
def test_lines_of_a_geometry_hold_whole_shapes(parts: list[str], width: int) -> None:
    lines = wrapped(" · ".join(parts), width)
    assert [part for each in lines for part in each.split(" · ")] == parts
    assert all(len(each) <= width or " · " not in each for each in lines)


@given(st.lists(st.integers(0, 400), min_size=1, max_size=30, unique=True), st.integers(1, 60))
def test_indices_are_never_cut_and_omissions_are_marked(features: list[int], width: int) -> None:
    text = numbered(features, width)
    words = text.split()
    whole = [int(word) for word in words if word != "…"]
    assert whole == features[: len(whole)]
    assert ("…" in words) == (len(whole) < len(features))
    assert len(text) <= width


def test_it_is_a_panel() -> None:
    assert VIEWS["geometry"].panels["shapes"] is PANEL
