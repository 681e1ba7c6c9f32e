"""Whether the program is well behaved in every environment: `python tests/environments`.

Run it with the Python of the project's environment. It visits every world of
`tests/end_to_end/worlds.py` and `screen_worlds.py`, or those whose title contains the `--only`
word, and exits with 1 if anything went wrong in any of them.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / source) for source in ("core", "tui", ".")]

from tests.end_to_end.screen_worlds import SCREEN_WORLDS, ScreenWorld, open_in  # noqa: E402
from tests.end_to_end.worlds import COMPLAINTS, WORLDS, World, can_be_made, visit  # noqa: E402

from superpos_core.machine.cores import usable_cores  # noqa: E402  as above


def main(arguments: Sequence[str] | None = None) -> int:
    """Print one line per world, its faults below it, and a count at the end."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--only", default="", metavar="WORD", help="only titles that contain it")
    options = parser.parse_args(arguments)
    worlds = [world for world in WORLDS if options.only in world.title]
    screens = [world for world in SCREEN_WORLDS if options.only in _title(world)]
    possible = [world for world in worlds if can_be_made(world)]
    start = time.perf_counter()
    with ThreadPoolExecutor(usable_cores()) as threads:
        faults = [
            _reported(title, found)
            for titles, results in (
                ([world.title for world in possible], threads.map(_visited, possible)),
                ([_title(world) for world in screens], threads.map(_opened, screens)),
            )
            for title, found in zip(titles, results, strict=True)
        ]
    tracebacks = sum(any(COMPLAINTS.search(fault) for fault in found) for found in faults)
    faulty = sum(map(bool, faults))
    print(
        f"{len(faults)} environments, {tracebacks} tracebacks, {faulty} with a fault of any kind;"
        f" {len(worlds) - len(possible)} could not be made here;"
        f" {time.perf_counter() - start:.0f} s"
    )
    return int(faulty > 0)


def _title(world: ScreenWorld) -> str:
    return f"screen: {world.name}"


def _visited(world: World) -> Sequence[str]:
    with tempfile.TemporaryDirectory() as folder:
        return visit(world, Path(folder))


def _opened(world: ScreenWorld) -> Sequence[str]:
    with tempfile.TemporaryDirectory() as folder:
        return open_in(world, Path(folder))


def _reported(title: str, faults: Sequence[str]) -> Sequence[str]:
    print(f"{'FAULT' if faults else 'fine'}  {title}", flush=True)
    for fault in faults:
        print(f"       {fault}", flush=True)
    return faults


if __name__ == "__main__":
    sys.exit(main())
