"""The panels. A new one is one more file with a ``PANEL`` and one more entry here."""

from superpos_tui.panels import (
    compare,
    loss,
    matrix,
    neurons,
    norms,
    weights,
)
from superpos_tui.panels.panel import Panel

PANELS: dict[str, Panel] = {panel.name: panel for panel in (matrix.PANEL, loss.PANEL, norms.PANEL)}
