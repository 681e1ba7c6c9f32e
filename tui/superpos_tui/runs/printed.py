"""The list of runs in print: an aligned table, or JSON."""

from collections.abc import Mapping, Sequence
from typing import Any

from superpos_core.files.runs.listing import setting_of
from superpos_core.files.storage import strict_json
from superpos_tui.drawing.text_lines import cut
from superpos_tui.runs.columns import option_name
from superpos_tui.runs.placing import placing_of
from superpos_tui.runs.table import BY_NAME, Row, Table, arranged


def text_of(table: Table, width: int | None = None) -> str:
    """The table in lines, by name: all columns, or those that fit into ``width``."""
    everything = sum(table.widths) + 2 * len(table.widths)
    placing = placing_of(table, everything if width is None else width, "")
    heads = [placed.column.title for placed in placing.columns]
    rows = [
        [row.texts[placed.index] for placed in placing.columns]
        for row in arranged(table, table.rows, BY_NAME)
    ]
    lines = []
    for texts in (heads, *rows):
        cells = [
            _cell(text, placed.width, at_right=placed.column.at_right)
            for text, placed in zip(texts, placing.columns, strict=True)
        ]
        lines.append("  ".join(cells).rstrip())
    return "\n".join([*lines, *_remarks(table, placing.settings_hidden)])


def _remarks(table: Table, settings_hidden: int) -> list[str]:
    remarks = []
    if settings_hidden:
        what = "setting differs" if settings_hidden == 1 else "settings differ"
        remarks.append(f"{settings_hidden} more {what}: a wider terminal, or --json, shows all")
    if table.listing.left_out:
        remarks.append(f"folders left out: {table.listing.left_out}")
    return remarks


def _cell(text: str, width: int, *, at_right: bool) -> str:
    return cut(text, width).rjust(width) if at_right else cut(text, width).ljust(width)


def json_of(table: Table) -> str:
    """The list as strict JSON, an interface whose keys are never renamed.

    - ``runs``, by name, one object each: ``path``, ``name``, ``experiment``, ``state``
      (``training``, ``paused``, ``silent``, ``finished``, ``stopped`` or ``failed``), ``reason``
      (why it failed), ``step``, ``steps``, ``share_done`` (from 0 to 1), ``alive`` (the last sign
      of life, in seconds since 1970), ``loss_low`` and ``loss_high`` (of its lanes),
      ``checks_passed`` and ``checks_applicable``, ``shapes`` (names), and ``settings``: those
      options, by name, in which the runs differ
    - ``without_run``, ``unreadable`` and ``newer``: how many folders are not listed, because they
      hold no run, one that cannot be read, or one of a newer version

    What is not known, or not yet, is null.
    """
    listing = table.listing
    return strict_json(
        {
            "runs": [_run(table, row) for row in arranged(table, table.rows, BY_NAME)],
            "without_run": listing.without_run,
            "unreadable": listing.unreadable,
            "newer": listing.newer,
        }
    )


def _run(table: Table, row: Row) -> Mapping[str, Any]:
    run = row.run
    low, high = run.losses or (None, None)
    passed, applicable = run.checks or (None, None)
    fields: Sequence[str] = [column.setting for column in table.settings]
    return {
        "path": str(run.path),
        "name": run.name,
        "experiment": run.experiment,
        "state": row.state,
        "reason": run.reason or None,
        "step": run.step,
        "steps": run.steps,
        "share_done": run.share_done if run.steps else None,
        "alive": run.alive,
        "loss_low": low,
        "loss_high": high,
        "checks_passed": passed,
        "checks_applicable": applicable,
        "shapes": list(run.shapes),
        "settings": {option_name(field): setting_of(run, field) for field in fields},
    }
