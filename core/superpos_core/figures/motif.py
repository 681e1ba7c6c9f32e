"""The asymmetric superposition motif: the strongest one in a run, and the number in each model."""

from dataclasses import dataclass, replace

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from superpos_core.analysis.motifs import (
    AsymmetricMotif,
    added_by,
    asymmetric_motifs,
    balanced_weights,
)
from superpos_core.figures import neurons
from superpos_core.figures.tools import notes, style
from superpos_core.figures.tools import page as pages
from superpos_core.figures.tools.placing import evenly
from superpos_core.record.lanes import LanesRecord
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.lanes import Lane
from superpos_core.task.models import model_named
from superpos_core.task.parameters import Parameters
from superpos_core.task.setting_names import setting_name, setting_parts
from superpos_core.ticks import with_minus

LEFT = pages.MARGIN + 0.34
TITLES, BELOW, AXIS = 0.3, 0.24, 0.36
"""Inches above each picture for its title, below the upper ones, and below the last one."""
STACKS = 2.7
ROUTES_LEFT = 1.2
"""Inches to the left of the bars for their row labels."""
HEIGHT = 2.0
COUNTS_HEIGHT = 0.6
POSITIONS = (0.0, 1.0, 2.5, 3.5)
"""Positions of the stacks: input and output weights of the neuron, a gap, and its inhibitor's."""
ROUTE_POSITIONS = (0.0, 1.0, 2.4, 3.4)
BAR = 0.32
ROOM_FOR_NUMBERS = 0.15
"""Room beyond the longest bars, as a share of their span."""
GROUND, GROUND_COLOUR = 0.46, "#f0f0f0"
LEGEND_STEP = 0.75
DISTURBED, DISTURBING = style.CATEGORICAL[:2]
OTHERS = "#d9d9d9"
NEURON, INHIBITOR = "#4d4d4d", "#b3b3b3"
COUNT = "#8c8c8c"
MAX_TICKS = 14


@dataclass(frozen=True)
class _Found:
    """A motif and the lane that contains it."""

    motif: AsymmetricMotif
    setting: int
    lane: Lane
    parameters: Parameters


@dataclass(frozen=True)
class _Route:
    """What the neuron and its inhibitor add to an output for a feature at x = ±1."""

    feature: int
    output: int
    sign: float
    by_neuron: float
    by_inhibitor: float


def applies(record: LanesRecord, model: str) -> bool:
    """Whether the model targets |x|: only such models compute the way the motif does."""
    return model_named(model).target == "absolute"


def draw(record: LanesRecord, model: str) -> Figure:
    """The weights of the strongest motif, what its neurons add, and the count of each setting."""
    found, counts = _search(record, model)
    title = notes.model_title("The asymmetric superposition motif", model)
    reading = _none_reading() if found is None else _reading(record.config, found)
    header = pages.Header(title, reading + _unknown_note(counts))
    upper = 0.0 if found is None else TITLES + HEIGHT + BELOW
    body = upper + TITLES + COUNTS_HEIGHT + AXIS
    page = pages.new_page(record, header, pages.TEXT_WIDTH, body, scales=0)
    top = header.height(page.width) + TITLES
    if found is not None:
        _draw_stacks(page, top, found)
        _draw_routes(page, top, found)
    _draw_counts(page, top + upper, record, counts, found)
    return page.figure


def _search(record: LanesRecord, model: str) -> tuple[_Found | None, list[int | None]]:
    """The motif with the largest disturbance, and the count in each setting's best restart.

    A count is ``None`` if there is no motif but not all weights are finite.
    """
    cohort = record.cohorts[model].best()
    found: list[_Found] = []
    counts: list[int | None] = []
    for setting, lane in enumerate(cohort.lanes):
        parameters = cohort.parameters.take(setting)
        motifs = asymmetric_motifs(parameters)
        known = motifs or parameters.has_finite_matrices
        counts.append(len(motifs) if known else None)
        if motifs.strongest is not None:
            found.append(_Found(motifs.strongest, setting, lane, parameters))
    return max(found, key=lambda each: each.motif.disturbance, default=None), counts


