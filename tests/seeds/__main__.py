"""Whether every experiment passes its own checks, whatever the seed: `python tests/seeds`.

Run it with the Python of the project's environment. Every experiment is trained with five seeds, or
as many as `--seeds` says, and asked for its verdicts; a line for each run says how many checks it
passed and which it missed, with what was seen. `--experiment WORD` picks experiments, `--quick`
takes their quick settings. It ends with 1 if anything was missed. Restarts take the seeds after
that of the run: seeds here are so far apart that no two runs share one. `--first N` begins with
another seed. `--keep` writes what every check saw into `seen.json`, where a test looks whether the
texts of experiments say the same.
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
"""By experiment and check, what was seen in each of the runs that were kept."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Print a line for each experiment and seed; 1 if a check was missed, 0 otherwise."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--experiment", default="", metavar="WORD", help="only those with it")
    parser.add_argument("--seeds", type=int, default=5, metavar="N")
    parser.add_argument("--quick", action="store_true", help="the quick settings")
    parser.add_argument("--first", type=int, default=0, metavar="N", help="the first seed")
    parser.add_argument("--keep", action="store_true", help=f"write {SEEN.name}")
    asked = parser.parse_args(arguments)
    experiments = [each for each in EXPERIMENTS.values() if asked.experiment in each.name]
    seeds = range(asked.first, asked.first + asked.seeds * SEEDS_APART, SEEDS_APART)
    seen = []
    for experiment in experiments:
        runs = [report(experiment, seed, asked.quick) for seed in seeds]
        seen += [verdict for run in runs for verdict in run]
        if asked.keep:
            keep(experiment, runs)
    passed = sum(verdict.passed is True for verdict in seen)
    print(f"{passed} of {len(seen)} checks passed ({passed / max(len(seen), 1):.1%})")
    return int(passed < len(seen))


def keep(experiment: Experiment, runs: Sequence[Sequence[Verdict]]) -> None:
    """Write what the runs of an experiment have seen, in the place of what was kept before."""
    kept = json.loads(SEEN.read_text()) if SEEN.exists() else {}
    kept[experiment.name] = {
        verdicts_of_check[0].check: [verdict.seen for verdict in verdicts_of_check]
        for verdicts_of_check in zip(*runs, strict=True)
    }
    known = {name: kept[name] for name in EXPERIMENTS if name in kept}
    SEEN.write_text(json.dumps(known, indent=1, ensure_ascii=False) + "\n")


def report(experiment: Experiment, seed: int, quick: bool) -> list[Verdict]:
    """Train one run, print what it passed and missed, and return what its checks have seen."""
    config = experiment.quick_config if quick else experiment.config
    began = time.perf_counter()
    run = train(replace(config, seed=seed))
    trained = time.perf_counter()
    seen = verdicts(experiment, run.record)
    passed = sum(verdict.passed is True for verdict in seen)
    print(
        f"{experiment.name:22} seed {seed:4}  passed {passed:2} of {len(seen):2}  "
        f"best of {config.restarts:3}  trained in {trained - began:6.1f} s, "
        f"checked in {time.perf_counter() - trained:4.1f} s",
        flush=True,
    )
    for verdict in seen:
        if verdict.passed is not True:
            print(f"    {verdict.line}", flush=True)
    return seen


if __name__ == "__main__":
    sys.exit(main())
