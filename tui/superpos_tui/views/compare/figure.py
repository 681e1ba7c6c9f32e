"""The compare view's figure in an export: the lane in focus beside its reference."""

from collections.abc import Callable

from matplotlib.figure import Figure

from superpos_core.experiments import remarked
from superpos_core.figures import compare, compare_dictionaries
from superpos_core.record.dictionaries import DictionaryRecord
from superpos_core.record.lanes import LanesRecord
from superpos_core.record.record import Record
from superpos_tui.scene import Scene
from superpos_tui.views.compare.measures import reference_scene


def draw(scene: Scene) -> Figure:
    """Draw both at their current steps; raises ``KeyError`` for a record without a figure."""
    return FIGURES[type(scene.snapshot.record)](scene.of(reference_scene), scene)


def _models(reference: Scene, now: Scene) -> Figure:
    return compare.draw_pair(*map(_model, (reference, now)))


def _model(side: Scene) -> compare.Side:
    return compare.Side(side.lanes_shown, side.focus.model, side.lane_index)


def _dictionaries(reference: Scene, now: Scene) -> Figure:
    return compare_dictionaries.draw_pair(*map(_dictionary, (reference, now)))


def _dictionary(side: Scene) -> compare_dictionaries.Side:
    record = side.snapshot_shown.record_as(DictionaryRecord)
    shown = remarked(record, side.experiment)
    return compare_dictionaries.Side(shown, side.focus.model, side.lane_index)


FIGURES: dict[type[Record], Callable[[Scene, Scene], Figure]] = {
    LanesRecord: _models,
    DictionaryRecord: _dictionaries,
}
"""For each kind of record that the view shows, of the reference and the current lane."""
