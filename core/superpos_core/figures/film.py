"""A film of a run: one figure at every moment of the timeline, as an animated GIF."""

import io
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain

import matplotlib as mpl
import numpy as np
import PIL.Image
from matplotlib.figure import Figure
from PIL.Image import Dither, Image

from superpos_core.arrays import FloatArray, IntArray
from superpos_core.errors import InvalidValue
from superpos_core.figures.tools.kinds import FigureKind
from superpos_core.figures.tools.style import house_style
from superpos_core.record.record import Record

MAX_FRAMES = 60
COLOURS, EXACT = 256, 16
"""The maximum of a GIF, and how many of them are colours of the pictures, unchanged."""
DOTS_PER_INCH = 110
"""Of films whose width is not given."""
WIDTHS = range(200, 4001)
"""Widths in pixels that a film can have."""
FRAME_SECONDS = 0.12
LAST_FRAME_SECONDS = 2.0
"""The last frame stays for a while before the film repeats."""

OnFrame = Callable[[int, int], None]


def film_steps(record: Record, group: str, most: int = MAX_FRAMES) -> list[int]:
    """The steps of a film's frames: all kept moments, or ``most`` of them, evenly spaced.

    Raises ``InvalidValue`` if no moment is kept.
    """
    steps = record.groups[group].timeline.steps
    if not steps.size:
        raise InvalidValue("film", group, "no moment of it is kept yet", "a run that has started")
    indices = np.unique(np.linspace(0, steps.size - 1, min(most, steps.size)).round().astype(int))
    return [int(steps[index]) for index in indices]


def film(
    record: Record,
    figure: FigureKind,
    group: str,
    on_frame: OnFrame = lambda done, of: None,
    width: int | None = None,
) -> bytes:
    """An animated GIF of ``figure`` from the first moment to the last, repeating forever.

    ``group`` is the model, or the kind of dictionary, whose moments are shown. ``on_frame`` is
    called with the number of frames drawn and their total. ``width`` is that of the film in pixels;
    raises ``InvalidValue`` for one that is out of range, and ``TypeError`` for a figure of another
    kind of record.
    """
    if width is not None:
        check_width(width)
    steps = film_steps(record, group)
    pictures = (
        _picture(figure.frame(record.at_step(step), group), width) for step in reversed(steps)
    )
    # The last frame has the most colours, so all frames share its palette. Frames are kept with
    # it, as 60 large ones in true colour would fill the memory.
    last = next(pictures)
    palette = _palette_of([last])
    images: list[Image] = []
    for picture in chain([last], pictures):
        images.insert(0, _with_palette(picture, palette))
        on_frame(len(images), len(steps))
    seconds = [FRAME_SECONDS] * (len(images) - 1) + [LAST_FRAME_SECONDS]
    return _written(_equally_large(images, palette), seconds)


@contextmanager
def film_style() -> Iterator[None]:
    """The settings for rendering a frame.

    With hinting, text at this resolution is wider than measured, and lines would be cut off.
    """
    with house_style(), mpl.rc_context({"text.hinting": "no_hinting"}):
        yield


def check_width(width: int) -> None:
    """Raise ``InvalidValue`` for a width in pixels that a film cannot have."""
    if width not in WIDTHS:
        valid = f"a whole number from {WIDTHS[0]} to {WIDTHS[-1]}"
        raise InvalidValue("film-width", width, "out of range", valid)


def animated(pictures: Sequence[Image], seconds: Sequence[float]) -> bytes:
    """An animated GIF of equally large pictures, each shown for its seconds, repeating forever.

    All share one palette, so that nothing flickers.
    """
    palette = _palette_of(pictures)
    return _written([_with_palette(picture, palette) for picture in pictures], seconds)


def _equally_large(images: Sequence[Image], palette: FloatArray) -> list[Image]:
    """All with white added on the right and below: captions can have more lines in some frames."""
    size = max(image.width for image in images), max(image.height for image in images)
    return [
        image if image.size == size else _with_palette(_on_white(image, size), palette)
        for image in images
    ]


def _on_white(image: Image, size: tuple[int, int]) -> Image:
    paper = PIL.Image.new("RGB", size, "white")
    paper.paste(image.convert("RGB"), (0, 0))
    return paper


def _written(images: Sequence[Image], seconds: Sequence[float]) -> bytes:
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


def _palette_of(pictures: Sequence[Image]) -> FloatArray:
    """At most 256 colours of pictures, shape (colours, 3), from 0 to 255.

    The most frequent ones exactly, so that white paper stays white, and others close to all the
    rest, however rare: a colour scale is small, but has to be smooth.
    """
    found = [np.unique(_numbers(picture), return_counts=True) for picture in pictures]
    colours, positions = np.unique(np.concatenate([each for each, _ in found]), return_inverse=True)
    counts = np.bincount(positions, weights=np.concatenate([count for _, count in found]))
    order = np.argsort(-counts, kind="stable")
    if len(colours) <= COLOURS:
        return _channels(colours[order])
    exact, rest = _channels(colours[order[:EXACT]]), _channels(colours[order[EXACT:]])
    line = PIL.Image.fromarray(rest.astype(np.uint8)[None])
    spread = line.quantize(COLOURS - EXACT, kmeans=3, dither=Dither.NONE).convert("RGB")
    return np.concatenate([exact, _channels(np.unique(_numbers(spread)))])


def _with_palette(picture: Image, palette: FloatArray) -> Image:
    """The picture with the nearest colours of a palette; Pillow's are only about the nearest."""
    colours, positions = np.unique(_numbers(picture), return_inverse=True)
    channels = _channels(colours)
    # Squared distances, up to a constant of each colour.
    nearest = np.argmin(np.square(palette).sum(axis=1) - 2 * channels @ palette.T, axis=1)
    image = PIL.Image.frombytes("P", picture.size, nearest[positions].astype(np.uint8).tobytes())
    image.putpalette(palette.astype(np.uint8).tobytes())
    return image


def _numbers(picture: Image) -> IntArray:
    """One number per pixel for its colour."""
    channels = np.asarray(picture.convert("RGB"), dtype=np.int64).reshape(-1, 3)
    numbers: IntArray = channels @ np.array([1 << 16, 1 << 8, 1])
    return numbers


def _channels(numbers: IntArray) -> FloatArray:
    """Red, green and blue of such numbers, shape (count, 3), from 0 to 255."""
    return np.stack([numbers >> 16, numbers >> 8 & 255, numbers & 255], axis=1).astype(np.float64)


def _picture(figure: Figure, width: int | None) -> Image:
    dots_per_inch = DOTS_PER_INCH if width is None else width / figure.get_figwidth()
    buffer = io.BytesIO()
    with film_style():
        figure.savefig(buffer, format="png", dpi=dots_per_inch)
    return PIL.Image.open(buffer).convert("RGB")