def _reading(config: ExperimentConfig, found: _Found) -> str:
    motif = found.motif
    return (
        f"The strongest one is at {setting_name(config, found.lane)}. Neuron "
        f"{motif.neuron} serves two features. Feature {motif.disturbing} drives it strongly and is "
        f"read out weakly, feature {motif.disturbed} the other way round. So feature "
        f"{motif.disturbing} adds {motif.disturbance:.2f} to output {motif.disturbed}: "
        f"{motif.asymmetry:.3g} times as much as feature {motif.disturbed} adds to output "
        f"{motif.disturbing}. Neuron {motif.inhibitor} inhibits: it adds "
        f"−{motif.inhibition:.2f} to output {motif.disturbed}."
    )


def _none_reading() -> str:
    return (
        "None was found in this run. It would be a neuron that serves two features, driven hard "
        "by one and read out strongly by the other, with a second neuron that removes what the "
        "first feature adds to the output of the other."
    )


def _unknown_note(counts: list[int | None]) -> str:
    return " ?: weights that are not finite." if None in counts else ""


# ── weights ───────────────────────────────────────────────────────────────────────────────────


def _draw_stacks(page: pages.Page, top: float, found: _Found) -> None:
    """Input and output weights of both neurons; the two features are at the base of each stack."""
    motif = found.motif
    pair = [motif.disturbing, motif.disturbed]
    features = np.arange(found.parameters.bias.size)
    order = np.array([*pair, *features[~np.isin(features, pair)]])
    units = (motif.neuron, motif.inhibitor)
    weights = np.stack(
        [kind for unit in units for kind in balanced_weights(found.parameters, unit)]
    )
    limits = neurons.common_limits(weights)
    axes = page.axes(LEFT, top, STACKS, HEIGHT)
    rectangles = [
        replace(each, position=POSITIONS[int(each.position)], feature=int(order[each.feature]))
        for each in neurons.stacked(weights[:, order], limits)
    ]
    by_feature = {motif.disturbing: DISTURBING, motif.disturbed: DISTURBED}
    colours = np.array(
        [mpl.colors.to_rgba(by_feature.get(each.feature, OTHERS)) for each in rectangles]
    )
    unit_height = HEIGHT / (limits[1] - limits[0])
    neurons.draw_rectangles(axes, rectangles, colours, unit_height)
    neurons.number_rectangles(axes, rectangles, colours, unit_height)
    axes.axhline(0, color=style.INK, linewidth=0.5)
    axes.set(xlim=(-0.6, POSITIONS[-1] + 0.6), ylim=limits)
    neurons.weight_ticks(axes, limits)
    axes.set_xticks(POSITIONS, ["in", "out"] * 2)
    axes.set_ylabel("weights", labelpad=1)
    for name, first, last in (
        (f"neuron {motif.neuron}", *POSITIONS[:2]),
        (f"inhibitory neuron {motif.inhibitor}", *POSITIONS[2:]),
    ):
        middle = LEFT + STACKS * ((first + last) / 2 + 0.6) / (POSITIONS[-1] + 1.2)
        page.text(middle, top - 0.05, name, ha="center", va="bottom")


# ── their effects ─────────────────────────────────────────────────────────────────────────────


def _routes(found: _Found) -> list[_Route]:
    """All routes from both features to both outputs, with the sign that opens the neuron."""
    motif, parameters = found.motif, found.parameters
    pair = (motif.disturbing, motif.disturbed)
    routes = []
    for feature in pair:
        sign = float(np.sign(parameters.encoder[feature, motif.neuron]))
        by_neuron = added_by(parameters, motif.neuron, feature, sign)
        by_inhibitor = added_by(parameters, motif.inhibitor, feature, sign)
        routes += [
            _Route(feature, output, sign, float(by_neuron[output]), float(by_inhibitor[output]))
            for output in pair
        ]
    return routes


