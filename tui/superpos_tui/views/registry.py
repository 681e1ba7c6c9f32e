"""The panels. A new one is one more file with a ``PANEL`` and one more entry here."""

from superpos_tui.views.compare import panel as compare
from superpos_tui.views.dimensionality import now as dimensions
from superpos_tui.views.dimensionality import over_lanes as dimensions_over_lanes
from superpos_tui.views.dimensionality import over_steps as dimensions_over_steps
from superpos_tui.views.geometry import shapes
from superpos_tui.views.geometry import spokes as geometry
from superpos_tui.views.live import loss, matrix, norms, strip
from superpos_tui.views.panel import Panel
from superpos_tui.views.phase import panel as phase
from superpos_tui.views.probe import hidden
from superpos_tui.views.probe import table as probe
from superpos_tui.views.sweep import panel as sweep
from superpos_tui.views.weights import matrices as weights
from superpos_tui.views.weights import neurons

PANELS: dict[str, Panel] = {
    panel.name: panel
    for panel in (
        matrix.PANEL,
        loss.PANEL,
        norms.PANEL,
        strip.PANEL,
        sweep.PANEL,
        shapes.PANEL,
        geometry.PANEL,
        dimensions.PANEL,
        dimensions_over_steps.PANEL,
        dimensions_over_lanes.PANEL,
        weights.PANEL,
        neurons.PANEL,
        probe.PANEL,
        hidden.PANEL,
        compare.PANEL,
        phase.PANEL,
    )
}
