"""Write a run to a folder: weights, losses, summary and figures.

The folder belongs to that run (``run_folder``). Files that could not be recreated without training
come first and need no matplotlib; each figure is drawn separately.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from superpos_core.errors import InvalidValue
from superpos_core.experiments import Experiment, remarked
from superpos_core.figures.drawing import (
    EVERY_FIGURE,
    DrawFigures,
    Drawn,
    FiguresMissing,
    draw_here,
    figure_names,
    figures_left_out,
    one_line,
    possible_names,
)
from superpos_core.files import storage
from superpos_core.files.formats import SAELENS, figure_formats, parse_formats
from superpos_core.files.run_folder import check_free, claim, remove_files
from superpos_core.files.runs.layout import (
    LOSSES_FILE,
    MANIFEST_FILE,
    SAELENS_FOLDER,
    STATE_FILE,
    STATUS_FILE,
    SUMMARY_FILE,
    WEIGHTS_FILE,
)
from superpos_core.files.runs.manifest import Manifest
from superpos_core.files.runs.stored_parameters import is_read_from
from superpos_core.files.runs.writer import RUN_FILES, write_whole
from superpos_core.files.summary import summarise
from superpos_core.files.weights.saelens import check_dictionaries, write_dictionaries
from superpos_core.record.dictionaries import DictionaryRecord
from superpos_core.record.record import Record
from superpos_core.record.snapshot import Snapshot
from superpos_core.task.config import ExperimentConfig

DATA_FILES = (MANIFEST_FILE, WEIGHTS_FILE, SUMMARY_FILE, *RUN_FILES)


def export(
    snapshot: Snapshot,
    folder: Path,
    formats: Sequence[str],
    seconds_training: float,
    *,
    experiment: Experiment | None = None,
    overwrite: bool = False,
    draw: DrawFigures = draw_here,
    threads: int | None = None,
    run: str = "",
) -> Iterator[Path]:
    """Write all files of a run, one after another; yields each path once its file is complete.

    ``experiment``, if the run belongs to one, provides figures and checks. A folder that holds the
    same moment of the same run is rewritten. ``overwrite`` replaces any other run in it: its files
    are removed once the new weights are safe. ``threads`` is the number of threads that evaluate
    lanes; all available cores by default. ``run`` identifies a run that was kept in this folder
    while it trained (``RunWriter.run``): its moments, losses and state are there already.

    The format ``saelens`` also writes every dictionary of the run in the layout of SAELens.

    Raises ``InvalidValue`` at once for an unusable format and for a folder that is not writable or
    not free; ``storage.WriteError``, at once or while iterating, if writing fails; and
    ``FiguresMissing`` at the end of the iteration if some figures could not be drawn.
    """
    wanted = parse_formats(formats)
    _check_formats(snapshot.config, wanted)
    snapshot = replace(snapshot, record=remarked(snapshot.record, experiment))
    storage.prepare_folder(folder)
    if is_read_from(snapshot.record, folder):
        raise InvalidValue("export", folder, "the run is read from it", "another folder")
    held, manifest = Manifest.read(folder), Manifest.of(snapshot).naming(_data_files(wanted))
    is_kept = held is not None and bool(run) and held.run == run
    is_same = is_kept or (held is not None and held.identity == manifest.identity)
    names = _possible_files(snapshot.config, experiment, folder, wanted)
    check_free(folder, names, overwrite=overwrite or is_same)
    job = _Export(snapshot, experiment, folder, wanted, seconds_training, draw, threads, is_kept)
    if held is not None and overwrite and not is_kept:
        return job.replace(held, manifest)
    if held is None:
        claim(folder, manifest)
    return job.write(manifest if held is None else manifest.continuing(held))


def check_export(
    config: ExperimentConfig,
    folder: Path,
    formats: Sequence[str],
    *,
    experiment: Experiment | None = None,
    overwrite: bool = False,
) -> None:
    """Check, before training, that a run of ``config`` can be exported to ``folder``.

    Raises ``InvalidValue`` for a folder that is not writable or not free, and for a format that
    the run cannot have.
    """
    _check_formats(config, formats)
    storage.prepare_folder(folder)
    names = _possible_files(config, experiment, folder, formats)
    check_free(folder, names, overwrite=overwrite)


def _possible_files(
    config: ExperimentConfig, experiment: Experiment | None, folder: Path, formats: Sequence[str]
) -> list[str]:
    """The names of the files that an export may write and that may already exist."""
    data = _data_files(formats)
    endings = {f".{file_format}" for file_format in figure_formats(formats)}
    if not any(path.suffix.lower() in endings for path in folder.iterdir()):
        return data  # saves importing matplotlib, which is slow
    try:
        names = possible_names(config, experiment)
    except Exception:
        # matplotlib cannot be imported: there will be no figures, and the export reports why.
        names = []
    return [*data, *_file_names(names, figure_formats(formats))]


def _data_files(formats: Sequence[str]) -> list[str]:
    return [*DATA_FILES, *([SAELENS_FOLDER] if SAELENS in formats else [])]


def _file_names(names: Sequence[str], formats: Sequence[str]) -> list[str]:
    return [f"{name}.{file_format}" for name in names for file_format in formats]


def _check_formats(config: ExperimentConfig, formats: Sequence[str]) -> None:
    if SAELENS in formats:
        check_dictionaries(config, "formats")


@dataclass(frozen=True)
class _Export:
    """The content of an export, and how it is written."""

    snapshot: Snapshot
    experiment: Experiment | None
    folder: Path
    formats: Sequence[str]
    seconds_training: float
    draw: DrawFigures
    threads: int | None
    is_kept: bool

    def write(self, manifest: Manifest) -> Iterator[Path]:
        """Write weights, losses, summary and figures; the manifest has been written."""
        yield self.folder / MANIFEST_FILE
        storage.write_weights(self.folder / WEIGHTS_FILE, self.snapshot.record)
        yield from self._write_the_rest(manifest)

    def replace(self, old: Manifest, manifest: Manifest) -> Iterator[Path]:
        """Replace an old run, whose files are removed once the new weights are safe."""
        old.naming(manifest.files).write(self.folder)
        storage.write_weights(self.folder / WEIGHTS_FILE, self.snapshot.record)
        remove_files(self.folder, set(old.files) - {MANIFEST_FILE, WEIGHTS_FILE})
        yield manifest.write(self.folder)
        yield from self._write_the_rest(manifest)

    def _write_the_rest(self, manifest: Manifest) -> Iterator[Path]:
        yield self.folder / WEIGHTS_FILE
        formats = figure_formats(self.formats)
        names, missing = _planned(self.snapshot.record, self.experiment) if formats else ([], [])
        manifest.naming(_file_names(names, formats)).write(self.folder)
        figures = self.draw(self.snapshot.record, names, formats)
        if not self.is_kept:
            storage.write_losses(self.folder / LOSSES_FILE, self.snapshot.record)
            seconds = self.seconds_training
            write_whole(self.folder, replace(self.snapshot, seconds_training=seconds))
        for name in (LOSSES_FILE, STATE_FILE, STATUS_FILE):
            yield self.folder / name
        if SAELENS in self.formats:
            record = self.snapshot.record_as(DictionaryRecord)
            yield from write_dictionaries(self.folder / SAELENS_FOLDER, record)
        summary = summarise(
            self.snapshot,
            self.seconds_training,
            experiment=self.experiment,
            threads=self.threads,
        )
        storage.write_json(self.folder / SUMMARY_FILE, summary)
        yield self.folder / SUMMARY_FILE
        for drawn in figures:
            yield from write_drawn(drawn, self.folder)
            if drawn.failure:
                missing.append(drawn)
        if missing:
            raise FiguresMissing(missing)


def _planned(record: Record, experiment: Experiment | None) -> tuple[list[str], list[Drawn]]:
    """The names of the figures to draw, those that cannot be, and any failure to determine them."""
    try:
        return figure_names(record, experiment), figures_left_out(record, experiment)
    except Exception as error:
        return [], [Drawn(EVERY_FIGURE, failure=one_line(error))]


def write_drawn(drawn: Drawn, folder: Path) -> Iterator[Path]:
    """Write a figure's files into ``folder``; raises ``WriteError``."""
    for file_format, content in drawn.contents.items():
        path = folder / f"{drawn.name}.{file_format}"
        storage.write_bytes(path, content)
        yield path
