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
from matplotlib.colors import Colormap, LinearSegmentedColormap
from matplotlib.figure import Figure

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

WEIGHT_LIMIT = 1.3
"""Weights are coloured from −1.3 to 1.3 whatever their range, so that figures are comparable."""

# ColorBrewer's RdBu: blue is positive. 257 colours, so that the middle one is exactly zero.
DIVERGING: Colormap = LinearSegmentedColormap.from_list(
    "superpos diverging",
    [
        "#67001f", "#b2182b", "#d6604d", "#f4a582", "#fddbc7", "#f7f7f7",
        "#d1e5f0", "#92c5de", "#4393c3", "#2166ac", "#053061",
    ],
    N=257,
).with_extremes(bad="#ffffff00")  # fmt: skip
SEQUENTIAL: Colormap = mpl.colormaps["viridis"]
# Okabe and Ito's, without yellow, which is invisible on paper, and black, which is ink.
CATEGORICAL = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")

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


def sparsity_colours(count: int) -> list[str]:
    """Ordered colours for ``count`` sparsities, dense (dark) to sparse (bright).

    The bright yellow end of the colour map is left out: it is invisible on paper.
    """
    shades = np.linspace(0.0, 0.82, count) if count > 1 else np.array([0.3])
    return [mpl.colors.to_hex(colour) for colour in mpl.colormaps["plasma"](shades)]
