"""A snapshot as a notebook shows it: its main figure, and where the numbers come from."""

import base64
import html
import sys

from superpos_core.experiments import EXPERIMENTS, Experiment, current_name
from superpos_core.figures.drawing import draw_one, figure_names, one_line
from superpos_core.record.record import Record
from superpos_core.record.snapshot import Snapshot

PNG = "png"


def experiment_of(snapshot: Snapshot) -> Experiment | None:
    """The experiment that a run belongs to by its name, if this program knows it."""
    return EXPERIMENTS.get(current_name(snapshot.config.name))


def main_figure(record: Record, experiment: Experiment | None) -> str:
    """The name of the figure that shows a record best; empty if none applies.

    Raises any error of importing matplotlib.
    """
    return next(iter(figure_names(record, experiment)), "")


def html_of(snapshot: Snapshot, *facts: str) -> str:
    """The main figure over a line with the provenance and ``facts``; without figure, the reason."""
    line = html.escape(" · ".join([*snapshot.record.provenance, *snapshot.record.remarks, *facts]))
    picture, failure = _drawn(snapshot)
    if picture:
        source = f"data:image/png;base64,{base64.b64encode(picture).decode()}"
        return f'<img src="{source}" style="max-width: 100%"/><br/><small>{line}</small>'
    return f"<small>{line}<br/>no figure: {html.escape(failure)}</small>"


def png_of(snapshot: Snapshot) -> bytes | None:
    """The main figure as a file; ``None`` if it cannot be drawn, and ``html_of`` says why."""
    return _drawn(snapshot)[0] or None


def _drawn(snapshot: Snapshot) -> tuple[bytes, str]:
    """The main figure, or why there is none."""
    try:
        name = main_figure(snapshot.record, experiment_of(snapshot))
    except Exception as error:
        # A broken matplotlib raises anything; the reason is shown in place of the figure.
        return b"", one_line(error)
    if not name:
        return b"", "none applies to this run"
    drawn = draw_one(snapshot.record, name, [PNG])
    return drawn.contents.get(PNG, b""), drawn.failure


def let_snapshots_show_themselves() -> None:
    """Tell IPython, if it runs, how a snapshot is shown: snapshots know nothing of figures."""
    ipython = sys.modules.get("IPython")
    shell = None if ipython is None else ipython.get_ipython()
    if shell is not None:
        shell.display_formatter.formatters["text/html"].for_type(Snapshot, html_of)
