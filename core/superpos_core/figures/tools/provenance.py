"""The origin of a figure's numbers, as one line."""

from superpos_core.record.record import Record
from superpos_core.version import version

NO_BREAK = "\N{NO-BREAK SPACE}"


def provenance(record: Record) -> str:
    """Experiment, sizes, seed, steps and program version, for the footer of a figure."""
    parts = (*record.provenance, f"superpos-tui {version()}", *record.remarks)
    # Lines may break between parts, but not within one.
    return f"{NO_BREAK}· ".join(part.replace(" ", NO_BREAK) for part in parts)
