"""Export from inside the program: everything at one moment, in its own folder."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from superpos_core.errors import InvalidValue
from superpos_core.experiments import remarked
from superpos_core.figures.drawing import FiguresMissing, attempt
from superpos_core.files import run_folder
from superpos_core.files.export import export
from superpos_core.files.formats import figure_formats
from superpos_core.record.snapshot import Snapshot
from superpos_tui.scene import Scene
from superpos_tui.views.view import View

OnFrame = Callable[[int, int], None]


@dataclass(frozen=True)
class Written:
    """Where an export went, and how many files it wrote.

    ``of_view`` is the file of the open view's figure, if there is one, and ``others`` are the
    other figures' names. ``missing`` says what could not be drawn, line by line.
    """

    folder: Path
    files: int
    of_view: str = ""
    others: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """What was written where, and which file is which figure."""
        named = [f"this view: {self.of_view}"] if self.of_view else []
        if self.others:
            named.append(f"{'others' if named else 'figures'}: {', '.join(self.others)}")
        return "\n".join([f"{self.files} files in {self.folder}", *named])


def folder_name(snapshot: Snapshot) -> str:
    """Such as ``superpos-twenty-0-step-4200``: the experiment, its seed and its step, if known."""
    config, step, unknown = snapshot.config, snapshot.record.newest_step, snapshot.record.unknown
    seed = "" if "seed" in unknown else f"-{config.seed}"
    return f"superpos-{config.name}{seed}" + ("" if "steps" in unknown else f"-step-{step}")


def export_now(
    scene: Scene,
    view: View,
    parent: Path,
    formats: tuple[str, ...],
    on_file: Callable[[], None] = lambda: None,
    on_folder: Callable[[Path], None] = lambda folder: None,
) -> Written:
    """Export the current moment to a folder below ``parent``; raises as ``export`` does.

    It consists of figures, numbers and weights of all lanes, and the view's own figure, if it has
    one. The folder is that of this moment of this run, or a new one. ``on_folder`` is called with
    it first, and ``on_file`` after each file; that may raise to cancel.
    """
    snapshot = scene.snapshot_shown
    folder = run_folder.folder_for(snapshot, parent, folder_name(snapshot))
    on_folder(folder)
    names, missing = list[str](), list[str]()
    try:
        for path in export(
            snapshot, folder, formats, snapshot.seconds_training, experiment=scene.experiment
        ):
            names.append(path.name)
            on_file()
    except FiguresMissing as figures:
        missing += figures.lines
    own = list[Path]()
    shows = scene.has_group and view.shows(type(snapshot.record))
    if view.draw_figure is not None and shows and not view.missing(scene):
        drawn = attempt(view.name, partial(view.draw_figure, scene), figure_formats(formats))
        own = run_folder.write_beside(folder, view.name, drawn.contents)
        missing += FiguresMissing([drawn]).lines if drawn.failure else []
    pictures = [name for name in names if Path(name).suffix[1:] in formats]
    count, written = len(names) + len(own), _written_figures(scene, pictures)
    shown = next((each for each in view.figures if each in written), None)
    of_view = own[0].name if own else written.pop(shown) if shown else ""
    return Written(folder, count, of_view, tuple(sorted(written)), tuple(missing))


def _written_figures(scene: Scene, pictures: Sequence[str]) -> dict[str, str]:
    """The file of each figure among the names of pictures, that of the model in focus if any."""
    from superpos_core.figures.registry import FIGURES

    models = dict.fromkeys([scene.focus.model, *scene.config.models])
    stems = {Path(name).stem: name for name in reversed(pictures)}
    found = {
        figure.name: [stems[name] for name in figure.names(tuple(models)) if name in stems]
        for figure in FIGURES.values()
    }
    return {figure: names[0] for figure, names in found.items() if names}


def film_now(
    scene: Scene, view: View, parent: Path, on_frame: OnFrame, width: int | None = None
) -> Path:
    """Write the timeline of the model in focus as an animated GIF; return its path.

    It is the view's film, or the run's main figure if that does not apply to the run. ``width`` is
    its width in pixels, if not that of its figure in a film.
    """
    from superpos_core.figures.film import film
    from superpos_core.figures.registry import figure_of_film

    snapshot, group, name = scene.snapshot, scene.focus.model, scene.config.name
    if not scene.has_group:
        reason = f"a {snapshot.record.title} keeps no moments"
        raise InvalidValue("film", name, reason, "a run of lanes")
    if not scene.group.timeline.moments:
        raise InvalidValue("film", name, "no moments of it are kept", "another run")
    record = remarked(snapshot.record, scene.experiment)
    figure = figure_of_film(record, group, view.film)
    if figure is None:
        raise InvalidValue("film", name, "no figure can be drawn of it", "another run")
    content = film(record, figure, group, on_frame, width)
    folder = run_folder.folder_for(snapshot, parent, folder_name(snapshot))
    (stem,) = figure.names((group,))
    (path,) = run_folder.write_beside(folder, f"film-{stem}", {"gif": content})
    return path
