"""What the keys of the probe view do."""

from collections.abc import Mapping
from dataclasses import replace

from superpos_tui.desk.desk import Action, Desk
from superpos_tui.views.probe.state import ProbeState, input_shown

ATTACKS = (0.0, 0.1, 0.3, 1.0)
"""L2 norms of the worst-case perturbation, in the order of the key."""
MAX_VALUE = 1.5


class ProbeActions:
    """Edit the hand-made input."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.named: Mapping[str, Action] = {
            "switch_feature": self.switch_feature,
            "raise_value": self.raise_value,
            "attack": self.attack,
            "clear_probe": lambda: self._probe(ProbeState()),
        }

    def switch_feature(self) -> None:
        """Switch the selected feature on or off."""
        if self._has_model():
            self._probe(self._state.switched(self._selected))

    def raise_value(self, by: float) -> None:
        """Raise the value of the selected feature."""
        if not self._has_model():
            return
        shown = input_shown(self._desk.current.selection.options)
        value = round(shown.value_of(self._selected) + by, 6)
        value = min(max(value, -MAX_VALUE), MAX_VALUE)
        self._probe(self._state.with_value(self._selected, value))

    def attack(self) -> None:
        """Use a larger perturbation; after the largest, none."""
        if not self._has_model():
            return
        larger = [size for size in ATTACKS if size > self._state.attack]
        self._probe(replace(self._state, attack=larger[0] if larger else 0.0))

    def _has_model(self) -> bool:
        """Whether there is a model to probe; if not, say why not."""
        return self._desk.scene_of_lane() is not None

    @property
    def _state(self) -> ProbeState:
        return self._desk.current.selection.options.of(ProbeState)

    @property
    def _selected(self) -> int:
        cursor = self._desk.current.selection.options.cursor
        return 0 if cursor is None else cursor.feature

    def _probe(self, state: ProbeState) -> None:
        self._desk.current.select(self._desk.current.selection.with_state(state))
