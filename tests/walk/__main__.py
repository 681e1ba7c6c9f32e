"""Random walks through the instrument: `python3 tests/walk`.

Run it with the Python of the project's environment. It walks through every experiment in turn, a
few hundred actions each, up to `--actions` in total, and exits with 1 if anything went wrong. Each
fault is printed with the actions that led to it. `--seed` is the first seed, `--experiment WORD`
selects experiments, and `--terminal` walks in a terminal, with the real engine.
"""

import argparse
import asyncio
import itertools
import os
import sys
import tempfile
import time
import traceback
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / source) for source in ("core", "tui", ".")]

from tests.walk.in_terminal import TerminalWalk  # noqa: E402  as above
from tests.walk.walker import Hang, Walk  # noqa: E402

from superpos_core.experiments import EXPERIMENTS  # noqa: E402

ACTIONS_PER_WALK = 200
ACTIONS_PRINTED = 40
"""The last actions of a walk, which usually include the cause of its fault."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Walk; 1 if anything went wrong, 0 otherwise."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--actions", type=int, default=50_000, metavar="N")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="of the first walk")
    parser.add_argument("--experiment", default="", metavar="WORD", help="only names that match")
    parser.add_argument("--terminal", action="store_true", help="in a real one, with real engines")
    options = parser.parse_args(arguments)
    names = [name for name in EXPERIMENTS if options.experiment in name]
    start = time.monotonic()
    done, exceptions, hangs = 0, 0, 0
    with tempfile.TemporaryDirectory() as folder:  # where exports go
        os.chdir(folder)
        os.environ["XDG_STATE_HOME"] = os.environ["XDG_CONFIG_HOME"] = folder
        for seed in itertools.count(options.seed):
            for name in names:
                walk: Walk | TerminalWalk = (
                    TerminalWalk(name, seed, ACTIONS_PER_WALK, Path(folder))
                    if options.terminal
                    else Walk(name, seed, ACTIONS_PER_WALK)
                )
                fault = fault_of(walk)
                done += len(walk.story)
                exceptions += fault is not None and not isinstance(fault, Hang)
                hangs += isinstance(fault, Hang)
                if fault is not None:
                    report(walk, fault)
                if done >= options.actions:
                    minutes = (time.monotonic() - start) / 60
                    print(
                        f"{done:,} random actions in {minutes:.1f} min: "
                        f"{exceptions} exceptions, {hangs} hangs"
                    )
                    return int(exceptions + hangs > 0)
            print(f"seed {seed}: {done:,} actions so far", flush=True)
    return 0


def fault_of(walk: "Walk | TerminalWalk") -> BaseException | None:
    """Take a walk; return the exception that ended it, if any."""
    try:
        if isinstance(walk, TerminalWalk):
            walk.take()
        else:
            asyncio.run(walk.take())
    except Exception as fault:
        return fault
    return None


def report(walk: "Walk | TerminalWalk", fault: BaseException) -> None:
    """Print a fault and the actions that led to it."""
    print(f"\n{walk.experiment}, seed {walk.seed}, action {len(walk.story)}: {fault!r}")
    print("  " + " · ".join(walk.story[-ACTIONS_PRINTED:]))
    print("".join(traceback.format_exception(fault)[-12:]), flush=True)


if __name__ == "__main__":
    sys.exit(main())
