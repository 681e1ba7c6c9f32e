"""The probe panel: an input made by hand, followed feature by feature to what comes out."""

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from superpos_core.activations import Activation
from superpos_core.analysis.adversarial import Attack
from superpos_core.analysis.probe import Probe
from superpos_core.arrays import BoolArray, FloatArray, IntArray
from superpos_core.task.models import target_of
from superpos_tui.drawing.bars import NEGATIVE_BAR, POSITIVE_BAR, SignedBars
from superpos_tui.drawing.cells import Cells
from superpos_tui.drawing.glyphs import SELECTED
from superpos_tui.drawing.numbers import NOTHING, hundredths, signed
from superpos_tui.drawing.palette import FULL_COLOURS, Ink, Palette
from superpos_tui.looking import Change
from superpos_tui.scene import Scene
from superpos_tui.views.panel import Panel
from superpos_tui.views.probe.measures import (
    followed,
    followed_under_attack,
    probe_input,
    worst_attack,
)
from superpos_tui.views.probe.state import ProbeState, Switch

LIMIT = 1.5
"""The value that fills a bar, the same in all columns and fixed: features are at most 1."""
DRIVEN = 0.1
"""A feature counts as driven by the others' inputs when \\|h·W₂\\| is at least this."""
NOTICEABLE = 0.05
"""Less than this is left out of the summary."""
LEAST_BAR = 3
MOST_BAR = 20
NUMBER = 5
LEAST_SHOWN = 0.005
GAP = 2
"""Columns between two columns of the table."""
TARGET = "┊"
MOST_NAMED = 4
"""So many features of one kind are named in the summary; ``MOST_LEFT`` of those left over."""
MOST_LEFT = 2
STATION_SETS: tuple[tuple["Station", ...], ...] = (
    ("x", "pre", "cut", "output", "error"),
    ("x", "pre", "output", "error"),
    ("x", "pre", "output"),
    ("pre", "output"),
    ("pre",),
)
"""What is shown, station by station on the way through the model: the most that fits."""

Station = Literal["x", "pre", "cut", "output", "error"]
BARS: tuple[Station, ...] = ("x", "pre", "output")


def draw(scene: Scene, width: int, height: int, palette: Palette) -> Cells:
    """One row per feature: its input, what drives its output, what is cut off, what comes out."""
    cells = Cells.blank(width, height)
    layout = _Layout.of(scene, width, height)
    _write_headers(cells, layout, scene)
    target = target_of(scene.model, scene.of(probe_input))
    for row, feature in enumerate(layout.features.tolist()):
        _write_row(cells, layout, scene, row + layout.first_row, feature, float(target[feature]))
    _write_rest(cells, layout, scene)
    _write_summary(cells, layout, scene)
    return cells


def pick(
    scene: Scene, width: int, height: int, x: int, y: int, palette: Palette = FULL_COLOURS
) -> Change | None:
    """A row is a feature, which a click switches on or off."""
    layout = _Layout.of(scene, width, height)
    row = y - layout.first_row
    if not 0 <= row < layout.features.size:
        return None
    feature = int(layout.features[row])
    return Switch(feature)


# ── where everything stands ───────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class _Column:
    """A station's bars, if it has any, and the column before which its numbers end."""

    station: Station
    right: int
    bars: SignedBars | None


@dataclass(frozen=True)
class _Layout:
    """Which features are shown, in which rows, and the columns of the table."""

    features: IntArray
    left_out: IntArray
    first_row: int
    summary_row: int
    columns: tuple[_Column, ...]

    @classmethod
    def of(cls, scene: Scene, width: int, height: int) -> "_Layout":
        first_row = 1 if height > 3 else 0
        summary = 0 if height < 7 else 2 if height < 16 else 3
        summary += summary > 0 and scene.of(worst_attack) is not None
        features, left_out = _shown(scene, height - first_row - summary)
        used = first_row + features.size + (left_out.size > 0)
        # A blank row before the summary, where there is one to spare.
        summary_row = min(used + 1, height - summary)
        return cls(features, left_out, first_row, summary_row, _columns(scene, width))


