"""What the line under the panels reads: in every panel something, and everywhere without fail."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.core.dictionary_records import SMALL_DICTIONARIES
from tests.core.phase_maps import filled_as_theory_says, phase_config
from tests.tui.pictures import options_with, scene_of, scene_of_settings
from tests.tui.strategies import depths, matrices
from tests.tui.views.dictionary.dictionary_scenes import absorbing, record_with, scene_of_record

from superpos_core.arrays import FloatArray
from superpos_core.record.dictionaries import DictionaryRecord
from superpos_core.record.phase_grid import PhaseGrid
from superpos_core.record.phase_map import PhaseMap
from superpos_core.record.snapshot import Snapshot
from superpos_core.task.models import MODELS
from superpos_tui.drawing.palette import Palette
from superpos_tui.drawing.shades import Depth
from superpos_tui.drawing.window import Window
from superpos_tui.scene import Scene
from superpos_tui.selection import Cursor, Focus, ViewState
from superpos_tui.views.live.state import LiveState
from superpos_tui.views.panel import Panel
from superpos_tui.views.registry import VIEWS
from superpos_tui.views.shared.zoomed import MatrixZoom

PANELS = {name: panel for view in VIEWS.values() for name, panel in view.panels.items()}
SIZE = (80, 24)
PAIRS = np.repeat(np.eye(4), 2, axis=0) * np.tile([1.0, -1.0], 4)[:, None]
"""Four antipodal pairs."""
each_panel = pytest.mark.parametrize("panel", PANELS.values(), ids=lambda each: each.name)


@cache
def typical(panel: Panel, *states: ViewState, depth: Depth = "truecolor") -> set[str]:
    """All that is read of eight features in antipodal pairs, or of a phase diagram."""
    if panel.takes is PhaseMap:
        scene = phase_scene(6, 6)
    elif panel.takes is DictionaryRecord:
        scene = absorbing()
    else:
        moments = np.stack([np.stack([PAIRS * size, PAIRS]) for size in (0.2, 0.6, 1.0)])
        options = options_with(*states, cursor=Cursor(0, 1))
        scene = scene_of_settings(moments, setting=1, steps=(0, 10, 100), options=options)
    return read_everywhere(panel, scene, *SIZE, Palette(depth), every=2)


def phase_scene(rows: int, columns: int) -> Scene:
    phase_map = filled_as_theory_says(PhaseGrid(phase_config(rows, columns)))
    return Scene(
        Snapshot(0, phase_map, "training", 0.0, "by hand", "cpu"), Focus("tied"), options_with()
    )


def dictionary_scene(encoder: FloatArray) -> Scene:
    """Rows of the matrix are the true directions, and in another order the latents."""
    n, d = encoder.shape
    config = replace(SMALL_DICTIONARIES, features=n, hidden=d, latents=n)
    return scene_of_record(record_with(config, encoder, encoder[::-1]), latent=n - 1, feature=0)


def read_everywhere(
    panel: Panel, scene: Scene, width: int, height: int, palette: Palette, every: int = 1
) -> set[str]:
    """What is read in each row, in all or some of its columns."""
    cells = [(x, y) for x in range(0, width, every) for y in range(height)]
    return {panel.read(scene, width, height, x, y, palette) for x, y in cells}


@each_panel
@pytest.mark.sampled(3)
def test_every_panel_reads_something_and_fits_the_line(panel: Panel) -> None:
    lines = typical(panel) - {""}
    assert lines
    assert all(line == line.strip() and "\n" not in line for line in lines)


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("matrix", "W·Wᵀ[0, 1] = −1.00 · feature 0 inhibits output 1"),
        ("matrix", "W·Wᵀ[2, 2] = +1.00 · what feature 2 adds to its own output"),
        ("matrix", "W·Wᵀ[0, 7] =  0.00 · feature 0 leaves output 7 alone"),
        ("matrix", "b[3] =  0.00 · what output 3 gets from no feature"),
        ("norms", "feature 5: ‖W_5‖ 1.00 · superposition 1.00 · D 0.50"),
        ("sweep", "S 0 · W·Wᵀ[0, 1] = −1.00 · feature 0 inhibits output 1"),
        ("strip", "S 0.5 · 8 of 8 represented · D* 0.50 dimensions per feature"),
        ("compare", "0 → 1: reference −1.00 · now −1.00 · change  0.00"),
        ("dimensions", "feature 5: ‖W_5‖ 1.00 · superposition 1.00 · D 0.50 · digon"),
        ("dimensions-over-lanes", "S 0.5 · D* 0.50 dimensions per feature · ΣD 4.00"),
        ("dimensions-over-steps", "step 10 · feature 0: D 0.50"),
        ("weights", "W[4, 2] = +1.00 · feature 4, hidden unit 2"),
        ("weights", "b[4] =  0.00 · the bias of output 4"),
        ("neurons", "unit 2, polysemantic · feature 4: weight +1.00"),
        ("shapes", "digon (antipodal pair): features 2 3 · 2 in 1 dimension · D 0.50 each"),
        ("shapes", "feature 1 adds −1.00 to output 0 · 180° between them"),
        ("hidden", "h0 = +1.00 · hidden dimension 0"),
    ],
)
def test_lines_as_they_read(name: str, line: str) -> None:
    lines = typical(PANELS[name])
    assert line in lines, "\n".join(sorted(lines))


def test_the_probe_reads_a_features_way_to_the_output() -> None:
    lines = typical(PANELS["probe"])
    assert any(
        line.startswith(
            "feature 0: input +1.00 · before the output activation +1.00 · output +1.00"
        )
        for line in lines
    ), lines


def test_costs_are_read_where_costs_are_drawn() -> None:
    lines = typical(PANELS["norms"], LiveState(split_norms=True))
    assert any(line.startswith("feature 0 alone: not keeping it costs ") for line in lines)


def test_of_merged_entries_the_largest_and_their_typical_size_are_read() -> None:
    encoder = np.zeros((200, 2))
    encoder[:, 0] = 0.1
    encoder[150] = 1, 0
    encoder[20] = -1, 0
    scene = scene_of(encoder, np.ones((1, 1)))
    lines = read_everywhere(PANELS["matrix"], scene, 60, 20, Palette())
    start = "W·Wᵀ[144–149, 18–23], the largest of 36: [144, 20] = −0.10 · typical size 0.04"
    assert f"{start} · below: [150, 20] = −1.00" in lines
    assert any(line.endswith(" · below: [20, 150] = −1.00") for line in lines)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(
    matrices(24),
    st.sampled_from(sorted(PANELS)),
    st.sampled_from(sorted(MODELS)),
    st.tuples(st.integers(1, 90), st.integers(1, 40)),
    depths,
    st.booleans(),
    st.data(),
)
def test_reading_never_fails(
    encoder: FloatArray,
    name: str,
    model: str,
    size: tuple[int, int],
    depth: Depth,
    is_split: bool,
    data: st.DataObject,
) -> None:
    panel, palette = PANELS[name], Palette(depth)
    if panel.takes is PhaseMap:
        scene = phase_scene(*np.minimum(encoder.shape, 12).tolist())
    elif panel.takes is DictionaryRecord:
        scene = dictionary_scene(encoder)
    else:
        scene = scene_of(encoder, np.ones((3, 2)), model=model)
        corner, side = st.integers(0, 9), st.integers(1, 9)
        window = data.draw(st.builds(Window, corner, corner, side))
        zoom = MatrixZoom(data.draw(st.sampled_from([None, window]))).within(scene.config)
        cursor = Cursor(len(encoder) - 1, 0)
        options = options_with(zoom, LiveState(split_norms=is_split), cursor=cursor)
        scene = Scene(scene.snapshot, replace(scene.focus), options)
    panel.draw(scene, *size, palette)
    cells = st.tuples(st.integers(0, size[0] - 1), st.integers(0, size[1] - 1))
    for x, y in data.draw(st.lists(cells, min_size=8, max_size=8)):
        line = panel.read(scene, *size, x, y, palette)
        assert "\n" not in line
    panel.reading_within(size[0], scene, size, palette)
    panel.title(scene)
