"""Remake README's table of experiments and its pictures: `python3 screenshots/experiments.py OUT`.

OUT is a folder written by `superpos-tui --experiment all --export OUT`, installed, so that figures
are signed with its version. The main figure of each experiment is copied into
`screenshots/experiments` at half its size; the table says how long training took in that run. Run
it with the Python of the project's environment.
"""

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / source) for source in ("", "core")]

from screenshots.halved import halved  # noqa: E402  as the line above makes it importable

from superpos_core.experiments import EXPERIMENTS, Experiment  # noqa: E402
from superpos_core.experiments.expected_time import lane_count  # noqa: E402  as the line above allows

README = ROOT / "README.md"
PICTURES = Path("screenshots/experiments")
"""Relative to the root of the checkout, as README links them."""
BEGIN, END = "<!-- experiments -->\n", "<!-- /experiments -->\n"


def main_figure(experiment: Experiment, folder: Path) -> Path:
    """The first figure that the experiment names; of two models, the one with a ReLU."""
    name = experiment.figures[0]
    models = sorted(experiment.config.models, key=lambda model: model == "linear")
    candidates = [folder / f"{name}.png", *(folder / f"{name}-{model}.png" for model in models)]
    return next(path for path in candidates if path.exists())


def duration(seconds: float) -> str:
    """Such as 0.4 s, 12 s or 1 min 40 s.

    >>> duration(0.44), duration(11.6), duration(100)
    ('0.4 s', '12 s', '1 min 40 s')
    """
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def table(summaries: dict[str, dict[str, Any]]) -> str:
    """README's table, from the ``summary.json`` of each experiment by name."""
    lines = ["| experiment | section | models | trained in | |", "| --- | --- | --- | --- | --- |"]
    for name, experiment in EXPERIMENTS.items():
        seconds = duration(summaries[name]["seconds_training"])
        lines.append(
            f"| `{name}`: {experiment.title} | {experiment.section} "
            f"| {lane_count(experiment.config):,} | {seconds} | [picture]({PICTURES}/{name}.png) |"
        )
    return "\n".join(lines) + "\n"


def make(out: Path) -> Iterator[Path]:
    """Write the pictures and README; yield each path once it is written.

    Raises ``SystemExit`` if the program that wrote ``out`` did not know its version, with which it
    signs each figure.
    """
    summaries = {
        name: json.loads((out / name / "summary.json").read_text(encoding="utf-8"))
        for name in EXPERIMENTS
    }
    if any("unknown" in each["versions"]["superpos-tui"] for each in summaries.values()):
        raise SystemExit("install superpos-tui, and export again: the figures name no version")
    (ROOT / PICTURES).mkdir(exist_ok=True)
    for name, experiment in EXPERIMENTS.items():
        path = ROOT / PICTURES / f"{name}.png"
        path.write_bytes(halved(main_figure(experiment, out / name).read_bytes()))
        yield path
    before, _, rest = README.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    README.write_text(f"{before}{BEGIN}{table(summaries)}{END}{after}", encoding="utf-8")
    yield README


def main() -> None:
    """Read the command line, make the pictures and the table, and print the paths."""
    parser = argparse.ArgumentParser(prog="screenshots/experiments.py", description=__doc__)
    parser.add_argument("out", type=Path, help="where --experiment all --export has written")
    for path in make(parser.parse_args().out):
        sys.stdout.write(f"{path}\n")


if __name__ == "__main__":
    main()
