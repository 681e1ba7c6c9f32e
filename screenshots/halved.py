"""Pictures for README at half their size, small enough to be kept."""

import io

import numpy as np
from PIL import Image

COLOURS = 256
"""The size of a picture's palette, which takes a third of the bytes."""
VISIBLE, MAX_VISIBLE = 4, 0.01
"""A palette is too small if it changes more than this share of the pixels by more levels than
this: colour maps would have steps."""


def halved(png: bytes) -> bytes:
    """The picture as PNG at half its size, with a palette unless that would be seen."""
    with Image.open(io.BytesIO(png)) as picture:
        half = picture.convert("RGB").reduce(2)
    with_palette = half.quantize(COLOURS, kmeans=3, dither=Image.Dither.NONE)
    change = np.abs(np.asarray(half, int) - np.asarray(with_palette.convert("RGB"), int))
    is_smooth = (change.max(axis=-1) > VISIBLE).mean() <= MAX_VISIBLE
    written = io.BytesIO()
    (with_palette if is_smooth else half).save(written, "PNG", optimize=True)
    return written.getvalue()
