"""What a rebuilding must not change: every number of every export.

`python tests/same_numbers BEFORE AFTER` compares two folders, written by `--experiment all --quick
--export` with the code before and after: weights and losses to the last bit, all numbers of
`summary.json` but those that measure time, and, for information, the bytes of the figures. An
experiment that has another name now is given as `--renamed OLD=NEW`. It ends with 1 if anything
differs or is missing.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / source) for source in ("core", "tui", ".")]

from tests.same_numbers.comparison import compared, count_equal_figures  # noqa: E402


def main(arguments: Sequence[str] | None = None) -> int:
    """Compare, print one line per experiment, and return the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("before", type=Path)
    parser.add_argument("after", type=Path)
    parser.add_argument("--renamed", action="append", default=[], metavar="OLD=NEW")
    typed = parser.parse_args(arguments)
    renamed = dict(pair.split("=") for pair in typed.renamed)
    folders = sorted(file.parent for file in typed.before.glob("*/summary.json"))
    differing = 0
    for before in folders:
        after = typed.after / renamed.get(before.name, before.name)
        differences = compared(before, after)
        equal, all_figures = count_equal_figures(before, after)
        print(
            f"{before.name:24} {'same numbers' if not differences else 'DIFFERS'}"
            f"  figures byte for byte: {equal} of {all_figures}"
        )
        for difference in differences[:10]:
            print(f"    {difference}")
        differing += bool(differences)
    print(f"{len(folders) - differing} of {len(folders)} experiments have the same numbers")
    return int(differing > 0 or not folders)


if __name__ == "__main__":
    sys.exit(main())
