"""The probe panel: a hand-made input, followed feature by feature to the output."""

import numpy as np

from superpos_core.analysis.probe import Probe
from superpos_core.task.models import target_of
from superpos_tui.drawing.bars import NEGATIVE_BAR, POSITIVE_BAR
from superpos_tui.drawing.cells import Cells
from superpos_tui.drawing.glyphs import SELECTED
from superpos_tui.drawing.numbers import NOTHING, hundredths, signed
from superpos_tui.drawing.palette import FULL_COLOURS, Ink, Palette
from superpos_tui.scene import Scene
from superpos_tui.selection import Change
from superpos_tui.views.panel import Panel
from superpos_tui.views.probe import numbers
from superpos_tui.views.probe.measures import (
    followed,
    followed_under_attack,
    probe_input,
    worst_attack,
)
from superpos_tui.views.probe.state import Switch
from superpos_tui.views.probe.summary import (
    DRIVEN,
    NOTICEABLE,
    attack_in_words,
    fitted,
    short_value,
    summary,
    what_is_on,
)
from superpos_tui.views.probe.table_layout import Layout, Stage, label_width
from superpos_tui.views.shared.colour_meanings import OF_SIGNS
from superpos_tui.views.shared.entries import number

MIN_SHOWN = 0.005
TARGET = "┊"


def draw(scene: Scene, width: int, height: int, palette: Palette) -> Cells:
    """One row per feature: its input, what drives its output, what is cut off, its output."""
    cells = Cells.blank(width, height)
    layout = Layout.of(scene, width, height)
    _write_headers(cells, layout, scene)
    target = target_of(scene.model, scene.of(probe_input))
    for index, feature in enumerate(layout.features.tolist()):
        _write_row(cells, layout, scene, layout.top_of(index), feature, float(target[feature]))
    _write_rest(cells, layout, scene)
    _write_summary(cells, layout, scene)
    return cells


def pick(
    scene: Scene, width: int, height: int, x: int, y: int, palette: Palette = FULL_COLOURS
) -> Change | None:
    """Switch the feature of the clicked row on or off."""
    feature = Layout.of(scene, width, height).feature_at(y)
    return None if feature is None else Switch(feature)


def read(
    scene: Scene, width: int, height: int, x: int, y: int, palette: Palette = FULL_COLOURS
) -> str:
    """All numbers of the feature in a row."""
    feature = Layout.of(scene, width, height).feature_at(y)
    if feature is None:
        return ""
    probed = scene.of(followed)
    values, target = _values(probed, feature), target_of(scene.model, scene.of(probe_input))
    held = f", of which {scene.model.output.taken} {number(values['cut'])}"
    return (
        f"feature {feature}: input {number(values['x'])} · before the output activation "
        f"{number(values['pre'])}{held if probed.is_held[feature] else ''} · output "
        f"{number(values['output'])} · wanted {number(float(target[feature]))}"
    )


def _write_headers(cells: Cells, layout: Layout, scene: Scene) -> None:
    if layout.first_row == 0:
        return
    headers: dict[Stage, str] = {
        "x": "x",
        "pre": scene.model.pre_activation.replace(" ", ""),
        "cut": scene.model.output.taken,
        "output": "output",
        "error": "error",
    }
    for column in layout.columns:
        cells.write_right(column.right, 0, headers[column.stage], Ink.MUTED)


def _write_row(
    cells: Cells, layout: Layout, scene: Scene, top: int, feature: int, target: float
) -> None:
    middle = top + (layout.thickness - 1) // 2
    _write_label(cells, scene, middle, feature)
    probed, attacked = scene.of(followed), scene.of(followed_under_attack)
    takes_part = probed.x[feature] != 0 or not abs(probed.drive[feature]) < DRIVEN
    values = _values(probed, feature)
    for column in layout.columns:
        stage, value = column.stage, values[column.stage]
        ink = _number_ink(stage, value, takes_part)
        cells.write_right(column.right, middle, _number(stage, value), ink)
        if column.bars is None:
            continue
        is_held = stage == "pre" and bool(probed.is_held[feature])
        for y in range(top, top + layout.thickness):
            column.bars.write(cells, y, value, faint=not takes_part, hatched=is_held)
            if stage == "output" and target != 0:
                column.bars.mark(cells, y, target, TARGET, Ink.TEXT)
            if attacked is not None:
                column.bars.mark_change(cells, y, value, _values(attacked, feature)[stage])


