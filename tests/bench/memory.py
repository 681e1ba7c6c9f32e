"""The memory of one open instrument in which experiments are started one after another.

It runs without a terminal, with the default engine, and each experiment trains for a moment before
the next starts. Memory must stay flat once every kernel has been compiled.
"""

import asyncio
import re
import time
from collections.abc import Callable
from pathlib import Path

from superpos_core.engine.choice import EngineChoice
from superpos_core.experiments import EXPERIMENTS, Trial
from superpos_tui.app import SuperposApp
from superpos_tui.settings.start import Settings

STARTED = ("twenty", "intro", "correlated", "hexagon", "local-bases", "collapse", "adversarial",
         "demonstration", "k-gons", "geometry-dynamics")  # fmt: skip
SECONDS_EACH = 0.1
SECONDS_TO_START = 120.0
PRINTED_EVERY = 50


def report_on_memory(times: int) -> None:
    """Start this many experiments and print the resident memory on the way; Linux only."""
    asyncio.run(_start_repeatedly(times))


async def _start_repeatedly(times: int) -> None:
    settings = Settings(
        Trial(EXPERIMENTS["twenty"].config, EXPERIMENTS["twenty"]), EngineChoice().make
    )
    app = SuperposApp(settings)
    print(f"resident memory while {times} experiments are started one after another")
    async with app.run_test(size=(120, 40)):
        for count in range(times + 1):
            if count % PRINTED_EVERY == 0:
                print(f"  {count:6} {_megabytes():8.1f} MB", flush=True)
            name = STARTED[count % len(STARTED)]
            app.experiments.start(name)
            await _until(lambda name=name: _shows(app, name))  # type: ignore[misc]
            await asyncio.sleep(SECONDS_EACH)


def _shows(app: SuperposApp, name: str) -> bool:
    return app.watched.snapshot is not None and app.watched.snapshot.config.name == name


async def _until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + SECONDS_TO_START
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError("an experiment does not start")
        await asyncio.sleep(0.01)


def _megabytes() -> float:
    resident = re.search(r"VmRSS:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert resident is not None
    return int(resident[1]) / 1024
