"""Export from inside the program: everything of one moment, in a folder of its own."""

from dataclasses import dataclass
from pathlib import Path

from superpos_core.snapshot import Snapshot


@dataclass(frozen=True)
class Written:
    """Where an export went, and how many files it wrote."""

    folder: Path
    files: int


def folder_name(snapshot: Snapshot) -> str:
    """Such as ``superpos-seed-0-step-4200``: what was trained, from which seed, how far."""
    step = max(cohort.step for cohort in snapshot.cohorts.values())
    return f"superpos-{snapshot.config.name}-{snapshot.config.seed}-step-{step}"


def export_now(snapshot: Snapshot, parent: Path, formats: tuple[str, ...]) -> Written:
    """Write figures, numbers and weights below ``parent``; raises as ``export`` does."""
    from superpos_core.export import export  # matplotlib is dear to import, and not always needed

    folder = parent / folder_name(snapshot)
    files = list(export(snapshot, folder, formats, snapshot.seconds_training))
    return Written(folder, len(files))
