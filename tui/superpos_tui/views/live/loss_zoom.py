"""How the loss panel zooms: windows within all of it."""

from superpos_tui.drawing.palette import Palette
from superpos_tui.scene import Scene
from superpos_tui.selection import Change
from superpos_tui.views.live.loss_chart import LossChart
from superpos_tui.views.live.loss_curves import LossCurves
from superpos_tui.views.live.state import LiveState, LossWindow, ShowLossWindow
from superpos_tui.views.panel import Cell, Zoom

FACTOR = 1.5
"""One step of the wheel or of a key."""
PAN = 0.25
"""The share of the window by which it is moved."""
CLOSEST = 1 / 200
"""The smallest window, as a share of the whole on either axis."""


def _at(
    scene: Scene, width: int, height: int, at: Cell | None, steps: int, palette: Palette
) -> Change | None:
    """Zoom around a cell, else around the middle."""
    chart = LossChart.of(scene, width, height)
    if chart is None:
        return None
    whole, now = chart.curves.whole, chart.window
    if at is not None and chart.plot.area.contains(*at):
        x, y = chart.plot.position_at(*at)
    else:
        x, y = (now.left + now.right) / 2, (now.bottom + now.top) / 2
    factor = FACTOR**-steps
    left, right = _around(x, (now.left, now.right), factor, (whole.left, whole.right))
    bottom, top = _around(y, (now.bottom, now.top), factor, (whole.bottom, whole.top))
    return _change(now, LossWindow(left, right, bottom, top), whole)


def _onto(
    scene: Scene, width: int, height: int, start: Cell, end: Cell, palette: Palette
) -> Change | None:
    """Show what lies between two cells."""
    chart = LossChart.of(scene, width, height)
    if chart is None or not chart.plot.area.contains(*start):
        return None
    whole, now = chart.curves.whole, chart.window
    (x, y), (other_x, other_y) = (chart.plot.position_at(*cell) for cell in (start, end))
    left, right = _between(x, other_x, (whole.left, whole.right))
    bottom, top = _between(y, other_y, (whole.bottom, whole.top))
    return _change(now, LossWindow(left, right, bottom, top), whole)


def _pan(scene: Scene, right: int, down: int) -> Change | None:
    now = scene.options.of(LiveState).window
    if now is None:
        return None
    whole = LossCurves(scene).whole
    left, new_right = _moved((now.left, now.right), right * PAN, (whole.left, whole.right))
    bottom, top = _moved((now.bottom, now.top), -down * PAN, (whole.bottom, whole.top))
    return ShowLossWindow(LossWindow(left, new_right, bottom, top))


def _whole(scene: Scene) -> Change | None:
    return None if scene.options.of(LiveState).window is None else ShowLossWindow(None)


Range = tuple[float, float]


def _around(centre: float, now: Range, factor: float, whole: Range) -> Range:
    """A range scaled around one of its positions, within the whole."""
    centre = min(max(centre, now[0]), now[1])
    span = max((now[1] - now[0]) * factor, CLOSEST * (whole[1] - whole[0]))
    share = (centre - now[0]) / (now[1] - now[0])
    return _moved((centre - share * span, centre + (1 - share) * span), 0, whole)


def _between(one: float, other: float, whole: Range) -> Range:
    """The range between two positions, within the whole, and not too small."""
    low, high = min(one, other), max(one, other)
    room = max(CLOSEST * (whole[1] - whole[0]) - (high - low), 0) / 2
    return _moved((low - room, high + room), 0, whole)


def _moved(now: Range, share: float, whole: Range) -> Range:
    """A range moved by a share of its span, but not beyond the whole."""
    span = min(now[1] - now[0], whole[1] - whole[0])
    low = min(max(now[0] + share * span, whole[0]), whole[1] - span)
    return low, low + span


def _change(now: LossWindow, new: LossWindow, whole: LossWindow) -> Change | None:
    """The change to a window; ``None`` if it is shown already."""
    if new == now:
        return None
    is_whole = new.right - new.left >= whole.right - whole.left - 1e-9
    is_whole = is_whole and new.top - new.bottom >= whole.top - whole.bottom - 1e-9
    return ShowLossWindow(None if is_whole else new)


LOSS_ZOOM = Zoom(_at, _whole, _pan, _onto)
