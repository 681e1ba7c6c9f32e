"""The cursor on features, clicks in panels, and the probe's switches."""

from dataclasses import replace

from superpos_core.record.phase_grid import Block
from superpos_core.record.phase_map import PhaseMap
from superpos_core.task.config import LANES
from superpos_tui.actions.experiments import ExperimentActions
from superpos_tui.actions.timeline import TimelineActions
from superpos_tui.options import Probe, Selection
from superpos_tui.views.panel_view import PanelView
from superpos_tui.views.registry import view_of_figure

ATTACKS = (0.0, 0.1, 0.3, 1.0)
"""L2 sizes of the worst-case perturbation, one after the other."""
LARGEST_VALUE = 1.5


class PointingActions(TimelineActions, ExperimentActions):
    """Point at features; switch them on and off."""

    def action_move_cursor(self, features: int, others: int) -> None:
        if not self.has_lanes("features to point at"):
            return
        selection = self.options.selection
        if selection is None:
            moved = Selection(0, 0)
        else:
            count = self.config.features
            moved = Selection(
                (selection.feature + features) % count, (selection.other + others) % count
            )
        self.look(options=replace(self.options, selection=moved))

    def action_step_out(self) -> None:
        """Out of one thing at a time, the innermost first."""
        if self.timeline_is_open:
            self.close_timeline()
        elif self.options.selection is not None:
            self.look(options=replace(self.options, selection=None))
        elif self.maximised:
            self.maximised = False
            self.apply_layout(self.size)
            self.call_after_refresh(self.redraw)

    def on_panel_view_picked(self, message: PanelView.Picked) -> None:
        pick, focus, options = message.pick, self.focus_on, self.options
        if pick.setting is not None:
            focus = replace(focus, setting=pick.setting, rank=0)
        if pick.step is not None:
            focus = replace(focus, step=pick.step)
        if pick.cell is not None:
            options = replace(options, cell=pick.cell)
        if pick.selection is not None:
            options = replace(options, selection=pick.selection)
        self.look(focus, options)
        if pick.switch:
            self.action_switch_feature()

    def on_panel_view_dragged(self, message: PanelView.Dragged) -> None:
        turn = (self.options.turn + message.degrees_across) % 360
        tilt = min(max(self.options.tilt + message.degrees_down, -90.0), 90.0)
        self.look(options=replace(self.options, turn=turn, tilt=tilt))

    # ── the phase diagram ─────────────────────────────────────────────────────────────────────

    def action_move_cell(self, rows: int, columns: int) -> None:
        if self.last_map is None:
            self.refuse("there is no phase map yet: x begins one")
            return
        height, width = self.last_map.record_as(PhaseMap).grid.shape
        row, column = self.options.cell or (height // 2 - rows, width // 2 - columns)
        cell = (min(max(row + rows, 0), height - 1), min(max(column + columns, 0), width - 1))
        self.look(options=replace(self.options, cell=cell))

    def action_open_cell(self) -> None:
        if self.last_map is None or self.options.cell is None:
            self.refuse("↑↓ ← → or a click choose a cell of the map first")
            return
        row, column = self.options.cell
        grid = self.last_map.record_as(PhaseMap).grid
        cell = replace(
            grid.config_of(Block((row,), (column,))), name=f"{grid.config.name}-cell", kind=LANES
        )
        self.start_again(cell, experiment=None)
        self.show_view(view_of_figure("geometry").name)

    # ── the probe ─────────────────────────────────────────────────────────────────────────────

    def action_switch_feature(self) -> None:
        if not self._probes():
            return
        feature = self._selected_feature()
        self._set_value(feature, 0.0 if self.options.probe.value_of(feature) else 1.0)

    def action_raise_value(self, by: float) -> None:
        if not self._probes():
            return
        feature = self._selected_feature()
        value = round(self.options.shown_probe.value_of(feature) + by, 6)
        self._set_value(feature, min(max(value, -LARGEST_VALUE), LARGEST_VALUE))

    def action_clear_probe(self) -> None:
        self.look(options=replace(self.options, probe=Probe()))

    def action_attack(self) -> None:
        if not self._probes():
            return
        probe = self.options.probe
        larger = [size for size in ATTACKS if size > probe.attack]
        self._probe(replace(probe, attack=larger[0] if larger else 0.0))

    def _probes(self) -> bool:
        """Whether there is a model to try inputs on; if not, say why not."""
        return self.scene_of_lane() is not None

    def _selected_feature(self) -> int:
        return 0 if self.options.selection is None else self.options.selection.feature

    def _set_value(self, feature: int, value: float) -> None:
        self._probe(self.options.probe.with_value(feature, value))

    def _probe(self, probe: Probe) -> None:
        self.look(options=replace(self.options, probe=probe))
