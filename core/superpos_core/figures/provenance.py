"""Where a figure's numbers come from, as one line; and the versions behind it."""

from importlib.metadata import PackageNotFoundError, version

from superpos_core.snapshot import Snapshot

PROGRAM = "superpos-tui"
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
        f"{PROGRAM} {installed_version(PROGRAM)}",
    ]
    # A line may break between parts, not within one.
    return f"{NO_BREAK}· ".join(part.replace(" ", NO_BREAK) for part in parts)


def installed_version(package: str) -> str:
    """A package's version, or ``unknown`` where it runs without having been installed."""
    try:
        return version(package)
    except PackageNotFoundError:
        return "unknown"
