"""Pictures as the colour-blind see them: `python3 screenshots/colour_blindness.py PICTURE.png …`.

Beside each picture it writes three more: without the cones for long (protanopia), middle
(deuteranopia) and short waves (tritanopia). Source of the matrices, which act on amounts of light:
Machado, Oliveira and Fernandes, "A Physiologically-based Model for Simulation of Color Vision
Deficiency" (2009), severity 1.0.
"""

import argparse
import sys
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / source) for source in ("", "core")]

from superpos_core.arrays import FloatArray  # noqa: E402  the line above makes it importable
from superpos_core.colours.oklab import from_linear, linear  # noqa: E402  as the line above

MATRICES: dict[str, FloatArray] = {
    "protanopia": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "deuteranopia": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
    "tritanopia": np.array(
        [
            [1.255528, -0.076749, -0.178779],
            [-0.078411, 0.930809, 0.147602],
            [0.004733, 0.691367, 0.303900],
        ]
    ),
}


def seen(srgb: FloatArray, deficiency: str) -> FloatArray:
    """Colours of shape (…, 3), from 0 to 1, as someone with this deficiency sees them."""
    return np.clip(from_linear(linear(srgb) @ MATRICES[deficiency].T), 0, 1)


def simulate(picture: Path) -> list[Path]:
    """Write the three pictures beside this PNG and return their paths."""
    from matplotlib.image import imread, imsave

    srgb = imread(picture)[..., :3].astype(float)
    paths = []
    for deficiency in MATRICES:
        path = picture.with_name(f"{picture.stem}-{deficiency}.png")
        imsave(path, seen(srgb, deficiency))
        paths.append(path)
    return paths


def main() -> None:
    """Read the command line, write the pictures and print their paths."""
    parser = argparse.ArgumentParser(prog="screenshots/colour_blindness.py", description=__doc__)
    parser.add_argument("pictures", nargs="+", type=Path, metavar="PICTURE.png")
    for picture in parser.parse_args().pictures:
        for path in simulate(picture):
            sys.stdout.write(f"{path}\n")


if __name__ == "__main__":
    main()