def _write_label(cells: Cells, scene: Scene, y: int, feature: int) -> None:
    cursor, attack = scene.options.cursor, scene.of(worst_attack)
    ink = Ink.TEXT if scene.of(probe_input)[feature] != 0 else Ink.MUTED
    if attack is not None and attack.feature == feature:
        ink = Ink.WARNING
    if cursor is not None and cursor.feature == feature:
        cells.write(0, y, SELECTED, Ink.ACCENT)
        ink = Ink.ACCENT
    cells.write_right(label_width(scene), y, str(feature), ink)


def _values(probed: Probe, feature: int) -> dict[Stage, float]:
    return {
        "x": float(probed.x[feature]),
        "pre": float(probed.pre_activation[feature]),
        "cut": float(probed.cut[feature]),
        "output": float(probed.output[feature]),
        "error": float(probed.error[feature]),
    }


def _number(stage: Stage, value: float) -> str:
    if stage not in ("x", "output"):
        return signed(value, NOTHING)
    return NOTHING if abs(value) < MIN_SHOWN else hundredths(value)


def _number_ink(stage: Stage, value: float, takes_part: bool) -> int:
    if not takes_part or abs(value) < MIN_SHOWN:
        return Ink.FAINT
    if stage not in ("cut", "error"):
        return Ink.TEXT
    if abs(value) < NOTICEABLE:
        return Ink.MUTED
    return POSITIVE_BAR if value > 0 else NEGATIVE_BAR


def _write_rest(cells: Cells, layout: Layout, scene: Scene) -> None:
    """Write a row about the features that are not shown."""
    if not layout.left_out.size:
        return
    largest = float(np.abs(scene.of(followed).drive[layout.left_out]).max())
    what = "near 0" if largest < NOTICEABLE else f"driven by at most {short_value(largest)}"
    y = layout.top_of(layout.features.size)
    x = label_width(scene)
    cells.write(x - 1, y, f"… and {layout.left_out.size} features {what}", Ink.MUTED)


def _write_summary(cells: Cells, layout: Layout, scene: Scene) -> None:
    """Write the summary in words; the worst perturbation has its own line."""
    y = layout.summary_row
    attack = scene.of(worst_attack)
    rows = cells.height - y - (attack is not None)
    if y == 0 or y >= cells.height:
        return
    for line in fitted(summary(scene), cells.width, rows):
        cells.write(0, y, line, Ink.MUTED)
        y += 1
    if attack is not None:
        cells.write(0, y, attack_in_words(scene, attack), Ink.WARNING)


def _title(scene: Scene) -> str:
    on = np.flatnonzero(scene.of(probe_input))
    return f"probe: {what_is_on(on)}"


def _readings(scene: Scene, width: int, height: int, palette: Palette) -> tuple[str, ...]:
    """How to read the panel, depending on the model's output activation."""
    target = "┊ target output"
    if scene.model.output_activation == "identity":
        return f"{target} · click a row: on or off", target, "┊ target"
    held = f"hatched: what {scene.model.output.with_negatives()}"
    return f"{held} · {target} · click a row: on or off", f"{held} · {target}", held


PANEL = Panel(
    name="probe",
    needs=frozenset({"models", "importance"}),
    title=_title,
    readings=(
        "hatched: below 0, before the output activation · ┊ target · click a row: on or off",
        "hatched: below 0, before the output activation · ┊ target",
        "hatched: below 0 · ┊ target",
        "hatched: below 0",
    ),
    draw=draw,
    numbers=numbers.rows,
    other_readings=_readings,
    story=(
        "A hand-made input and the model's response. If one feature is on, all features that share "
        "its directions are driven too, some up and some down; the bias and the output activation "
        "suppress the weaker ones: a ReLU cuts off everything below 0, so interference costs "
        "little while few features are on at a time (“Demonstrating Superposition”). A model "
        "without an output activation cannot do that. The attack adds the small change of the "
        "input that harms the output most (“Relationship to Adversarial Robustness”)."
    ),
    pick=pick,
    read=read,
    colours=OF_SIGNS,
)
