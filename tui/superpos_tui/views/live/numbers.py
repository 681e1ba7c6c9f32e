"""The numbers of the loss panel."""

from superpos_core.files.storage import loss_rows
from superpos_tui.scene import Scene
from superpos_tui.views.numbers import Numbers


def losses(scene: Scene) -> Numbers:
    """One row per kept step, one column per lane: as in the exported ``losses.csv``."""
    header, *rows = loss_rows(scene.lanes)
    return Numbers(tuple(header), rows)
