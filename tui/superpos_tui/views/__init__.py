"""The views, in the order of their keys. A new one is one more file and one more entry here."""

from superpos_tui.views.compare import view as compare
from superpos_tui.views.dimensionality import view as dimensionality
from superpos_tui.views.geometry import view as geometry
from superpos_tui.views.live import view as live
from superpos_tui.views.phase import view as phase
from superpos_tui.views.probe import view as probe
from superpos_tui.views.sweep import view as sweep
from superpos_tui.views.view import View
from superpos_tui.views.weights import view as weights

__all__ = ["VIEWS", "View"]

VIEWS: dict[str, View] = {
    view.name: view
    for view in (
        live.VIEW,
        sweep.VIEW,
        geometry.VIEW,
        dimensionality.VIEW,
        weights.VIEW,
        probe.VIEW,
        compare.VIEW,
        phase.VIEW,
    )
}
