"""Remake README's pictures of the program: `python3 screenshots/make.py`.

Run it with the Python of the project's environment. It starts the program without a terminal, lets
the real engine train each of `RUNS`, presses the keys of its shots and saves the screen as SVG and
PNG. To add a picture, add a `Shot` to a run.
"""

import argparse
import asyncio
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / source) for source in ("", "core", "tui")]

from screenshots.own_loop import Loop, followed  # noqa: E402  as the next line
from screenshots.portable import portable, rasterised  # noqa: E402  the line above makes it importable
from tests.core.live.examples import stacked_torch  # noqa: E402

from superpos_core.engine.choice import EngineChoice  # noqa: E402
from superpos_core.experiments import Trial, experiment_named  # noqa: E402
from superpos_core.task.config import ExperimentConfig  # noqa: E402
from superpos_core.training.pacing import PACES  # noqa: E402

if TYPE_CHECKING:
    from textual.pilot import Pilot

    from superpos_tui.app import SuperposApp
    from superpos_tui.settings.start import Settings


WIDE, MEDIUM = (120, 40), (80, 24)


@dataclass(frozen=True)
class Shot:
    """A picture: its subject, the size of the terminal, and the keys that lead to it.

    Keys are Textual's names, pressed after those of the previous shots.
    """

    subject: str
    keys: tuple[str, ...] = ()
    size: tuple[int, int] = WIDE

    @property
    def name(self) -> str:
        """The name of its files, without the suffix."""
        width, height = self.size
        return f"{self.subject}-{width}x{height}"


@dataclass(frozen=True)
class Run:
    """An experiment, trained once, and its shots in the order in which they are taken.

    With a ``loop`` that is followed instead, halfway through ``trial.config.steps``.
    """

    trial: Trial
    shots: tuple[Shot, ...]
    loop: Loop | None = None

    @property
    def config(self) -> ExperimentConfig:
        """The config of the trial."""
        return self.trial.config


TWENTY, INTRO, PHASE, ARENA = (
    experiment_named(name) for name in ("twenty", "intro", "phase", "arena-dictionary")
)


FEATURE_5_WITH_7 = (*("down",) * 6, *("greater_than_sign",) * 7)
"""The cursor on an antipodal pair of the run of twenty at S = 0.9."""

TWENTY_RUN = Run(
    Trial(TWENTY.config, TWENTY),
    shots=(
        Shot("live"),
        Shot("live", size=MEDIUM),
        Shot("sweep", keys=("2",)),
        Shot("dimensionality", keys=("4",)),
        Shot("timeline", keys=("1", *FEATURE_5_WITH_7, "t", *("left",) * 30)),
        Shot("probe", keys=("escape", "6", "enter")),
        Shot("compare", keys=("escape", "7", "left", "left", "p", *("right",) * 3)),
    ),
)

INTRO_RUN = Run(
    Trial(INTRO.config, INTRO),
    shots=(Shot("geometry", keys=("3", *("right",) * 9, "c", "c", "down")),),
)

NEURON_RUN = Run(
    Trial(
        ExperimentConfig(
            "neurons",
            features=10,
            hidden=5,
            models=("relu-hidden",),
            sparsities=(0.5, 0.7, 0.85, 0.92, 0.96),
            importance=0.75,
            restarts=20,
        )
    ),
    shots=(Shot("weights", keys=("5", "right", "down")),),
)

PHASE_RUN = Run(
    Trial(PHASE.quick_config, PHASE),
    shots=(Shot("phase", keys=("8", "down", "right")),),
)

DICTIONARY_RUN = Run(Trial(ARENA.quick_config, ARENA), shots=(Shot("dictionary", keys=("9",)),))

OWN_LOOP_RUN = Run(
    Trial(ExperimentConfig("mine", steps=4000)),
    shots=(Shot("own-loop", keys=("right",) * 7),),
    loop=stacked_torch.train,
)

RUNS = (TWENTY_RUN, INTRO_RUN, NEURON_RUN, PHASE_RUN, DICTIONARY_RUN, OWN_LOOP_RUN)
SHOTS = tuple(shot for run in RUNS for shot in run.shots)

