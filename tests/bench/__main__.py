"""How fast the engines train, compared with common alternatives: `python tests/bench`.

Run it with the Python of the project's environment, on an idle machine. All contenders of a case
take turns in each round, so that drifts of the machine's speed affect all equally; medians are
printed. `--case WORD` selects cases, `--rounds N` sets the rounds. Alternatively, `--scaling`
measures how time and memory grow with lanes and sizes, and `--instrument` how much an open
instrument slows training down, how fast it responds to keys, and how many bytes it sends, of models
and of dictionaries; `--instrument --features 4096
--hidden 64` does so in every view at that size, with the memory (other options are the program's).
`--following` measures how soon followers show a new moment, `--attaching` time and memory of
attaching to a run with a gigabyte of moments, `--listing` how soon a list of 5,000 runs is there
and how fast it is filtered, `--live` what logging to a run's folder costs a training loop of one's
own, and `--absorption N` how long N dictionaries of `absorption` take, and how many have converged.
`--memory N` starts N experiments in one instrument and prints how its memory grows.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / source) for source in ("core", "tui", ".")]

from tests.bench.cases import CASES, Case  # noqa: E402  the line above makes it importable
from tests.bench.contenders import Contender, contenders_for  # noqa: E402
from tests.bench.converging import report_on_absorption  # noqa: E402
from tests.bench.dictionaries import (  # noqa: E402
    DICTIONARY_CASES,
    DictionaryCase,
    dictionary_contenders_for,
)
from tests.bench.every_view import report_on_every_view  # noqa: E402
from tests.bench.following import report_on_attaching, report_on_following  # noqa: E402
from tests.bench.instrument import report_on_the_instrument  # noqa: E402
from tests.bench.listing import report_on_listing  # noqa: E402
from tests.bench.memory import report_on_memory  # noqa: E402
from tests.bench.own_loop import report_on_live  # noqa: E402
from tests.bench.scaling import report_on_scaling  # noqa: E402

SECONDS_PER_TURN = 0.4


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure as requested and print the results."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--case", default="", metavar="WORD", help="only cases that contain it")
    parser.add_argument("--rounds", type=int, default=5, metavar="N")
    parser.add_argument("--instrument", action="store_true", help="the open instrument instead")
    parser.add_argument("--scaling", action="store_true", help="time and memory, growing sizes")
    parser.add_argument("--following", action="store_true", help="a run written elsewhere")
    parser.add_argument("--attaching", action="store_true", help="a run with a gigabyte of moments")
    parser.add_argument("--memory", type=int, metavar="N", help="start N experiments instead")
    parser.add_argument("--absorption", type=int, metavar="N", help="N dictionaries, to the end")
    parser.add_argument("--listing", action="store_true", help="a list of 5,000 runs")
    parser.add_argument("--live", action="store_true", help="one's own training loop, logged")
    parser.add_argument("--features", type=int, metavar="N", help="… every view at this size")
    parser.add_argument("--hidden", type=int, default=64, metavar="M")
    parser.add_argument("--presses", type=int, default=40, metavar="N", help="in each view")
    options, others = parser.parse_known_args(arguments)
    if others and options.features is None:
        parser.error(f"unknown: {' '.join(others)}")
    for is_wanted, print_report in (
        (options.scaling, report_on_scaling),
        (options.following, report_on_following),
        (options.attaching, report_on_attaching),
        (options.listing, report_on_listing),
        (options.live, partial(report_on_live, options.rounds)),
    ):
        if is_wanted:
            print_report()
            return
    if options.absorption is not None:
        report_on_absorption(options.absorption)
        return
    if options.memory is not None:
        report_on_memory(options.memory)
        return
    if options.instrument and options.features is not None:
        report_on_every_view(options.features, options.hidden, options.presses, others)
        return
    if options.instrument:
        report_on_the_instrument()
        return
    report_on_cases(options.case, options.rounds)


def report_on_cases(word: str, rounds: int) -> None:
    """Compare all contenders in the cases whose name contains ``word``."""
    for case in CASES:
        if word in case.name:
            report(case, contenders_for(case), rounds)
    for dictionaries in DICTIONARY_CASES:
        if word in dictionaries.name:
            report(dictionaries, dictionary_contenders_for(dictionaries), rounds)


def report(case: Case | DictionaryCase, contenders: Sequence[Contender], rounds: int) -> None:
    """Print one line per contender: time, steps and samples per second, ratio to fused."""
    steps = {each.name: _steps_per_turn(each) for each in contenders}
    times: dict[str, list[float]] = {each.name: [] for each in contenders}
    for _ in range(rounds):
        for each in contenders:
            times[each.name].append(_seconds_per_step(each, steps[each.name]))
    medians = {name: statistics.median(values) for name, values in times.items()}
    print(f"\n{case.name}: {case.lanes} lanes, batch {case.config.batch}, {rounds} rounds")
    for name, seconds in medians.items():
        samples = case.lanes * case.config.batch / seconds
        print(
            f"  {name:34} {seconds * 1e3:10.3f} ms/step {1 / seconds:10,.0f} steps/s "
            f"{samples:14,.0f} lane-samples/s {seconds / medians['fused']:8.1f}×",
            flush=True,
        )
    for each in contenders:
        each.close()


def _steps_per_turn(contender: Contender) -> int:
    """The number of steps that take about one turn, after warming up."""
    contender.advance(1)
    seconds = _seconds_per_step(contender, 1)
    return max(1, min(20_000, round(SECONDS_PER_TURN / seconds)))


def _seconds_per_step(contender: Contender, steps: int) -> float:
    return _timed(lambda: contender.advance(steps)) / steps


def _timed(work: Callable[[], None]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