def _shown(scene: Scene, rows: int) -> tuple[IntArray, IntArray]:
    """The features that there are rows for, and those left out; both in order."""
    n = scene.config.features
    if n <= rows:
        return np.arange(n), np.arange(0)
    pointed_at = np.isin(np.arange(n), _pointed_at(scene))
    probed = scene.of(followed)
    matters = np.maximum(np.abs(probed.drive), np.abs(probed.error))
    # What looks alike goes by number, so that rows do not change places while a model trains.
    matters = np.round(np.nan_to_num(matters, nan=LIMIT, posinf=LIMIT), 2)
    # lexsort goes by its last key first.
    order = np.lexsort((-matters, scene.of(probe_input) == 0, ~pointed_at))
    count = max(rows - 1, 1)
    return np.sort(order[:count]), np.sort(order[count:])


def _pointed_at(scene: Scene) -> list[int]:
    """The features that are shown in any case: the selected one and the one under attack."""
    selection, attack = scene.options.selection, scene.of(worst_attack)
    chosen = [] if selection is None else [selection.feature]
    return chosen if attack is None else [*chosen, attack.feature]


def _columns(scene: Scene, width: int) -> tuple[_Column, ...]:
    """The most stations for which the bars are wide enough; the last set in any case."""
    for stations in STATION_SETS:
        room = width - _label_width(scene) - sum(_fixed_width(station) for station in stations)
        sides = sum(sum(_sides(scene, station)) for station in stations)
        if room >= LEAST_BAR * sides:
            break
    unit = min(max(room // sides, 1), MOST_BAR)
    return tuple(_placed(scene, stations, unit))


def _placed(scene: Scene, stations: Sequence[Station], unit: int) -> Iterator[_Column]:
    x = _label_width(scene)
    for station in stations:
        x += GAP
        left_side, right_side = _sides(scene, station)
        bars = None
        end = x + NUMBER
        if right_side:
            zero = x + left_side * unit
            bars = SignedBars(zero, left_side * unit, right_side * unit, LIMIT)
            end = zero + right_side * unit + 2 + NUMBER
        yield _Column(station, end, bars)
        x = end


def _label_width(scene: Scene) -> int:
    return len(SELECTED) + 1 + len(str(scene.config.features - 1))


def _fixed_width(station: Station) -> int:
    """All but the bars: a gap, the number and, for bars, the zero line and a blank."""
    return GAP + NUMBER + (2 if station in BARS else 0)


def _sides(scene: Scene, station: Station) -> tuple[int, int]:
    """Whether a station's bars need room to the left and to the right of their zero line."""
    if station not in BARS:
        return 0, 0
    has_negatives = {
        "x": bool(np.any(scene.of(probe_input) < 0)),
        "pre": True,
        "output": scene.model.output.has_negative_values,
    }
    return int(has_negatives[station]), 1


# ── the table ─────────────────────────────────────────────────────────────────────────────────


def _write_headers(cells: Cells, layout: _Layout, scene: Scene) -> None:
    if layout.first_row == 0:
        return
    headers: dict[Station, str] = {
        "x": "x",
        "pre": scene.model.pre_activation.replace(" ", ""),
        "cut": scene.model.output.taken,
        "output": "output",
        "error": "error",
    }
    for column in layout.columns:
        cells.write_right(column.right, 0, headers[column.station], Ink.MUTED)


def _write_row(
    cells: Cells, layout: _Layout, scene: Scene, y: int, feature: int, target: float
) -> None:
    _write_label(cells, scene, y, feature)
    probed, attacked = scene.of(followed), scene.of(followed_under_attack)
    takes_part = probed.x[feature] != 0 or not abs(probed.drive[feature]) < DRIVEN
    values = _values(probed, feature)
    for column in layout.columns:
        station, value = column.station, values[column.station]
        ink = _number_ink(station, value, takes_part)
        cells.write_right(column.right, y, _number(station, value), ink)
        if column.bars is None:
            continue
        is_held = station == "pre" and bool(probed.is_held[feature])
        column.bars.write(cells, y, value, faint=not takes_part, hatched=is_held)
        if station == "output" and target != 0:
            column.bars.mark(cells, y, target, TARGET, Ink.TEXT)
        if attacked is not None:
            changed = _values(attacked, feature)[station]
            column.bars.mark_change(cells, y, value, changed)


def _write_label(cells: Cells, scene: Scene, y: int, feature: int) -> None:
    selection, attack = scene.options.selection, scene.of(worst_attack)
    ink = Ink.TEXT if scene.of(probe_input)[feature] != 0 else Ink.MUTED
    if attack is not None and attack.feature == feature:
        ink = Ink.WARNING
    if selection is not None and selection.feature == feature:
        cells.write(0, y, SELECTED, Ink.ACCENT)
        ink = Ink.ACCENT
    cells.write_right(_label_width(scene), y, str(feature), ink)


def _values(probed: Probe, feature: int) -> dict[Station, float]:
    return {
        "x": float(probed.x[feature]),
        "pre": float(probed.pre_activation[feature]),
        "cut": float(probed.cut[feature]),
        "output": float(probed.output[feature]),
        "error": float(probed.error[feature]),
    }


def _number(station: Station, value: float) -> str:
    if station not in ("x", "output"):
        return signed(value)
    return NOTHING if abs(value) < LEAST_SHOWN else hundredths(value)


def _number_ink(station: Station, value: float, takes_part: bool) -> int:
    if not takes_part or abs(value) < LEAST_SHOWN:
        return Ink.FAINT
    if station not in ("cut", "error"):
        return Ink.TEXT
    if abs(value) < NOTICEABLE:
        return Ink.MUTED
    return POSITIVE_BAR if value > 0 else NEGATIVE_BAR


def _write_rest(cells: Cells, layout: _Layout, scene: Scene) -> None:
    """What is not shown, in a row of its own."""
    if not layout.left_out.size:
        return
    largest = float(np.abs(scene.of(followed).drive[layout.left_out]).max())
    what = "near 0" if largest < NOTICEABLE else f"driven by at most {_value(largest)}"
    y = layout.first_row + layout.features.size
    x = _label_width(scene)
    cells.write(x - 1, y, f"… and {layout.left_out.size} features {what}", Ink.MUTED)


# ── the summary ───────────────────────────────────────────────────────────────────────────────


def _write_summary(cells: Cells, layout: _Layout, scene: Scene) -> None:
    """What happens, in words; what the worst perturbation does has a line of its own."""
    y = layout.summary_row
    attack = scene.of(worst_attack)
    rows = cells.height - y - (attack is not None)
    if y == 0 or y >= cells.height:
        return
    for line in _fitted(_summary(scene), cells.width, rows):
        cells.write(0, y, line, Ink.MUTED)
        y += 1
    if attack is not None:
        cells.write(0, y, _attack_in_words(scene, attack), Ink.WARNING)


def _fitted(text: str, width: int, rows: int) -> list[str]:
    return textwrap.wrap(
        text, max(width, 2), max_lines=max(rows, 1), placeholder=" …", break_on_hyphens=False
    )


def _summary(scene: Scene) -> str:
    """One sentence: what is on, what it drives, what is cut off and what is left of it."""
    probed = scene.of(followed)
    drive = probed.drive
    if not np.isfinite(probed.pre_activation).all():
        return "weights are not finite: what comes out is unknown"
    on = probed.x != 0
    driven = np.flatnonzero(~on & (np.abs(drive) >= DRIVEN))
    parts = [_what_is_on(np.flatnonzero(on)) + ": " + _what_is_driven(driven, drive)]
    if scene.model.output_activation == "identity":
        parts.append("no output activation: nothing is cut")
    elif driven.size:
        parts.append(_what_is_held(scene.model.output, probed.is_held[driven]))
    if on.any():
        parts.append(_what_comes_out(np.flatnonzero(on), probed.output))
    left = driven[np.abs(probed.output[driven]) >= NOTICEABLE]
    if left.size:
        parts.append(_what_is_left(left, probed.output))
    return ", ".join(parts)


def _what_is_on(on: IntArray) -> str:
    if not on.size:
        return "nothing on"
    return f"feature{'s' * (on.size > 1)} {_numbers(on[:MOST_NAMED], on.size)} on"


def _what_is_driven(driven: IntArray, drive: FloatArray) -> str:
    if not driven.size:
        return "no other is driven"
    sides = {"positively": driven[drive[driven] > 0], "negatively": driven[drive[driven] < 0]}
    ways = [
        f"{_numbers(_strongest(which, drive, MOST_NAMED), which.size)} {way}"
        for way, which in sides.items()
        if which.size
    ]
    others = "1 other is" if driven.size == 1 else f"{driven.size} others are"
    return f"{others} driven ({'; '.join(ways)})"


def _what_is_held(activation: Activation, is_held: BoolArray) -> str:
    """What becomes of the outputs that are driven, by which of them are held."""
    count = int(np.count_nonzero(is_held))
    if count == is_held.size:
        return activation.with_negatives("it" if count == 1 else f"all {count}")
    return activation.with_negatives(str(count or "none"))


def _what_comes_out(on: IntArray, output: FloatArray) -> str:
    named = [f"{_value(output[feature])} on {feature}" for feature in on[:MOST_NAMED]]
    return f"the output is {_listed(named, on.size)}"


def _what_is_left(left: IntArray, output: FloatArray) -> str:
    strongest = _strongest(left, output, MOST_LEFT)
    named = [f"{_value(output[feature])} on {feature}" for feature in strongest]
    return f"with {_listed(named, left.size)} left over"


def _attack_in_words(scene: Scene, attack: Attack) -> str:
    feature = attack.feature
    before, after = scene.of(followed).output[feature], attack.output[feature]
    verb = "raises" if after > before else "lowers"
    return (
        f"worst case of size {scene.options.of(ProbeState).attack:.2f}: {verb} output {feature}"
        f" from {_value(before)} to {_value(after)}"
    )


def _value(value: float) -> str:
    return hundredths(value).strip()


def _numbers(named: IntArray, count: int) -> str:
    return _listed([str(feature) for feature in named], count)


def _listed(named: list[str], count: int) -> str:
    return ", ".join(named) + (", …" if count > len(named) else "")


def _strongest(which: IntArray, values: FloatArray, count: int) -> IntArray:
    """Those of the largest magnitudes, by number.

    Magnitudes that look alike go by number too, so that names do not swap while a model trains.
    """
    magnitudes = np.round(np.abs(values[which]), 2)
    order = np.argsort(-magnitudes, kind="stable")
    strongest: IntArray = np.sort(which[order[:count]])
    return strongest


def _title(scene: Scene) -> str:
    on = np.flatnonzero(scene.of(probe_input))
    return f"probe: {_what_is_on(on)}"


def _readings(scene: Scene) -> tuple[str, ...]:
    """How to read it, in the words of the model's output activation."""
    target = "┊ what should come out"
    if scene.model.output_activation == "identity":
        return f"{target} · click a row: on or off", target, "┊ target"
    held = f"hatched: what {scene.model.output.with_negatives()}"
    return f"{held} · {target} · click a row: on or off", f"{held} · {target}", held


PANEL = Panel(
    name="probe",
    title=_title,
    readings=(
        "hatched: below 0, before the output activation · ┊ what should come out · click a row: "
        "on or off",
        "hatched: below 0 · ┊ what should come out",
        "hatched: below 0 · ┊ target",
        "hatched: below 0",
    ),
    draw=draw,
    other_readings=_readings,
    story=(
        "An input made by hand and what the model makes of it. Where one feature is on, all that "
        "share its directions are driven too, some up and some down; the bias and the "
        "activation of the output hold the weaker ones down: a ReLU cuts off all that is below 0, "
        "so that interference costs little while few features are on at a "
        'time ("Demonstrating Superposition"). A model without an activation on its output '
        "cannot do that. The attack adds the small change of the input that harms the output "
        'most ("Superposition and Adversarial Examples").'
    ),
    pick=pick,
)
