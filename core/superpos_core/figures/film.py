"""A film of a run: one figure at every moment of the timeline, as an animated GIF."""

import io
from collections.abc import Callable

import numpy as np
import PIL.Image
from matplotlib.figure import Figure
from PIL.Image import Dither, Image

from superpos_core.errors import InvalidValue
from superpos_core.figures.tools.kinds import FigureKind, ModelFigure
from superpos_core.figures.tools.style import house_style
from superpos_core.record.lanes import LanesRecord

MAX_FRAMES = 60
COLOURS = 256
"""The maximum of a GIF."""
DOTS_PER_INCH = 110
FRAME_MILLISECONDS = 120
LAST_FRAME_MILLISECONDS = 2000
"""The last frame stays for a while before the film repeats."""

OnFrame = Callable[[int, int], None]


def film_steps(record: LanesRecord, model: str, most: int = MAX_FRAMES) -> list[int]:
    """The steps of a film's frames: all kept moments, or ``most`` of them, evenly spaced.

    Raises ``InvalidValue`` if no moment is kept.
    """
    steps = record.cohorts[model].timeline.steps
    if not steps.size:
        raise InvalidValue("film", model, "no moment of it is kept yet", "a run that has started")
    indices = np.unique(np.linspace(0, steps.size - 1, min(most, steps.size)).round().astype(int))
    return [int(steps[index]) for index in indices]


def film(
    record: LanesRecord,
    figure: FigureKind,
    model: str,
    on_frame: OnFrame = lambda done, of: None,
) -> bytes:
    """An animated GIF of ``figure`` from the first moment to the last, repeating forever.

    ``on_frame`` is called with the number of frames drawn and their total.
    """
    steps = film_steps(record, model)
    images: list[Image] = []
    palette = None
    for step in reversed(steps):
        picture = _picture(_drawn(record.at_step(step), figure, model))
        # The last frame has the most colours, so all frames share its palette: nothing flickers.
        palette = palette or _palette_of(picture)
        images.insert(0, picture.quantize(palette=palette, dither=Dither.NONE))
        on_frame(len(images), len(steps))
    durations = [FRAME_MILLISECONDS] * (len(images) - 1) + [LAST_FRAME_MILLISECONDS]
    buffer = io.BytesIO()
    images[0].save(
        buffer, format="GIF", save_all=True, append_images=images[1:], duration=durations, loop=0
    )
    return buffer.getvalue()


def _drawn(record: LanesRecord, figure: FigureKind, model: str) -> Figure:
    if isinstance(figure, ModelFigure):
        return figure.draw(record, model)
    return figure.draw(record)


def _palette_of(picture: Image) -> Image:
    """The most frequent colours of a picture, exactly: white paper stays white."""
    pixels = np.asarray(picture).reshape(-1, 3)
    colours, counts = np.unique(pixels, axis=0, return_counts=True)
    chosen = colours[np.argsort(-counts, kind="stable")[:COLOURS]]
    palette = PIL.Image.new("P", (1, 1))
    palette.putpalette(chosen.astype(np.uint8).tobytes())
    return palette


def _picture(figure: Figure) -> Image:
    buffer = io.BytesIO()
    with house_style():
        figure.savefig(buffer, format="png", dpi=DOTS_PER_INCH)
    return PIL.Image.open(buffer).convert("RGB")
