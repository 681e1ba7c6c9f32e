"""The views, in the order of their keys. A new one is one more file and one more entry here."""

from superpos_tui.views import (
    compare,
    dimensionality,
    geometry,
    live,
    phase,
    probe,
    sweep,
    weights,
)
from superpos_tui.views.view import View

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
