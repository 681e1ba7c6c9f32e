"""A run in a notebook: trained in it, or opened from a folder or a file of weights."""

from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from superpos_core.errors import InvalidValue, lookup
from superpos_core.experiments import experiment_named
from superpos_core.files.runs.reader import RunReader
from superpos_core.files.weights.opening import open_weights
from superpos_core.notebook.pictures import experiment_of, html_of, main_figure, png_of
from superpos_core.notebook.tables import Table, losses_of, measures_of
from superpos_core.record.record import Record
from superpos_core.record.snapshot import Snapshot
from superpos_core.task.config import ExperimentConfig
from superpos_core.training.job import EngineFactory
from superpos_core.training.run import AUTOMATIC, Progress
from superpos_core.training.run import train as train_to_the_end

if TYPE_CHECKING:
    from matplotlib.figure import Figure

TABLES = {"losses": losses_of, "measures": measures_of}


@dataclass
class Run:
    """A run at its newest moment. As the last line of a cell it shows its main figure.

    One that is still being written is read again whenever it is shown, and by ``refresh``.
    """

    snapshot: Snapshot
    _reader: RunReader | None = field(default=None, repr=False)

    @property
    def record(self) -> Record:
        """All that training has produced: weights, losses and kept moments."""
        return self.snapshot.record

    def refresh(self) -> None:
        """Read what is new in the folder of the run."""
        if self._reader is not None:
            self.snapshot = _newest(self._reader) or self.snapshot

    def losses(self) -> Table:
        """The loss curves as a structured array; see ``losses_of``."""
        return losses_of(self.record)

    def measures(self) -> Table:
        """Measures of every lane as a structured array; see ``measures_of``."""
        return measures_of(self.record)

    def to_frame(self, of: str = "losses") -> Any:
        """The ``losses`` or the ``measures`` as a pandas DataFrame.

        Raises ``InvalidValue`` for another name, and ``ImportError`` without pandas, which nothing
        else needs.
        """
        table = lookup("of", TABLES, of)(self.record)
        names = table.dtype.names or ()
        return import_module("pandas").DataFrame({name: list(table[name]) for name in names})

    def figure(self, name: str = "") -> "Figure":
        """A figure by the name of its file, such as ``norms-tied``; the main one by default.

        Raises ``KeyError`` if the run has no such figure.
        """
        from superpos_core.figures.registry import draw

        return draw(self.record, name or main_figure(self.record, experiment_of(self.snapshot)))

    def _repr_html_(self) -> str:
        self.refresh()
        state = [] if self._reader is None else [self._reader.state]
        return html_of(self.snapshot, *state)

    def _repr_png_(self) -> bytes | None:
        self.refresh()
        return png_of(self.snapshot)


def train(
    what: str | ExperimentConfig,
    on_progress: Progress | None = None,
    engine: EngineFactory = AUTOMATIC,
) -> Run:
    """Train an experiment, by name, or a config to its last step; see ``training.run.train``."""
    config = experiment_named(what).config if isinstance(what, str) else what
    return Run(train_to_the_end(config, on_progress, engine))


def open_run(path: str | Path, layout: str | None = None) -> Run:
    """Open the folder of a run, also while it is written, or a file of weights.

    ``layout`` says how a file holds its weights where it leaves that open. Raises ``InvalidValue``
    for anything else, and for a run without weights so far.
    """
    path = Path(path).expanduser()
    if not path.is_dir():
        return Run(open_weights(path, layout))
    reader = RunReader(path)
    snapshot = _newest(reader)
    if snapshot is None:
        raise InvalidValue("path", path, "no weights have been written yet", "it later")
    return Run(snapshot, reader)


def _newest(reader: RunReader) -> Snapshot | None:
    """The newest snapshot, with everything that is in the folder."""
    reader.refresh()
    while reader.is_behind:
        reader.refresh()
    return reader.snapshot
