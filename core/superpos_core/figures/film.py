"""A film of a run: one figure at every moment of the timeline, as an animated GIF."""

import io
from collections.abc import Callable, Sequence

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
FRAME_SECONDS = 0.12
LAST_FRAME_SECONDS = 2.0
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
    pictures: list[Image] = []
    for done, step in enumerate(steps, start=1):
        pictures.append(_picture(_drawn(record.at_step(step), figure, model)))
        on_frame(done, len(steps))
    seconds = [FRAME_SECONDS] * (len(pictures) - 1) + [LAST_FRAME_SECONDS]
    return animated(pictures, seconds, palette_of=pictures[-1:])


def animated(
    pictures: Sequence[Image], seconds: Sequence[float], palette_of: Sequence[Image] = ()
) -> bytes:
    """An animated GIF of equally large pictures, each shown for its seconds, repeating forever.

    All share one palette, so that nothing flickers: the most frequent colours of ``palette_of``,
    pictures that have all colours, or of all pictures.
    """
    palette = _palette_of(palette_of or pictures)
    images = [picture.quantize(palette=palette, dither=Dither.NONE) for picture in pictures]
    buffer = io.BytesIO()
    images[0].save(
        buffer,
        format="GIF",
        save_all=True,
        append_images=images[1:],
        duration=[round(1000 * each) for each in seconds],
        loop=0,
    )
    return buffer.getvalue()


def _drawn(record: LanesRecord, figure: FigureKind, model: str) -> Figure:
    if isinstance(figure, ModelFigure):
        return figure.draw(record, model)
    return figure.draw(record)


def _palette_of(pictures: Sequence[Image]) -> Image:
    """The most frequent colours of pictures, exactly: white paper stays white."""
    pixels = np.concatenate([np.asarray(picture).reshape(-1, 3) for picture in pictures])
    colours, counts = np.unique(pixels @ np.array([1 << 16, 1 << 8, 1]), return_counts=True)
    chosen = colours[np.argsort(-counts, kind="stable")[:COLOURS]]
    palette = PIL.Image.new("P", (1, 1))
    palette.putpalette(b"".join(int(colour).to_bytes(3, "big") for colour in chosen))
    return palette


def _picture(figure: Figure) -> Image:
    buffer = io.BytesIO()
    with house_style():
        figure.savefig(buffer, format="png", dpi=DOTS_PER_INCH)
    return PIL.Image.open(buffer).convert("RGB")
