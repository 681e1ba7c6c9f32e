"""Trains one run in a folder, or goes on with the one that is there: to be killed."""

import sys
from dataclasses import replace
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / source) for source in ("core", "tui", ".")]

from superpos_core.engine.choice import EngineChoice  # noqa: E402  importable from here on
from superpos_core.experiments import EXPERIMENTS  # noqa: E402
from superpos_core.files.runs.layout import STATE_FILE  # noqa: E402
from superpos_core.files.runs.resuming import checkpoint_in  # noqa: E402
from superpos_core.files.runs.writer import RunWriter  # noqa: E402
from superpos_core.training.run import train  # noqa: E402

KINDS = {
    "lanes": replace(EXPERIMENTS["twenty"].config, restarts=2, steps=4000),
    "map": replace(EXPERIMENTS["phase"].quick_config, steps=200),
}


def main(kind: str, folder: Path) -> None:
    """Train in one thread, so that several of these get on with each other."""
    resumes = (folder / STATE_FILE).exists()
    if not resumes:
        # Killed before its first state, it has nothing to go on from.
        folder.mkdir(exist_ok=True)
    train(
        KINDS[kind],
        engine=EngineChoice(threads=1).make,
        journal=RunWriter(folder, resumes=resumes, overwrite=not resumes),
        checkpoint=checkpoint_in(folder) if resumes else None,
    )


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
