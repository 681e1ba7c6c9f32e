"""Remake README's moving picture of the program: `python3 screenshots/moving.py`.

Run it with the Python of the project's environment. It starts the program without a terminal, lets
the real engine train `RUN` at a pace that fills the first scene, presses the keys of `SCENES`, and
records the screen several times per second, as somebody in front of it would see it.
"""

import argparse
import asyncio
import io
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / source) for source in ("", "core", "tui")]

from PIL import Image  # noqa: E402  as the next line
from screenshots.make import NOT_OURS, TRUECOLOR_TERMINAL  # noqa: E402  as the line above allows
from screenshots.portable import portable, rasterised  # noqa: E402

from superpos_core.engine.choice import EngineChoice  # noqa: E402
from superpos_core.experiments import Trial, experiment_named  # noqa: E402
from superpos_core.figures.film import animated  # noqa: E402
from superpos_core.training.pacing import Pace  # noqa: E402
from superpos_tui.selection import Focus  # noqa: E402

if TYPE_CHECKING:
    from superpos_tui.app import SuperposApp

SIZE = (104, 30)
PIXELS_PER_CELL = 8
FRAMES_PER_SECOND = 10
LAST_FRAME_SECONDS = 1.5


@dataclass(frozen=True)
class Scene:
    """Keys pressed one after the other, and how long the screen is watched after each."""

    seconds: float
    keys: tuple[str, ...] = ()


INTRO = experiment_named("intro")
TRAINING_SECONDS = 3.0
PENTAGON = Focus("tied", setting=len(INTRO.config.settings) - 1)
SCENES = (
    Scene(TRAINING_SECONDS + 0.5),  # the pentagon forms
    Scene(0.16, ("left",) * 9),  # denser data: fewer features, until only two are left
    Scene(0.16, ("right",) * 9),
    Scene(0.5, ("6", "down", "enter")),  # the probe: what one feature drives, and the ReLU's cut
    Scene(0.12, ("shift+left",) * 5),
    Scene(0.12, ("shift+right",) * 5),
)


async def record(scenes: Sequence[Scene]) -> list[str]:
    """The screen at regular intervals, each frame as Textual's SVG."""
    from superpos_tui.app import SuperposApp  # reads the environment, which `main` sets
    from superpos_tui.settings.start import Settings

    trial = Trial(INTRO.config, INTRO)
    pace = Pace("film", "fills the first scene", seconds=TRAINING_SECONDS)
    settings = Settings(trial, EngineChoice().make, pace=pace, view="geometry", focus=PENTAGON)
    app = SuperposApp(settings)
    frames: list[str] = []
    async with app.run_test(size=SIZE):
        while app.watched.snapshot is None or not app.watched.snapshot.record.newest_step:
            await asyncio.sleep(0.02)  # the engine is loading
        for scene in scenes:
            for key in scene.keys or (None,):
                if key is not None:
                    app.simulate_key(key)
                frames += await _watch(app, scene.seconds)
    return frames


async def _watch(app: "SuperposApp", seconds: float) -> list[str]:
    """Frames of the next seconds, at least one."""
    frames = []
    for _ in range(max(1, round(seconds * FRAMES_PER_SECOND))):
        await asyncio.sleep(1 / FRAMES_PER_SECOND)
        frames.append(app.export_screenshot(title="superpos-tui", simplify=True))
    return frames


def picture(svg: str) -> Image.Image:
    """A frame as pixels."""
    png = rasterised(portable(svg), PIXELS_PER_CELL)
    return Image.open(io.BytesIO(png)).convert("RGB")


def main() -> None:
    """Read the command line, record, and write the picture."""
    parser = argparse.ArgumentParser(
        prog="screenshots/moving.py", description="Record README's moving picture of the program."
    )
    parser.add_argument(
        "--file",
        type=Path,
        default=Path(__file__).parent / "superpos-tui.gif",
        help="the animated GIF to write (default: superpos-tui.gif beside this script)",
    )
    path = parser.parse_args().file
    for name in NOT_OURS:
        os.environ.pop(name, None)
    os.environ.update(TRUECOLOR_TERMINAL)
    frames = [picture(svg) for svg in asyncio.run(record(SCENES))]
    seconds = [1 / FRAMES_PER_SECOND] * (len(frames) - 1) + [LAST_FRAME_SECONDS]
    path.write_bytes(animated(frames, seconds))
    sys.stdout.write(f"{path}: {len(frames)} frames, {sum(seconds):.1f} s\n")


if __name__ == "__main__":
    main()
