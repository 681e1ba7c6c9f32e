"""Polygons on the way down: every restart's loss among the closed-form levels of regular k-gons.

The picture of Chen et al. 2023, "Dynamical versus Bayesian phase transitions in a toy model of
superposition".
"""

from collections import Counter
from dataclasses import replace

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

from superpos_core.figures.levels_restarts import Example, Restarts
from superpos_core.figures.tools import marks, notes, style
from superpos_core.figures.tools import page as pages
from superpos_core.figures.tools.feature_colours import OneColour
from superpos_core.figures.tools.log_axes import round_ticks, step_axis
from superpos_core.figures.tools.placing import spread
from superpos_core.figures.tools.spokes import SpokePlots
from superpos_core.geometry.hidden_space import hidden_picture
from superpos_core.geometry.measures import represented
from superpos_core.geometry.projection import circle_radius
from superpos_core.record.lanes import LanesRecord
from superpos_core.task.data import distribution_named
from superpos_core.task.models import model_named
from superpos_core.theory import PolygonLevel, largest_slope_at_polygon, polygon_levels

MAX_FEATURES = 8
"""With more features there are too many levels to label beside the axis."""
MAX_FOUND_CORNERS = 6
"""Polygons with more corners are critical points that training does not reach."""
LEFT, NAMES, POLYGONS = pages.MARGIN + 0.34, 0.42, 2.05
"""Inches to the left of the losses, for the level names, and for the polygons on the right."""
ABOVE, HEIGHT, BELOW = 0.24, 4.1, 0.46
MAX_SIDE = 0.86
SIDE_SHARE = 0.75
"""Share of a polygon's room taken by its square: its numbers need the rest."""
BESIDE = 0.22
"""Inches between a polygon and its name, for the numbers of features sharing a corner."""
MAX_POLYGONS = 6
MAX_NAMES = 15
"""The number of levels of six features: names of more levels do not all fit."""
NAME_SPACING = 0.032
"""Minimum distance between two names, as a share of the axis."""
ROOM = 0.045
"""Share of the loss axis left free below the lowest level and above the highest."""
LEVEL_LINE = (0, (4, 3))
THIN, THICK = 0.5, 1.5
OPACITY = 0.55


def applies(record: LanesRecord, model: str) -> bool:
    """Whether the closed forms hold and levels are few: up to eight equally important features."""
    config, form = record.config, model_named(model)
    distribution = distribution_named(config.distribution)
    has_levels = (
        (form.tied, form.hidden_activation, form.output_activation) == (True, "identity", "relu")
        and distribution.one_hot
        and config.hidden == 2
        and config.importance == 1
        and not config.sweep_values
        and 2 <= config.features <= MAX_FEATURES
    )
    return has_levels and len(record.cohorts[model].timeline.moments) > 1


def draw(record: LanesRecord, model: str) -> Figure:
    """Exact losses against steps, the levels, and the polygons that were found on them."""
    config, cohort = record.config, record.cohorts[model]
    restarts = Restarts.of(cohort, config.features)
    header = pages.Header(
        notes.model_title("Polygons on the way down", model), _reading(restarts, config.features)
    )
    body = ABOVE + HEIGHT + BELOW
    page = pages.new_page(record, header, pages.TEXT_WIDTH, body, scales=0)
    top = header.height(page.width) + ABOVE
    width = page.width - LEFT - NAMES - POLYGONS - pages.MARGIN
    axes = page.axes(LEFT, top, width, HEIGHT)
    levels = polygon_levels(config.features)
    _set_axes(axes, restarts, levels)
    _draw_levels(axes, restarts, levels)
    _draw_losses(axes, restarts)
    page.text(LEFT, top - 0.06, "total loss", va="bottom", color=style.QUIET)
    _draw_polygons(page, top, record, restarts)
    return page.figure


def _reading(restarts: Restarts, features: int) -> str:
    emphasised = "Thick: the lowest final loss"
    if restarts.longest_way() is not None:
        emphasised += ", and the most plateaus"
    return (
        "One line per restart: its exact loss, in the colour of its final level "
        "(grey: none). Dashed: the "
        "closed-form levels of polygons (Chen et al. 2023), by corners and dead features with "
        f"positive bias (⁺ one, ²⁺ two …). {emphasised}."
        + _largest_polygons_note(restarts, features)
        + marks.gaps_note([restarts.losses])
    )


def _largest_polygons_note(restarts: Restarts, features: int) -> str:
    """States that the largest polygons are critical points too, and how many restarts end there."""
    largest = range(MAX_FOUND_CORNERS + 1, features + 1)
    if not largest:
        return ""
    names = " and ".join(f"{corners}-gon" for corners in largest)
    verb = "they are critical" if len(largest) > 1 else "it is critical"
    slope = max(largest_slope_at_polygon(corners, features) for corners in largest)
    ended = sum(end is not None and end.corners in largest for end in restarts.ends)
    return (
        f" {ended} of {len(restarts.ends)} end at the regular {names}, though {verb} "
        f"(slope {slope:.0e})."
    )


