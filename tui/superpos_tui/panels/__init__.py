"""The panels. A new one is one more file with a ``PANEL`` and one more entry here."""

from superpos_tui.panels import (
    compare,
    geometry,
    hidden,
    loss,
    matrix,
    neurons,
    norms,
    probe,
    shapes,
    weights,
)
from superpos_tui.panels.panel import Panel

PANELS: dict[str, Panel] = {
    panel.name: panel
    for panel in (
        matrix.PANEL,
        loss.PANEL,
        norms.PANEL,
        shapes.PANEL,
        geometry.PANEL,
        weights.PANEL,
        neurons.PANEL,
        probe.PANEL,
        hidden.PANEL,
        compare.PANEL,
    )
}
