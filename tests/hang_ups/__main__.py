"""Whether the instrument leaves anything behind when it has to end: `python tests/hang_ups`.

Run it with the Python of the project's environment, on Linux. It starts the instrument in separate
terminals, brings it to a phase (training, compiling, a dialog, stopped by ctrl+z …) and makes it
end in one of many ways: the terminal closed, a signal, a key, a tmux server killed. `--count N` is
the number of hang-ups, `--at-once N` how many run at a time: more than there are cores, so that all
are short of time. `--phase WORD` and `--way WORD` select some. It exits with 1 if a program was
still running after the deadline, ended with a wrong code, or left a terminal or file in a bad
state.
"""

import argparse
import os
import random
import statistics
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from itertools import count, cycle, islice
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / source) for source in ("core", "tui", ".")]
# Keep kernels compiled here out of the user's cache.
os.environ.setdefault("XDG_CACHE_HOME", str(Path(tempfile.gettempdir()) / "superpos-tests"))

from tests.hang_ups.hang_up import Outcome, hang_up  # noqa: E402  as above
from tests.hang_ups.phases import PHASES, Phase  # noqa: E402
from tests.hang_ups.ways import WAYS, Way  # noqa: E402


def main(arguments: Sequence[str] | None = None) -> int:
    """Print one table of all hang-ups; 1 if anything was left behind or wrong, 0 otherwise."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--count", type=int, default=200, metavar="N")
    parser.add_argument("--at-once", type=int, default=2 * (os.cpu_count() or 1), metavar="N")
    parser.add_argument("--deadline", type=float, default=20.0, metavar="SECONDS")
    parser.add_argument("--phase", default="", metavar="WORD", help="only phases that contain it")
    parser.add_argument("--way", default="", metavar="WORD", help="only ways that contain it")
    options = parser.parse_args(arguments)
    pairs = list(islice(cycle(_pairs(options.phase, options.way)), options.count))
    outcomes = []
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(options.at_once) as threads:
        hung_up = [
            threads.submit(_hang_up, *pair, Path(folder) / str(number), options.deadline)
            for number, pair in zip(count(), pairs)
        ]
        for done in as_completed(hung_up):
            outcomes.append(done.result())
            _report_progress(outcomes[-1], len(outcomes), len(pairs))
    _print_table(outcomes)
    left = sum(not outcome.is_gone for outcome in outcomes)
    print(f"{len(outcomes)} hang-ups, {left} left behind")
    return int(any(not outcome.is_gone or outcome.faults for outcome in outcomes))


def _pairs(phase_word: str, way_word: str) -> list[tuple[Phase, Way]]:
    """Every phase with every way that makes sense there, shuffled."""
    pairs = [
        (phase, way)
        for phase in PHASES.values()
        for way in WAYS.values()
        if phase_word in phase.name and way_word in way.name and way.suits(phase)
    ]
    random.Random(0).shuffle(pairs)
    if not pairs:
        raise SystemExit("no such phase or way")
    return pairs


def _hang_up(phase: Phase, way: Way, folder: Path, deadline: float) -> Outcome:
    folder.mkdir()
    try:
        return hang_up(phase, way, folder, deadline)
    except AssertionError as error:
        return Outcome(
            phase.name, way.name, True, 0.0, [f"never got there, {str(error).splitlines()[0]}"]
        )


def _report_progress(outcome: Outcome, done: int, of: int) -> None:
    """Print one line per faulty hang-up, at once: a long run reports early."""
    faults = [*([] if outcome.is_gone else ["left behind"]), *outcome.faults]
    if faults:
        print(f"{done} of {of}: {outcome.phase}, {outcome.way}: {'; '.join(faults)}", flush=True)


def _print_table(outcomes: Sequence[Outcome]) -> None:
    """Print one row per way to leave, and one per phase."""
    print(f"{'':26}{'tried':>6}{'left':>6}{'wrong':>7}{'median':>9}{'slowest':>9}")
    print("way")
    for way in WAYS:
        _print_row(f"  {way}", [outcome for outcome in outcomes if outcome.way == way])
    print("phase")
    for phase in PHASES:
        _print_row(f"  {phase}", [outcome for outcome in outcomes if outcome.phase == phase])


def _print_row(title: str, outcomes: Sequence[Outcome]) -> None:
    if not outcomes:
        return
    seconds = [outcome.seconds for outcome in outcomes]
    left = sum(not outcome.is_gone for outcome in outcomes)
    wrong = sum(bool(outcome.faults) for outcome in outcomes)
    print(
        f"{title:26}{len(outcomes):6}{left:6}{wrong:7}"
        f"{statistics.median(seconds):8.1f}s{max(seconds):8.1f}s"
    )


if __name__ == "__main__":
    sys.exit(main())