def _draw_routes(page: pages.Page, top: float, found: _Found) -> None:
    """Two bars per route, the neuron's above the inhibitor's; the motif's are highlighted."""
    left = LEFT + STACKS + ROUTES_LEFT
    axes = page.axes(left, top, page.width - left - pages.MARGIN, HEIGHT)
    routes, motif = _routes(found), found.motif
    for position, route in zip(ROUTE_POSITIONS, routes, strict=True):
        heights = position - BAR / 2, position + BAR / 2
        _draw_bar(axes, route.by_neuron, heights[0], NEURON)
        _draw_bar(axes, route.by_inhibitor, heights[1], INHIBITOR)
        if (route.feature, route.output) == (motif.disturbing, motif.disturbed):
            axes.axhspan(
                position - GROUND, position + GROUND, color=GROUND_COLOUR, linewidth=0, zorder=0
            )
            # Disturbance goes right and inhibition left, so there is room on the other side.
            _write_beside(axes, "disturbance", 0, heights[0], to_the_right=False)
            _write_beside(axes, "inhibition", 0, heights[1], to_the_right=True)
    names = [
        f"x{_subscript(route.feature)} = {'−' if route.sign < 0 else ''}1 → output {route.output}"
        for route in routes
    ]
    axes.set_yticks(ROUTE_POSITIONS, names)
    for label, route in zip(axes.get_yticklabels(), routes, strict=True):
        label.set_color(DISTURBING if route.feature == motif.disturbing else DISTURBED)
        label.set_fontsize(style.TEXT_SIZE)
    added = [0.0, *(each.by_neuron for each in routes), *(each.by_inhibitor for each in routes)]
    room = ROOM_FOR_NUMBERS * (max(added) - min(added))
    axes.set(
        xlim=(min(added) - room, max(added) + room),
        ylim=(ROUTE_POSITIONS[-1] + 0.6, -0.6),
        xticks=[],
    )
    axes.axvline(0, color=style.INK, linewidth=0.5)
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0)
    title = top - 0.05
    page.text(left - 0.05, title, "added to outputs by", ha="right", va="bottom")
    for unit, colour, beside in (
        (motif.neuron, NEURON, 0.05),
        (motif.inhibitor, INHIBITOR, 0.05 + LEGEND_STEP),
    ):
        page.text(left + beside, title, "■", va="bottom", color=colour)
        page.text(left + beside + 0.12, title, f"neuron {unit}", va="bottom")


def _draw_bar(axes: Axes, added: float, height: float, colour: str) -> None:
    """A bar with its number beyond its end; no number for 0."""
    axes.barh(height, added, height=BAR, color=colour, linewidth=0)
    if round(added, 2) != 0:
        number = with_minus(f"{added:.2f}")
        _write_beside(axes, number, added, height, to_the_right=added > 0)


def _write_beside(axes: Axes, text: str, x: float, height: float, *, to_the_right: bool) -> None:
    axes.annotate(
        text,
        (x, height),
        xytext=(3 if to_the_right else -3, 0),
        textcoords="offset points",
        ha="left" if to_the_right else "right",
        va="center_baseline",
        fontsize=style.SMALL_SIZE,
    )


def _subscript(number: int) -> str:
    return str(number).translate(str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉"))


# ── counts ────────────────────────────────────────────────────────────────────────────────────


def _draw_counts(
    page: pages.Page,
    top: float,
    record: LanesRecord,
    counts: list[int | None],
    found: _Found | None,
) -> None:
    """One bar per setting; the setting of the motif above is dark."""
    axes = page.axes(LEFT, top, page.width - LEFT - pages.MARGIN, COUNTS_HEIGHT)
    page.text(LEFT, top - 0.09, "motifs in the model of each setting", va="bottom")
    settings = record.config.settings
    shown = None if found is None else found.setting
    colours = [NEURON if setting == shown else COUNT for setting in range(len(settings))]
    heights = [count or 0 for count in counts]
    axes.bar(range(len(settings)), heights, width=0.5, color=colours, linewidth=0)
    axes.set(xlim=(-0.6, len(settings) - 0.4), ylim=(0, 1.3 * max(*heights, 1)), yticks=[])
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.tick_params(length=0)
    ticks = evenly(range(len(settings)), MAX_TICKS)
    names = [setting_parts(record.config, settings[setting]) for setting in ticks]
    axes.set_xticks(ticks, [", ".join(part.value for part in parts) for parts in names])
    axes.set_xlabel(", ".join(part.symbol for part in names[0]), labelpad=2)
    for setting in ticks:
        axes.annotate(
            "?" if counts[setting] is None else str(counts[setting]),
            (setting, heights[setting]),
            xytext=(0, 1.5),
            textcoords="offset points",
            ha="center",
            fontsize=style.SMALL_SIZE,
            color=style.INK if heights[setting] else style.QUIET,
        )
