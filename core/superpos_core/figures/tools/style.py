"""The look of every figure: colours, sizes, colour maps, and rendering to a file.

Figures use matplotlib's ``Figure`` and its canvases, never pyplot, so that any thread can draw one.
matplotlib's settings are still global, so drawing and rendering share one lock.
"""

import io
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.colors import Colormap, ListedColormap
from matplotlib.figure import Figure

from superpos_core.arrays import FloatArray
from superpos_core.colours import scales
from superpos_core.colours.oklab import names_of

DOTS_PER_INCH = 300
MAX_SIDE_DOTS = 4000
"""Pictures of this size open everywhere; figures limit their content to fit."""

TITLE_SIZE = 9.0
TEXT_SIZE = 7.0
SMALL_SIZE = 6.0
FONT = ("DejaVu Sans", "Verdana", "Arial", "sans-serif")
"""The first is part of matplotlib, so that text is as wide everywhere."""

INK = "#222222"
QUIET = "#666666"
RULE = "#bdbdbd"
NOT_FINITE_FACE = "#e2e2e2"
NOT_FINITE_HATCH = "#8c8c8c"
HATCH = "//////"

CATEGORICAL, WEIGHT_LIMIT = scales.CATEGORICAL, scales.WEIGHT_LIMIT
# An odd number of colours, so that the middle one is exactly zero.
DIVERGING: Colormap = ListedColormap(
    scales.diverging(np.linspace(-1, 1, 257), scales.PAPER), "superpos diverging"
).with_extremes(bad="#ffffff00")
"""Weights from −``WEIGHT_LIMIT`` to it: blue is positive."""
SEQUENTIAL: Colormap = ListedColormap(
    scales.sequential(np.linspace(0, 1, 256), scales.PAPER), "superpos sequential"
)
ORDERED: Colormap = ListedColormap(
    scales.ordered(np.linspace(0, 1, 256), scales.PAPER), "superpos ordered"
)
POSITIVE, NEGATIVE = (mpl.colors.to_hex(DIVERGING(share)) for share in (0.9, 0.1))
"""One shade of each sign, where length shows the value."""

_WRITING: dict[str, dict[str, Any]] = {
    "png": {"metadata": {"Software": None}, "pil_kwargs": {"compress_level": 3}},
    "svg": {"metadata": {"Date": None}},
    "pdf": {"metadata": {"CreationDate": None}},
}
"""Options for each format. Metadata does not depend on the date; this compression takes half the
time of the default for an eighth more bytes."""

# These settings belong to the surrounding program's use of matplotlib, not to the look.
_NOT_LOOKS = ("backend", "webagg.", "savefig.directory", "interactive", "toolbar")
_SETTINGS = {
    **{
        name: value
        for name, value in mpl.rcParamsDefault.items()
        if not name.startswith(_NOT_LOOKS)
    },
    "font.family": ["sans-serif"],
    "font.sans-serif": FONT,
    "font.size": TEXT_SIZE,
    "text.color": INK,
    "text.parse_math": False,
    "axes.labelcolor": QUIET,
    "axes.edgecolor": RULE,
    "axes.linewidth": 0.5,
    "axes.labelsize": SMALL_SIZE,
    "xtick.color": RULE,
    "ytick.color": RULE,
    "xtick.labelcolor": QUIET,
    "ytick.labelcolor": QUIET,
    "xtick.labelsize": SMALL_SIZE,
    "ytick.labelsize": SMALL_SIZE,
    "xtick.major.width": 0.5,
    "ytick.major.width": 0.5,
    "xtick.major.size": 2.0,
    "ytick.major.size": 2.0,
    "xtick.major.pad": 2.0,
    "ytick.major.pad": 2.0,
    "hatch.linewidth": 0.4,
    "hatch.color": NOT_FINITE_HATCH,
    "svg.fonttype": "none",
    "svg.hashsalt": "superpos",
    "pdf.fonttype": 42,
}
_LOCK = threading.RLock()


@contextmanager
def house_style() -> Iterator[None]:
    """Settings for drawing and rendering, one thread at a time; the user's are restored after."""
    with _LOCK, mpl.rc_context(_SETTINGS):
        yield


def render(figure: Figure, file_format: str) -> bytes:
    """The figure as a ``png``, ``svg`` or ``pdf`` file: the same bytes for the same figure."""
    largest_side = max(figure.get_size_inches())
    buffer = io.BytesIO()
    with house_style():
        figure.savefig(
            buffer,
            format=file_format,
            dpi=min(DOTS_PER_INCH, MAX_SIDE_DOTS / largest_side),
            **_WRITING[file_format],
        )
    return buffer.getvalue()


def superposition_colours(values: FloatArray) -> FloatArray:
    """RGBA of superpositions of shape (…), NaN as 0: those beyond the limit share its colour."""
    shares = np.clip(np.nan_to_num(values) / scales.SUPERPOSITION_LIMIT, 0, 1)
    colours: FloatArray = SEQUENTIAL(shares)
    return colours


def sparsity_colours(count: int) -> list[str]:
    """Ordered colours for ``count`` sparsities, dense (dark) to sparse (bright)."""
    shades = np.linspace(0, 1, count) if count > 1 else np.array([0.4])
    return names_of(scales.ordered(shades, scales.PAPER))
