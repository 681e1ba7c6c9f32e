"""Export from inside the program: everything of one moment, in a folder of its own."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from superpos_core.errors import InvalidValue
from superpos_core.figures.drawing import FiguresMissing, attempt
from superpos_core.files import run_folder
from superpos_core.files.export import export
from superpos_core.record.snapshot import Snapshot
from superpos_tui.scene import Scene

if TYPE_CHECKING:
    from matplotlib.figure import Figure

OnFrame = Callable[[int, int], None]


@dataclass(frozen=True)
class Written:
    """Where an export went, how many files it wrote, and what it could not draw, line by line."""

    folder: Path
    files: int
    missing: tuple[str, ...] = ()


def folder_name(snapshot: Snapshot) -> str:
    """Such as ``superpos-seed-0-step-4200``: what was trained, from which seed, how far."""
    step = max((cohort.step for cohort in snapshot.cohorts.values()), default=0)
    return f"superpos-{snapshot.config.name}-{snapshot.config.seed}-step-{step}"


def export_now(
    scene: Scene,
    view: str,
    parent: Path,
    formats: tuple[str, ...],
    on_file: Callable[[], None] = lambda: None,
) -> Written:
    """Write the moment looked at below ``parent``; raises as ``export`` does.

    That is figures, numbers and weights of all lanes, and the view's own figure where it shows
    something that is not of the whole run. The folder is that of this moment of this run, or a new
    one. ``on_file`` is called after each file, and may raise to end it.
    """
    snapshot = _shown(scene)
    folder = run_folder.folder_for(snapshot, parent, folder_name(snapshot))
    files, missing = 0, list[str]()
    try:
        for _ in export(snapshot, folder, formats, snapshot.seconds_training):
            files += 1
            on_file()
    except FiguresMissing as figures:
        missing += figures.lines
    if view in VIEW_FIGURES and snapshot.cohorts:
        drawn = attempt(view, partial(VIEW_FIGURES[view], scene), formats)
        files += len(run_folder.write_beside(folder, view, drawn.contents))
        missing += FiguresMissing([drawn]).lines if drawn.failure else []
    return Written(folder, files, tuple(missing))


def film_now(scene: Scene, view: str, parent: Path, on_frame: OnFrame) -> Path:
    """Write the timeline of the model in focus as an animated GIF; the path of the film."""
    from superpos_core.figures.film import film
    from superpos_core.figures.registry import FIGURES

    snapshot = scene.snapshot
    if not snapshot.cohorts:
        reason = "a phase diagram keeps no moments of its cells"
        raise InvalidValue("film", snapshot.config.name, reason, "a cell (enter), and film that")
    name = VIEW_FILMS.get(view, MAIN_FILM)
    content = film(snapshot, FIGURES[name], scene.focus.model, on_frame)
    folder = run_folder.folder_for(snapshot, parent, folder_name(snapshot))
    stem = f"film-{name}-{scene.focus.model}"
    (path,) = run_folder.write_beside(folder, stem, {"gif": content})
    return path


def _shown(scene: Scene) -> Snapshot:
    """The snapshot at the moment looked at."""
    step = scene.focus.step
    return scene.snapshot if step is None else scene.snapshot.at_step(step)


def _probe_figure(scene: Scene) -> "Figure":
    from superpos_core.figures.probe import draw_probe

    return draw_probe(_shown(scene), scene.focus.model, scene.lane_index, scene.probed.x)


def _compare_figure(scene: Scene) -> "Figure":
    from superpos_core.figures.compare import Side, draw_pair

    reference = scene.reference
    return draw_pair(
        Side(_shown(reference), reference.focus.model, reference.lane_index),
        Side(_shown(scene), scene.focus.model, scene.lane_index),
    )


VIEW_FIGURES: dict[str, Callable[[Scene], "Figure"]] = {
    "probe": _probe_figure,
    "compare": _compare_figure,
}
"""The figures of views that show more than a run: an input made by hand, a pair of lanes."""

MAIN_FILM = "gram"
VIEW_FILMS = {"geometry": "geometry", "weights": "weights"}
"""Which figure is filmed in which view; in all others the main one."""
