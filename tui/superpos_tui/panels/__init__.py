"""The panels. A new one is one more file with a ``PANEL`` and one more entry here."""

from superpos_tui.panels import (
    compare,
    dimensions,
    dimensions_over_lanes,
    dimensions_over_steps,
    geometry,
    hidden,
    loss,
    matrix,
    neurons,
    norms,
    phase,
    probe,
    shapes,
    strip,
    sweep,
    weights,
)
from superpos_tui.panels.panel import Panel

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