DEADLINE_SECONDS = 900.0
TRUECOLOR_TERMINAL = {"TERM": "xterm-256color", "COLORTERM": "truecolor"}
NOT_OURS = ("NO_COLOR", "FORCE_COLOR", "SSH_CONNECTION", "COLUMNS", "LINES")

# ── running the program ───────────────────────────────────────────────────────────────────────


async def photograph(run: Run, steps: int | None = None) -> dict[str, str]:
    """The screen at each shot of a run, as Textual's SVG, keyed by the shot's name.

    The run is trained to its end; ``steps`` shortens it.
    """
    # These read the environment on import or construction; `main` sets it first.
    from superpos_tui.process.opened_run import OpenedRun
    from superpos_tui.settings.start import Settings

    config = replace(run.config, steps=steps or run.config.steps)
    make_engine = EngineChoice().make
    if run.loop is None:
        trial = replace(run.trial, config=config)
        settings = Settings(trial, make_engine, pace=PACES["full"])
        return await _photograph(settings, run.shots, config.steps)
    with followed(run.loop, config.steps) as reader:
        settings = Settings(Trial(reader.config), make_engine, source=OpenedRun(reader))
        return await _photograph(settings, run.shots, config.steps // 2)


async def _photograph(settings: "Settings", shots: Sequence[Shot], steps: int) -> dict[str, str]:
    from superpos_tui.app import SuperposApp

    app = SuperposApp(settings)
    pictures = {}
    async with app.run_test(size=WIDE) as pilot:
        await _until(app, steps)
        for shot in shots:
            await pilot.resize_terminal(*shot.size)
            await pilot.press(*shot.keys)
            await _until_drawn(app, pilot)
            pictures[shot.name] = app.export_screenshot(title="superpos-tui", simplify=True)
    return pictures


async def _until(app: "SuperposApp", steps: int) -> None:
    """Wait until the screen shows a run that is finished, or has come to this step."""
    async with asyncio.timeout(DEADLINE_SECONDS):
        while not _has_come_to(app, steps):
            failure = app.watched.source.failure
            if failure is not None:
                raise failure
            await asyncio.sleep(0.1)


def _has_come_to(app: "SuperposApp", steps: int) -> bool:
    snapshot = app.watched.snapshot
    if snapshot is None or app.watched.state == "finished":
        return snapshot is not None
    return app.watched.life is not None and snapshot.record.newest_step >= steps


async def _until_drawn(app: "SuperposApp", pilot: "Pilot[None]") -> None:
    """Wait until the panels that are delayed after a key are drawn; remove notifications."""
    from superpos_tui.views.panel_view import SECONDS_AFTER_A_KEY

    await pilot.pause(2 * SECONDS_AFTER_A_KEY)
    app.clear_notifications()
    await pilot.pause()


# ── the command ───────────────────────────────────────────────────────────────────────────────


def make(folder: Path, steps: int | None = None) -> Iterator[Path]:
    """Write all pictures to ``folder``; yield each path once it is written."""
    for run in RUNS:
        for name, picture in asyncio.run(photograph(run, steps)).items():
            svg = portable(picture)
            for path, content in (
                (folder / f"{name}.svg", svg.encode()),
                (folder / f"{name}.png", rasterised(svg)),
            ):
                path.write_bytes(content)
                yield path


def main() -> None:
    """Read the command line, make the pictures and print the paths."""
    parser = argparse.ArgumentParser(
        prog="screenshots/make.py",
        description="Run the program without a terminal and write pictures of it, SVG and PNG: "
        + ", ".join(shot.name for shot in SHOTS),
        epilog="It needs the project's development environment (`python3 tests` makes it).",
    )
    parser.add_argument(
        "--steps", type=int, help="training steps before the pictures (default: the experiments')"
    )
    parser.add_argument(
        "--folder", type=Path, default=Path(__file__).parent, help="output folder (default: here)"
    )
    arguments = parser.parse_args()
    for name in NOT_OURS:
        os.environ.pop(name, None)
    os.environ.update(TRUECOLOR_TERMINAL)
    for path in make(arguments.folder, arguments.steps):
        sys.stdout.write(f"{path}\n")


if __name__ == "__main__":
    main()
