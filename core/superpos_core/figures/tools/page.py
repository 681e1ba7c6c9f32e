"""A page measured in inches from its top left corner, and the parts common to all figures."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from superpos_core.figures.tools import style
from superpos_core.figures.tools.placing import evenly
from superpos_core.figures.tools.provenance import provenance
from superpos_core.figures.tools.wrapping import POINTS, text_width, wrapped
from superpos_core.record.record import Record
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.lanes import Lane
from superpos_core.task.setting_names import setting_name

TEXT_WIDTH = 7.2
"""The width of two journal columns in inches."""
MIN_WIDTH = 4.4
MARGIN = 0.12
ROW_LABELS = 0.36
LANE_TITLE = 0.31
COLUMN_LABELS = 0.18
FOOTER = 0.5
"""Height of a footer with a colour scale; without, its text alone counts."""
SCALE_WIDTH = 1.5
SCALE_PITCH = SCALE_WIDTH + 2 * MARGIN
"""Distance between the left ends of neighbouring scales in the footer."""
MAX_COLUMNS = 6
MAX_BODY_HEIGHT = 11.0
"""Maximum inches between header and footer, so that a figure fits on one page: if there are more
blocks than fit, only some are drawn."""
BETWEEN_ROWS = 0.1
BETWEEN_TITLES = 0.1
"""Minimum inches between the titles of neighbouring blocks."""
ABOVE_FOOTER = 0.08
"""Inches left free above the lines of a footer."""
LINE = 1.35
HorizontalPlace = Literal["left", "center", "right"]
VerticalPlace = Literal["top", "center", "bottom"]


@dataclass(frozen=True)
class Page:
    """A figure of a run with this config, with its title, its reading line and its provenance."""

    config: ExperimentConfig
    figure: Figure
    width: float
    height: float

    def axes(self, left: float, top: float, width: float, height: float) -> Axes:
        """New axes, placed in inches."""
        bottom = self.height - top - height
        return self.figure.add_axes(
            (left / self.width, bottom / self.height, width / self.width, height / self.height)
        )

    def text(
        self,
        left: float,
        top: float,
        text: str,
        size: float = style.TEXT_SIZE,
        color: str = style.INK,
        ha: HorizontalPlace = "left",
        va: VerticalPlace = "top",
        weight: str = "normal",
    ) -> None:
        """Text placed in inches; by default it extends right and down from its point."""
        self.figure.text(
            left / self.width,
            1 - top / self.height,
            text,
            fontsize=size,
            color=color,
            ha=ha,
            va=va,
            fontweight=weight,
            linespacing=LINE,
        )


@dataclass(frozen=True)
class Block:
    """The position of one lane on a page, in inches; its title is above ``top``."""

    left: float
    top: float
    is_first_in_row: bool


@dataclass(frozen=True)
class Header:
    """The header of a figure: a title, and a line on how to read the figure."""

    title: str
    reading: str

    def lines(self, page_width: float) -> list[str]:
        """The reading line, wrapped to the page."""
        return wrapped(self.reading, page_width - 2 * MARGIN, style.TEXT_SIZE)

    def title_lines(self, page_width: float) -> list[str]:
        """The title, wrapped to the page."""
        return wrapped(self.title, page_width - 2 * MARGIN, style.TITLE_SIZE, "bold")

    def title_height(self, page_width: float) -> float:
        """The height of the title in inches."""
        return LINE * len(self.title_lines(page_width)) * style.TITLE_SIZE / POINTS

    def height(self, page_width: float) -> float:
        """Its height in inches."""
        reading = LINE * len(self.lines(page_width)) * style.TEXT_SIZE / POINTS
        return MARGIN + self.title_height(page_width) + reading + 0.1


def new_page(
    record: Record,
    header: Header,
    width: float,
    body_height: float,
    scales: int = 1,
) -> Page:
    """A page with room for a body of this height between header and footer.

    ``scales`` is the number of colour scales in the footer; its text takes the room beside them.
    """
    room = width - 2 * MARGIN - scales * SCALE_PITCH
    origin = wrapped(provenance(record), room, style.SMALL_SIZE)
    text_height = LINE * len(origin) * style.SMALL_SIZE / POINTS
    footer = max(FOOTER if scales else 0.0, MARGIN + text_height + ABOVE_FOOTER)
    height = header.height(width) + body_height + footer
    page = Page(record.config, Figure(figsize=(width, height), facecolor="white"), width, height)
    page.text(
        MARGIN,
        MARGIN,
        "\n".join(header.title_lines(width)),
        size=style.TITLE_SIZE,
        weight="bold",
    )
    below_title = MARGIN + header.title_height(width)
    reading = "\n".join(header.lines(width))
    page.text(MARGIN, below_title + 0.02, reading, color=style.QUIET)
    page.text(
        MARGIN,
        height - MARGIN,
        "\n".join(origin),
        color=style.QUIET,
        size=style.SMALL_SIZE,
        va="bottom",
    )
    return page


def lane_page(
    record: Record,
    header: Header,
    block_size: tuple[float, float],
    gap: float,
    *,
    count: int | None = None,
    max_columns: int = MAX_COLUMNS,
    scales: int = 1,
) -> tuple[Page, list[Block]]:
    """A page with one block per setting, in balanced rows; ``block_size`` excludes its title.

    ``count`` is the number of blocks, if not one per setting, and ``scales`` the number of colour
    scales that the footer has room for.
    """
    count = len(record.config.settings) if count is None else count
    block_width, block_height = block_size
    gap = _between_titles(record.config, block_width, gap)
    columns = columns_that_fit(count, block_width, gap, max_columns)
    rows = math.ceil(count / columns)
    content = ROW_LABELS + columns * (block_width + gap) - gap + 2 * MARGIN
    width = max(content, MIN_WIDTH + (scales - 1) * SCALE_PITCH)
    row_height = LANE_TITLE + block_height + COLUMN_LABELS
    body_height = rows * row_height + (rows - 1) * BETWEEN_ROWS
    page = new_page(record, header, width, body_height, scales=scales)
    first_left = MARGIN + ROW_LABELS + (width - content) / 2
    first_top = header.height(width) + LANE_TITLE
    blocks = [
        Block(
            left=first_left + (index % columns) * (block_width + gap),
            top=first_top + (index // columns) * (row_height + BETWEEN_ROWS),
            is_first_in_row=index % columns == 0,
        )
        for index in range(count)
    ]
    return page, blocks


def settings_that_fit(
    config: ExperimentConfig,
    block_size: tuple[float, float],
    gap: float,
    max_columns: int = MAX_COLUMNS,
    settings: Sequence[int] | None = None,
) -> list[int]:
    """The settings that get a block on a page: all, or as many as fit, evenly spread.

    ``settings``: those to choose from, if not all.
    """
    candidates = range(len(config.settings)) if settings is None else settings
    count, (width, height) = len(candidates), block_size
    gap = _between_titles(config, width, gap)
    rows = rows_that_fit(LANE_TITLE + height + COLUMN_LABELS, BETWEEN_ROWS)
    return evenly(candidates, rows * columns_that_fit(count, width, gap, max_columns))


def _between_titles(config: ExperimentConfig, block_width: float, gap: float) -> float:
    """The gap between blocks, or a wider one that keeps their titles apart."""
    titles = (setting_name(config, setting) for setting in config.settings)
    widest = max(text_width(title, style.TEXT_SIZE) for title in titles)
    return max(gap, widest + BETWEEN_TITLES - block_width)


def rows_that_fit(height: float, between: float) -> int:
    """The number of rows of this height in inches that fit on a page."""
    return max(1, math.floor((MAX_BODY_HEIGHT + between) / (height + between)))


def columns_that_fit(
    count: int, block_width: float, gap: float, max_columns: int = MAX_COLUMNS
) -> int:
    """The number of blocks per row that makes rows as even as possible."""
    room = TEXT_WIDTH - 2 * MARGIN - ROW_LABELS + gap
    most = max(1, min(max_columns, math.floor(room / (block_width + gap) + 1e-9)))
    return math.ceil(count / math.ceil(count / most))


def widest_block(count: int, gap: float, max_columns: int = MAX_COLUMNS) -> float:
    """The block width that makes a row of ``count`` blocks, or a full row, fill the page."""
    columns = math.ceil(count / math.ceil(count / max_columns))
    return (TEXT_WIDTH - 2 * MARGIN - ROW_LABELS + gap) / columns - gap


def lane_title(page: Page, block: Block, width: float, lane: Lane) -> None:
    """The setting of a lane, centred over ``width``."""
    middle = block.left + width / 2
    page.text(middle, block.top - LANE_TITLE + 0.02, setting_name(page.config, lane), ha="center")


def column_title(page: Page, middle: float, bottom: float, name: str) -> None:
    """The small name of a matrix, above it."""
    page.text(
        middle,
        bottom - 0.02,
        name,
        ha="center",
        va="bottom",
        size=style.SMALL_SIZE,
        color=style.QUIET,
    )
