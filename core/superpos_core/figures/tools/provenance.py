"""Where a figure's numbers come from, as one line."""

from superpos_core.record.record import Record
from superpos_core.version import version

NO_BREAK = "\N{NO-BREAK SPACE}"


def provenance(record: Record) -> str:
    """Experiment, sizes, seed, steps and program version, to stand small under a figure."""
    parts = (*record.provenance, f"superpos-tui {version()}", *record.remarks)
    # A line may break between parts, not within one.
    return f"{NO_BREAK}· ".join(part.replace(" ", NO_BREAK) for part in parts)
