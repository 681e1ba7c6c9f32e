"""The second line: how far the run is, its loss, and how fast it plays."""

import math
from collections.abc import Sequence

from superpos_core.experiments.expected_time import seconds_left
from superpos_core.machine.cores import usable_cores
from superpos_core.training.pacing import PACES
from superpos_tui.bars.pieces import Pieces, length_of, richest, write
from superpos_tui.bars.status import MARKS, Status
from superpos_tui.drawing.cells import Cells
from superpos_tui.drawing.numbers import age, grouped, short_loss
from superpos_tui.drawing.palette import Ink
from superpos_tui.measures.loss import loss_over_linear, recent_l0, recent_loss
from superpos_tui.scene import SPARSITY, Scene, measure_of_lane
from superpos_tui.views.needs import what_to_give

DONE, HALF_DONE, LEFT = "━", "╸", "─"
GAP = 2
"""Columns between the parts of the line."""
MIN_BAR, GOOD_BAR, MAX_PROGRESS = 6, 10, 64
"""Columns of the shortest bar, of one beside the speed, and of the longest progress."""
FULL_SPEED = "full speed"
OF_LOSS = "training "
"""What the loss is of, where there is room for everything else."""
LEFT_WIDTH = len("59 min left")


@measure_of_lane
def has_diverged(scene: Scene) -> bool:
    """Whether a weight of the lane in focus is no longer finite."""
    return not scene.parameters.has_finite_matrices


def draw(cells: Cells, y: int, status: Status) -> None:
    """Write the state, the progress and the numbers at the left edge, the speed at the right one.

    If it is narrow, first the speed is left out, then the time left, then the numbers.
    """
    state = state_of(status)
    start = 1 + length_of(state) + GAP
    if status.waiting_for:
        write(cells, 1, y, state)
        write(cells, start, y, richest(_preparations(status), cells.width - 1 - start))
        return
    numbers, speed, room = _what_fits(status, cells.width - 1 - start)
    width = min(room, MAX_PROGRESS)
    write(cells, 1, y, state)
    write(cells, start, y, _progress(status, width))
    write(cells, start + width + GAP, y, numbers)
    write(cells, cells.width - 1 - length_of(speed), y, speed)


def state_of(status: Status) -> Pieces:
    """The state and its mark, in a fixed width."""
    mark, ink = MARKS[status.state]
    return [(mark, ink), (f" {status.state_text}", Ink.TEXT)]


def _what_fits(status: Status, room: int) -> tuple[Pieces, Pieces, int]:
    """The richest numbers and speed beside a progress, and the columns that it then has."""
    least = MIN_BAR + GAP + len(_steps(status))
    good = GOOD_BAR + GAP + len(_steps(status)) + GAP + length_of(_left(status)[0])
    if status.next_keys:  # they will stand there after the run, and nothing moves then
        good = max(good, length_of(_next_keys(status)[1]))
    speeds = _speeds(status)
    for numbers in numbers_of(status):
        left = room - (GAP + length_of(numbers) if numbers else 0)
        if numbers and not status.work and left - GAP - length_of(speeds[0]) >= good + len(OF_LOSS):
            left -= len(OF_LOSS)
            return [(OF_LOSS, Ink.MUTED), *numbers], speeds[0], left - GAP - length_of(speeds[0])
        for speed in speeds:
            if left - GAP - length_of(speed) >= (least if status.work else good):
                return numbers, speed, left - GAP - length_of(speed)
        if left >= least and not status.work:
            return numbers, [], left
    return [], [], room


def _preparations(status: Status) -> list[Pieces]:
    """What is prepared, and what is still on the screen; then fewer words.

    A panel says why that takes its time.
    """
    if status.state == "failed" or status.life is not None:
        return [[(status.waiting_for, Ink.TEXT)], []]
    is_new = status.state == "loading"
    run = "the new run" if status.keeps_pictures else "the run"
    prepared: Pieces = [(f"preparing {run if is_new else status.focus.model}", Ink.WARNING)]
    before = "the run before" if is_new else "the model before"
    dimmed: Pieces = [(f" · dimmed: {before}", Ink.MUTED)] if status.keeps_pictures else []
    return [[*prepared, *dimmed], prepared, []]


# ── the progress ──────────────────────────────────────────────────────────────────────────────


def _progress(status: Status, width: int) -> Pieces:
    """A bar with the step and the time left, or what to do after the run."""
    steps: Pieces = [(_steps(status), Ink.TEXT)]
    share = _share_done(status)
    if share is None:
        return richest([_needs(status), []], width)
    if status.state == "finished" and status.next_keys:
        return richest([*_next_keys(status), steps], width)
    if not status.has_known_length:
        return steps
    gap = (" " * GAP, Ink.TEXT)
    times = [[gap, *left] for left in _left(status)]
    time = richest([*times, []], width - MIN_BAR - GAP - length_of(steps))
    bar = width - GAP - length_of([*steps, *time])
    if bar < MIN_BAR:
        return richest([steps, []], width)
    done = _done(round(2 * bar * share))
    drawn: Pieces = [(done, Ink.ACCENT), (LEFT * (bar - len(done)), Ink.FAINT)]
    return [*drawn, (" " * GAP, Ink.TEXT), *steps, *time]