def _set_axes(axes: Axes, restarts: Restarts, levels: tuple[PolygonLevel, ...]) -> None:
    """From the lowest level to the highest; losses above are cut off."""
    high, low = levels[0].loss, levels[-1].loss
    if len(levels) == 1:
        high = low + 1
    room = ROOM * (high - low)
    axes.set_ylim(low - room, high + room)
    round_ticks(axes.yaxis, 9)
    step_axis(axes, 1, int(restarts.steps[-1]))
    axes.set_xlabel("step", labelpad=1)
    axes.spines[["top", "right"]].set_visible(False)


def _draw_levels(axes: Axes, restarts: Restarts, levels: tuple[PolygonLevel, ...]) -> None:
    """One line per level with its name on the right, coloured if it has plateaus."""
    low, high = axes.get_ylim()
    named = [level for level in levels if _is_named(level, restarts, len(levels))]
    heights = [(level.loss - low) / (high - low) for level in named]
    for level in levels:
        is_seen = level.name in restarts.colours
        axes.axhline(
            level.loss,
            color=restarts.colours.get(level.name, style.RULE),
            linewidth=0.7 if is_seen else 0.4,
            linestyle=LEVEL_LINE,
            zorder=1,
        )
    for level, height in zip(named, spread(heights, NAME_SPACING), strict=True):
        is_seen = level.name in restarts.colours
        axes.text(
            1.02,
            height,
            level.name,
            transform=axes.transAxes,
            color=restarts.colours[level.name] if is_seen else style.QUIET,
            fontsize=style.TEXT_SIZE if is_seen else style.SMALL_SIZE,
            fontweight="bold" if is_seen else "normal",
            va="center",
        )


def _is_named(level: PolygonLevel, restarts: Restarts, count: int) -> bool:
    """If there are too many levels, only those with plateaus or without a ⁺ are labelled."""
    return count <= MAX_NAMES or level.name in restarts.colours or level.positive_biases == 0


def _draw_losses(axes: Axes, restarts: Restarts) -> None:
    """Thin lines, with the best restart and the one with plateaus at the most polygons on top."""
    shown = restarts.steps > 0
    steps, losses = restarts.steps[shown], restarts.losses[shown]
    losses = np.where(np.isfinite(losses), losses, np.nan)
    lines = [np.stack([steps, each], axis=1) for each in losses.T]
    colours = [restarts.colour(level) for level in restarts.ends]
    axes.add_collection(
        LineCollection(lines, colors=colours, linewidths=THIN, alpha=OPACITY, zorder=2),
        autolim=False,
    )
    chosen = (restarts.best(), restarts.longest_way())
    for lane in dict.fromkeys(lane for lane in chosen if lane is not None):
        axes.plot(
            steps, losses[:, lane], color=colours[lane], linewidth=THICK, zorder=3, gid="emphasised"
        )


def _draw_polygons(page: pages.Page, top: float, record: LanesRecord, restarts: Restarts) -> None:
    """To the right, from high to low: a trained example of each level with plateaus."""
    config = record.config
    names = list(restarts.colours)[::-1][-MAX_POLYGONS:]
    examples = [restarts.examples[name] for name in names]
    pictures = [hidden_picture(example.encoder).points for example in examples]
    if not names:
        return
    radius = circle_radius(np.concatenate(pictures), config.hidden)
    pitch = HEIGHT / len(names)
    side = min(MAX_SIDE, SIDE_SHARE * pitch)
    left = page.width - pages.MARGIN - POLYGONS + 0.16
    plots = SpokePlots(config, OneColour(style.INK), radius, side)
    for number, (name, example, points) in enumerate(zip(names, examples, pictures, strict=True)):
        middle = top + (number + 0.5) * pitch
        own = replace(plots, colours=OneColour(restarts.colours[name]))
        own.draw(
            page.axes(left, middle - side / 2, side, side), example.lane, example.encoder, points
        )
        page.text(
            left + side + BESIDE,
            middle - 0.14,
            name,
            size=style.TITLE_SIZE,
            color=restarts.colours[name],
            weight="bold",
            va="center",
        )
        page.text(
            left + side + BESIDE,
            middle + 0.08,
            _counts(name, example, restarts),
            size=style.SMALL_SIZE,
            color=style.QUIET,
            va="center",
        )


def _counts(name: str, example: Example, restarts: Restarts) -> str:
    """The number of restarts that end at a level, and of those that leave it again."""
    ended = Counter(level.name for level in restarts.ends if level is not None)[name]
    left = sum(
        any(plateau.level.name == name for plateau in of_lane) and (end is None or end.name != name)
        for of_lane, end in zip(restarts.plateaus, restarts.ends, strict=True)
    )
    lines = [f"{ended} of {len(restarts.ends)} end here"] if ended else []
    if left:
        lines.append(f"{left} of {len(restarts.ends)} leave it again")
    if represented(example.encoder) > example.corners:
        lines.append("features share a corner")
    return "\n".join(lines)
