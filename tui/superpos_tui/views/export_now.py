"""Export from inside the program: everything of one moment, in a folder of its own."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from superpos_core.errors import InvalidValue
from superpos_core.figures.drawing import FiguresMissing, attempt
from superpos_core.files import run_folder
from superpos_core.files.export import export
from superpos_core.record.snapshot import Snapshot
from superpos_tui.scene import Scene
from superpos_tui.views.view import View

OnFrame = Callable[[int, int], None]


@dataclass(frozen=True)
class Written:
    """Where an export went, how many files it wrote, and what it could not draw, line by line."""

    folder: Path
    files: int
    missing: tuple[str, ...] = ()


def folder_name(snapshot: Snapshot) -> str:
    """Such as ``superpos-twenty-0-step-4200``: what was trained, from which seed, how far."""
    step = max((cohort.step for cohort in snapshot.cohorts.values()), default=0)
    return f"superpos-{snapshot.config.name}-{snapshot.config.seed}-step-{step}"


def export_now(
    scene: Scene,
    view: View,
    parent: Path,
    formats: tuple[str, ...],
    on_file: Callable[[], None] = lambda: None,
) -> Written:
    """Write the moment looked at below ``parent``; raises as ``export`` does.

    That is figures, numbers and weights of all lanes, and the view's own figure where it shows
    something that is not of the whole run. The folder is that of this moment of this run, or a new
    one. ``on_file`` is called after each file, and may raise to end it.
    """
    snapshot = scene.snapshot_shown
    folder = run_folder.folder_for(snapshot, parent, folder_name(snapshot))
    files, missing = 0, list[str]()
    try:
        for _ in export(snapshot, folder, formats, snapshot.seconds_training):
            files += 1
            on_file()
    except FiguresMissing as figures:
        missing += figures.lines
    if view.draw_figure is not None and snapshot.cohorts:
        drawn = attempt(view.name, partial(view.draw_figure, scene), formats)
        files += len(run_folder.write_beside(folder, view.name, drawn.contents))
        missing += FiguresMissing([drawn]).lines if drawn.failure else []
    return Written(folder, files, tuple(missing))


def film_now(scene: Scene, view: View, parent: Path, on_frame: OnFrame) -> Path:
    """Write the timeline of the model in focus as an animated GIF; the path of the film."""
    from superpos_core.figures.film import film
    from superpos_core.figures.registry import FIGURES

    snapshot = scene.snapshot
    if not snapshot.cohorts:
        reason = "a phase diagram keeps no moments of its cells"
        raise InvalidValue("film", snapshot.config.name, reason, "a cell (enter), and film that")
    content = film(snapshot, FIGURES[view.film], scene.focus.model, on_frame)
    folder = run_folder.folder_for(snapshot, parent, folder_name(snapshot))
    stem = f"film-{view.film}-{scene.focus.model}"
    (path,) = run_folder.write_beside(folder, stem, {"gif": content})
    return path
