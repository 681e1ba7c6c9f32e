"""What the shapes panel tells where there is room: other settings, and every feature."""

import numpy as np
from tests.core.polytopes import upright_polygon
from tests.tui.pictures import after, options_with, scene_of_settings, selected_by
from tests.tui.views.test_voids import default_run

from superpos_core.arrays import FloatArray
from superpos_tui.drawing.palette import Palette
from superpos_tui.scene import Scene
from superpos_tui.selection import Cursor
from superpos_tui.views.geometry.over_settings import MAX_SETTINGS
from superpos_tui.views.geometry.shapes import PANEL

WIDE_AND_TALL = (66, 53)
"""The panel at 200×60."""


def rows_of(scene: Scene, size: tuple[int, int] = WIDE_AND_TALL) -> list[str]:
    return [row.rstrip() for row in PANEL.draw(scene, *size, Palette()).text().split("\n")]


def pentagon() -> FloatArray:
    """Five features, the sixth of which is ignored, shape (6, 2)."""
    return np.concatenate([1.1 * upright_polygon(5), np.zeros((1, 2))])


def two_digons() -> FloatArray:
    encoder = np.zeros((6, 2))
    encoder[:4] = [[1, 0], [-1, 0], [0, 1], [0, -1]]
    return encoder


def test_the_shapes_of_every_setting_are_told_and_a_click_opens_one() -> None:
    scene = scene_of_settings(np.stack([two_digons(), pentagon()]), setting=1)
    rows = rows_of(scene)
    at = rows.index("shapes at every sparsity")
    assert rows[at + 1] == "  S 0    2 digons · 2 ignored"
    assert rows[at + 2] == "▸ S 0.5  1 pentagon · 1 ignored"
    change = PANEL.pick(scene, *WIDE_AND_TALL, 5, at + 1)
    assert change is not None
    assert after(change).focus.setting == 0
    assert PANEL.read(scene, *WIDE_AND_TALL, 5, at + 1) == "S 0: 2 digons · 2 ignored"


def test_one_setting_has_no_others_and_of_many_the_nearest_are_told() -> None:
    assert not any("every" in row for row in rows_of(scene_of_settings(pentagon()[None])))
    many = scene_of_settings(np.repeat(pentagon()[None], 20, axis=0), setting=10)
    told = [row for row in rows_of(many) if "1 pentagon" in row and "S 0" in row]
    assert len(told) == MAX_SETTINGS
    assert any(row.startswith("▸ S 0.5 ") for row in told)


def test_features_stand_in_the_order_of_their_shapes_with_their_strongest_interferer() -> None:
    scene = scene_of_settings(two_digons()[[0, 2, 1, 3, 4, 5]][None])
    rows = rows_of(scene)
    at = next(y for y, row in enumerate(rows) if row.startswith("feature  ‖W_i‖"))
    assert rows[at].split() == ["feature", "‖W_i‖", "D", "interferer"]
    told = [row.split() for row in rows[at + 1 : at + 7]]
    assert [row[0] for row in told] == ["0", "2", "1", "3", "4", "5"]
    assert told[0][2:] == ["1.00", "0.50", "2", "−1.00"]
    assert told[4][1:] == ["0.00", "0.00", "·"]
    change = PANEL.pick(scene, *WIDE_AND_TALL, 5, at + 2)
    assert change is not None
    assert selected_by(change).feature == 2


def test_the_selected_feature_is_in_sight_and_selecting_one_moves_no_part() -> None:
    run = default_run()
    rows = rows_of(run)
    for feature in range(20):
        selected = Scene(run.snapshot, run.focus, options_with(cursor=Cursor(feature, 0)))
        shown = rows_of(selected)
        at = rows.index(next(row for row in rows if row.startswith("feature  ‖W_i‖")))
        assert shown[at] == rows[at]
        assert any(row.split()[:2] == ["▸", str(feature)] for row in shown[at:])


def test_a_tall_panel_is_filled_with_what_there_is_to_tell() -> None:
    """At 200×60 the default run left 28 of 53 rows empty."""
    rows = rows_of(default_run())
    assert len(rows) - len("\n".join(rows).rstrip().split("\n")) < 10
