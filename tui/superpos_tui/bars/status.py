"""The two lines at the top: the run and its progress; the lane in focus."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from superpos_core.task.config import ExperimentConfig
from superpos_core.task.sweeps import sweep_named
from superpos_tui.drawing.cells import Cells
from superpos_tui.drawing.drawn_view import DrawnView
from superpos_tui.drawing.glyphs import LEFT_HALF, RIGHT_HALF
from superpos_tui.drawing.numbers import age, grouped, setting_kind, setting_label, short_loss
from superpos_tui.drawing.palette import Ink, Palette
from superpos_tui.drawing.text_lines import one_line
from superpos_tui.measures.loss import loss_over_linear, recent_loss
from superpos_tui.process.source import Life, State
from superpos_tui.process.watched_run import WatchedRun
from superpos_tui.scene import SPARSITY, TRAINING, Scene, measure_of_lane
from superpos_tui.selection import Focus
from superpos_tui.views.needs import what_to_give

MARKS: dict[State, tuple[str, Ink]] = {
    "loading": ("◌", Ink.WARNING),
    "training": ("●", Ink.GOOD),
    "paused": ("○", Ink.WARNING),
    "finished": ("✓", Ink.GOOD),
    "failed": ("✗", Ink.BAD),
    "following": ("●", Ink.GOOD),
    "silent": ("◌", Ink.WARNING),
    "stopped": ("○", Ink.WARNING),
}
STATE_WIDTH, LIFE_WIDTH = 8, 15
"""Columns for the state, of a run that trains here and of any other, so that nothing moves."""
HEIGHT = 2

Pieces = list[tuple[str, int]]
_DIVERGED: Pieces = [("  diverged", Ink.BAD)]


@dataclass(frozen=True)
class Status:
    """What the status lines show. ``scene`` is ``None`` until the first snapshot arrives.

    A run that does not train here has a ``life``, and no ``pace``. ``run`` is the name of the
    folder or file from which it was opened, if it was.
    """

    config: ExperimentConfig
    models: Sequence[str]
    focus: Focus
    state: State
    pace: str
    scene: Scene | None
    life: Life | None = None
    run: str = ""

    @property
    def unknown(self) -> frozenset[str]:
        """The fields of the config that are not known."""
        return frozenset() if self.scene is None else self.scene.unknown

    @property
    def state_text(self) -> str:
        """The state in a fixed width."""
        if self.life is None or self.state != self.life.state:
            return f"{self.state:<{STATE_WIDTH}}"
        return f"{life_text(self.life):<{LIFE_WIDTH}}"


def status_of(watched: WatchedRun, focus: Focus, scene: Scene | None) -> Status:
    """The status of a run as it is watched."""
    models = tuple(dict.fromkeys([*watched.config.models, focus.model]))
    pace = watched.pace.name if watched.life is None else ""
    path = watched.source.path
    run = "" if path is None else one_line(path.absolute().name)
    return Status(watched.config, models, focus, watched.state, pace, scene, watched.life, run)


def life_text(life: Life) -> str:
    """How a run that does not train here is doing.

    >>> life_text(Life("following")), life_text(Life("following", 3)), life_text(Life("silent", 42))
    ('following', 'following · 3 s', 'silent 42 s')
    """
    if life.seconds is None:
        return life.state
    return f"{life.state}{' ' if life.state == 'silent' else ' · '}{age(life.seconds)}"


@measure_of_lane
def has_diverged(scene: Scene) -> bool:
    """Whether a weight of the lane in focus is no longer finite."""
    return not scene.parameters.has_finite_matrices


class StatusBar(DrawnView):
    """Shows the status in the available width."""

    DEFAULT_CSS = "StatusBar { height: 2; }"

    def __init__(self, palette: Palette) -> None:
        super().__init__(palette, id="status")
        self._status: Status | None = None

    def show_status(self, status: Status) -> None:
        """Show another status."""
        self._status = status
        self.redraw()

    def picture(self, width: int, height: int) -> Cells | None:
        """Two rows, once there is a status."""
        return None if self._status is None else draw(self._status, width)


def draw(status: Status, width: int) -> Cells:
    """Two rows: the run and its progress, then the choice of model and sparsity and the speed."""
    cells = Cells.blank(width, HEIGHT)
    _write_row(cells, 0, _fitting(_progress_variants(status), _run_variants(status), width)[::-1])
    _write_row(cells, 1, _fitting(_choice_variants(status, width), _speed_variants(status), width))
    return cells


def _fitting(
    essential_variants: Sequence[Pieces], optional_variants: Sequence[Pieces], width: int
) -> tuple[Pieces, Pieces]:
    """The richest variants of both groups that fit in one row; variants come richest first.

    The optional group is shortened before the essential one.
    """
    for essential in essential_variants:
        for optional in optional_variants:
            if _length(essential) + _length(optional) + 4 <= width:
                return essential, optional
    return essential_variants[-1], []


def _write_row(cells: Cells, y: int, groups: Sequence[Pieces]) -> None:
    """One group at the left edge, one at the right edge."""
    left, right = groups
    _write(cells, 1, y, left)
    _write(cells, cells.width - 1 - _length(right), y, right)


def _write(cells: Cells, x: int, y: int, pieces: Pieces) -> None:
    for text, ink in pieces:
        cells.write(x, y, text, ink)
        x += len(text)


def _length(pieces: Pieces) -> int:
    return sum(len(text) for text, _ in pieces)


def _run_variants(status: Status) -> list[Pieces]:
    config, unknown = status.config, status.unknown
    sizes = f"{config.features}→{config.hidden}"
    seed: Pieces = [("  random seed ", Ink.MUTED), (str(config.seed), Ink.TEXT)]
    title: Pieces = [("superpos-tui", Ink.ACCENT)]
    run: Pieces = [("  run ", Ink.MUTED), (status.run, Ink.TEXT)]
    name: Pieces = [
        ("  weights " if TRAINING in unknown else "  experiment ", Ink.MUTED),
        (config.name, Ink.TEXT),
    ]
    rest: Pieces = [
        ("  n→m ", Ink.MUTED),
        (sizes, Ink.TEXT),
        *([] if "seed" in unknown else seed),
    ]
    called = config.name if TRAINING in unknown else status.run or config.name
    sizes_only: Pieces = [(f"{called}  {sizes}", Ink.TEXT)]
    short = [[("superpos  ", Ink.ACCENT), *sizes_only], sizes_only]
    if not status.run or TRAINING in unknown or status.run == config.name:
        return [[*title, *name, *rest], *short]
    return [[*title, *run, *name, *rest], [*title, *run, *rest], *short]


def _progress_variants(status: Status) -> list[Pieces]:
    mark, ink = MARKS[status.state]
    state: Pieces = [(mark, ink), (f" {status.state_text}", Ink.TEXT)]
    scene = status.scene
    if scene is None:
        return [state]
    if not scene.has_lane:
        record = scene.snapshot.record
        return [[*state, (f"  {record.share_done:4.0%} of the {record.title}", Ink.TEXT)], state]
    if not scene.knows_training:
        return [[*state, *_DIVERGED], state] if scene.of(has_diverged) else [state]
    steps: Pieces = [*state, (f"  {_progress(status, scene.cohort.step)}", Ink.TEXT)]
    if scene.of(has_diverged):
        return [[*steps, *_DIVERGED], steps]
    loss = short_loss(scene.of(recent_loss))
    with_loss: Pieces = [*steps, ("  loss ", Ink.MUTED), (loss, Ink.TEXT)]
    ratio = scene.of(loss_over_linear)
    over_linear = f"{min(ratio, 99.999):6.3f}" if math.isfinite(ratio) else f"{'—':>6}"
    with_ratio: Pieces = [*with_loss, ("  L/L_linear ", Ink.MUTED), (over_linear, Ink.TEXT)]
    return [with_ratio, with_loss, steps, state]


def _progress(status: Status, step: int) -> str:
    """The step, and of how many if that is known; no narrower than before."""
    total = grouped(status.config.steps)
    taken = f"{grouped(step):>{len(total)}}"
    is_known = status.life is None or status.life.has_known_length
    return f"{taken}/{total}" if is_known else f"step {taken}"


def _choice_variants(status: Status, width: int) -> list[Pieces]:
    """All models and settings, with those in focus framed; or only those in focus."""
    everything: Pieces = []
    for model in status.models:
        everything += _choice(model, model == status.focus.model)
    settings = status.config.settings
    kind = (f"  {setting_kind(status.config)} ", Ink.MUTED)
    everything.append(kind)
    for index, setting in enumerate(settings[: width + 1]):  # more can never fit
        everything += _choice(setting_label(status.config, setting), index == status.focus.setting)
    in_focus = [*_choice(status.focus.model, True), kind]
    in_focus += _choice(setting_label(status.config, settings[status.focus.setting]), True)
    counted = [*in_focus, (f" {status.focus.setting + 1} of {len(settings)}", Ink.MUTED)]
    with_sweep = [
        *counted,
        (f"  {sweep_named(status.config.sweep).factor_of}", Ink.MUTED),
    ]
    restarts = status.config.restarts
    rank: Pieces = []
    if restarts > 1:
        best = " (best)" if status.focus.rank == 0 else ""
        rank = [(f"  seed {status.focus.rank + 1} of {restarts}{best}", Ink.TEXT)]
    if status.config.sweep_values and settings[0].instance is None:
        return [[*with_sweep, *rank], [*counted, *rank], counted, in_focus]
    return [[*everything, *rank], [*counted, *rank], counted, in_focus]


def _choice(text: str, chosen: bool) -> Pieces:
    if chosen:
        return [(RIGHT_HALF, Ink.ACCENT), (text, Ink.ACCENT), (LEFT_HALF, Ink.ACCENT)]
    return [(f" {text} ", Ink.MUTED)]


def _speed_variants(status: Status) -> list[Pieces]:
    density: Pieces = [
        ("1−S ", Ink.MUTED),
        (f"{status.config.settings[status.focus.setting].density:<5g}", Ink.TEXT),
    ]
    scene = status.scene
    if SPARSITY in status.unknown:
        return [[(what_to_give({SPARSITY}), Ink.MUTED)], []]
    if scene is None or not scene.knows_training:
        return [density, []]
    rate = f"  {grouped(round(scene.snapshot.steps_per_second)):>6}"
    spelled_out: Pieces = [*density, (f"{rate} steps/s", Ink.TEXT)]
    pace: Pieces = [(f"  pace {status.pace:<5}", Ink.MUTED)] if status.pace else []
    where: Pieces = [(f"  {scene.snapshot.engine} {scene.snapshot.device}", Ink.MUTED)]
    short: Pieces = [*density, (f"{rate}/s", Ink.TEXT)]
    return [
        [*spelled_out, *pace, *where], [*spelled_out, *where], spelled_out, short, density, []
    ]  # fmt: skip
