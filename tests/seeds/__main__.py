"""Whether every experiment passes its own checks, whatever the seed: `python tests/seeds`.

Run it with the Python of the project's environment. It trains every experiment with five seeds, or
`--seeds N`, and evaluates its checks; one line per run says how many checks passed and which were
missed, with what was observed. `--experiment WORD` selects experiments, `--quick` uses their quick
settings. It exits with 1 if any check was missed. Restarts use the seeds after the run's own; seeds
here are so far apart that no two runs share one. `--first N` starts with another seed. `--keep`
writes the observations of every check to `seen.json`, with which a test compares the texts of
experiments.
"""

import argparse
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / source) for source in ("core", "tui", ".")]

from superpos_core.experiments import EXPERIMENTS, Experiment, verdicts  # noqa: E402
from superpos_core.experiments.checks.check import Verdict  # noqa: E402  as above
from superpos_core.training.run import train  # noqa: E402

SEEDS_APART = 1000
SEEN = Path(__file__).with_name("seen.json")
"""By experiment and check, the observations in each of the kept runs."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Print one line per experiment and seed; return 1 if a check was missed, 0 otherwise."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument(
        "--experiment", default="", metavar="WORD", help="only names that contain it"
    )
    parser.add_argument("--seeds", type=int, default=5, metavar="N")
    parser.add_argument("--quick", action="store_true", help="the quick settings")
    parser.add_argument("--first", type=int, default=0, metavar="N", help="the first seed")
    parser.add_argument("--keep", action="store_true", help=f"write {SEEN.name}")
    options = parser.parse_args(arguments)
    experiments = [each for each in EXPERIMENTS.values() if options.experiment in each.name]
    seeds = range(options.first, options.first + options.seeds * SEEDS_APART, SEEDS_APART)
    found: list[Verdict] = []
    for experiment in experiments:
        runs = [report(experiment, seed, options.quick) for seed in seeds]
        found += [verdict for run in runs for verdict in run]
        if options.keep:
            keep(experiment, runs)
    passed = sum(verdict.passed is True for verdict in found)
    print(f"{passed} of {len(found)} checks passed ({passed / max(len(found), 1):.1%})")
    return int(passed < len(found))


def keep(experiment: Experiment, runs: Sequence[Sequence[Verdict]]) -> None:
    """Write the observations of an experiment's runs, replacing those kept before."""
    kept = json.loads(SEEN.read_text()) if SEEN.exists() else {}
    kept[experiment.name] = {
        verdicts_of_check[0].check: [verdict.observed for verdict in verdicts_of_check]
        for verdicts_of_check in zip(*runs, strict=True)
    }
    known = {name: kept[name] for name in EXPERIMENTS if name in kept}
    SEEN.write_text(json.dumps(known, indent=1, ensure_ascii=False) + "\n")


def report(experiment: Experiment, seed: int, quick: bool) -> list[Verdict]:
    """Train one run, print what passed and what was missed, and return the verdicts."""
    config = experiment.quick_config if quick else experiment.config
    start = time.perf_counter()
    run = train(replace(config, seed=seed))
    trained = time.perf_counter()
    found = verdicts(experiment, run.record)
    passed = sum(verdict.passed is True for verdict in found)
    print(
        f"{experiment.name:22} seed {seed:4}  passed {passed:2} of {len(found):2}  "
        f"best of {config.restarts:3}  trained in {trained - start:6.1f} s, "
        f"checked in {time.perf_counter() - trained:4.1f} s",
        flush=True,
    )
    for verdict in found:
        if verdict.passed is not True:
            print(f"    {verdict.line}", flush=True)
    return found


if __name__ == "__main__":
    sys.exit(main())