def _done(halves: int) -> str:
    """The part of the bar that is done, from its length in halves of a cell."""
    return DONE * (halves // 2) + HALF_DONE * (halves % 2)


def _steps(status: Status) -> str:
    """The step, and of how many if that is known; no narrower than before."""
    scene = status.scene
    if scene is None or not scene.knows_training:
        return ""
    record = scene.snapshot.record
    if not scene.has_group:
        return f"{record.share_done:4.0%} of the {record.title}"
    if record.preparing:
        return record.preparing
    total = grouped(status.config.steps)
    taken = f"{grouped(scene.group.step):>{len(total)}}"
    return f"{taken}/{total}" if status.has_known_length else f"step {taken}"


def _share_done(status: Status) -> float | None:
    """How much of the training that the scene shows is done, from 0 to 1, if that is known."""
    scene = status.scene
    if scene is None or not scene.knows_training:
        return None
    if not scene.has_group or scene.snapshot.record.preparing:
        return scene.snapshot.record.share_done
    return min(scene.group.step / status.config.steps, 1.0)


def _needs(status: Status) -> Pieces:
    """What has to be given before more is known."""
    return [(what_to_give({SPARSITY} & status.unknown), Ink.MUTED)]


def _next_keys(status: Status) -> list[Pieces]:
    """What to do after the run, and shorter."""
    short = [(key, words.split()[0]) for key, words in status.next_keys]
    return [_keys(keys) for keys in (status.next_keys, short, short[:2])]


def _keys(keys: Sequence[tuple[str, str]]) -> Pieces:
    pieces: Pieces = []
    for key, words in keys:
        pieces += [(" · ", Ink.FAINT)] if pieces else []
        pieces += [(key, Ink.ACCENT), (f" {words}", Ink.TEXT)]
    return pieces


def _time_left(status: Status, model: str = "") -> str:
    """Such as ``12 s left``, in a fixed width; blank while that is unknown.

    Of the ``model`` if one is named, else of what the scene shows.
    """
    seconds = _seconds_left(status, model)
    text = f"{age(seconds)} left" if math.isfinite(seconds) else ""
    return f"{text:>{LEFT_WIDTH}}"


def _left(status: Status) -> list[Pieces]:
    """The time left, or which other model has how much left; then shorter."""
    return _others(status) or [[(_time_left(status), Ink.MUTED)]]


def _others(status: Status) -> list[Pieces]:
    """Of a model that has finished: which other is last, and its time left, or how far it is."""
    scene = status.scene
    if scene is None or not scene.has_group or scene.group.step < status.config.steps:
        return []
    steps = scene.snapshot.record.steps
    last = min(steps, key=lambda model: steps[model])
    if steps[last] >= status.config.steps:
        return []
    name, left = (last, Ink.ACCENT), _time_left(status, last)
    done: Pieces = [name, (f" at {steps[last] / status.config.steps:3.0%}", Ink.TEXT)]
    return [[name, (f" {left}", Ink.TEXT)], done] if left.strip() else [done]


def _seconds_left(status: Status, model: str = "") -> float:
    """How long the rest takes, of a model or of what the scene shows; infinite if nobody knows."""
    scene, pace = status.scene, status.pace or PACES["full"]
    if scene is None:
        return math.inf
    snapshot, steps = scene.snapshot, status.config.steps
    if scene.has_group:
        step = snapshot.record.steps[model] if model else scene.group.step
        return pace.seconds_left(step, steps, snapshot.steps_per_second)
    share = snapshot.record.share_done
    if not share:
        return math.inf
    # Its cells are trained one block after another: the whole time counts, not the latest rate.
    by_machine = seconds_left(status.config, usable_cores(), share, snapshot.seconds_training)
    return max(by_machine, pace.seconds_left(int(share * steps), steps, math.inf))


# ── numbers and speed ─────────────────────────────────────────────────────────────────────────


def numbers_of(status: Status) -> list[Pieces]:
    """The loss and what stands beside it; then fewer numbers, then none."""
    scene = status.scene
    if scene is None or not scene.has_group:
        return [[]]
    if scene.of(has_diverged):
        return [[("diverged", Ink.BAD)], []]
    if not scene.knows_training:
        return [[]]
    loss: Pieces = [("loss ", Ink.MUTED), (short_loss(scene.of(recent_loss)), Ink.TEXT)]
    return [[*loss, *_beside_loss(scene)], loss, []]


def _beside_loss(scene: Scene) -> Pieces:
    """The loss as a multiple of the best linear model's; of a dictionary, its L0."""
    if not scene.has_lane:
        l0 = scene.of(recent_l0)
        return [
            ("  recent L0", Ink.MUTED),
            (f"{l0:7.2f}" if math.isfinite(l0) else " " * 7, Ink.TEXT),
        ]
    ratio = scene.of(loss_over_linear)
    text = f"{min(ratio, 99.99):7.2f}" if math.isfinite(ratio) else ""
    return [(f"{text:7}", Ink.TEXT), (" × linear" if text else " " * 9, Ink.MUTED)]


def _speeds(status: Status) -> list[Pieces]:
    """The pace, the steps per second and where they are taken; then fewer of these, then none.

    What is being written takes their place.
    """
    scene = status.scene
    if status.work:
        return [[(status.work, Ink.ACCENT)]]
    if scene is None or not scene.knows_training:
        return [[]]
    rate = f"{grouped(round(scene.snapshot.steps_per_second)):>6}"
    steps: Pieces = [(f"{rate} steps/s", Ink.TEXT)]
    where: Pieces = [(f"   {scene.snapshot.engine} on {scene.snapshot.device}", Ink.MUTED)]
    pace: Pieces = []
    if status.pace is not None:
        seconds = status.pace.seconds
        text = FULL_SPEED if seconds is None else f"pace {seconds:g} s"
        pace = [(f"{text:<{len(FULL_SPEED)}}  ", Ink.MUTED)]
    return [[*pace, *steps, *where], [*pace, *steps], steps, []]
