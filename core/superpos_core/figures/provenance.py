"""Where a figure's numbers come from, as one line."""

from superpos_core.snapshot import Snapshot
from superpos_core.version import version

NO_BREAK = "\N{NO-BREAK SPACE}"


def provenance(snapshot: Snapshot) -> str:
    """Experiment, sizes, seed, steps and program version, to stand small under a figure."""
    config = snapshot.config
    taken = sorted({cohort.step for cohort in snapshot.cohorts.values()})
    steps = " and ".join(f"{step:,}" for step in taken)
    parts = [
        f"experiment {config.name}",
        f"n = {config.features} → m = {config.hidden}",
        f"seed {config.seed}",
        f"step {steps} of {config.steps:,}",
        f"superpos-tui {version()}",
    ]
    # A line may break between parts, not within one.
    return f"{NO_BREAK}· ".join(part.replace(" ", NO_BREAK) for part in parts)
