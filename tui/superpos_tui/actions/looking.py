"""What is looked at: view, model, setting, restart, colours; no training is touched."""

from dataclasses import replace

from superpos_core.task.models import MODELS
from superpos_core.training.commands import JoinModel
from superpos_tui.instrument import Instrument
from superpos_tui.options import COLOURINGS, Focus
from superpos_tui.views.registry import VIEWS

STEEPEST = 90.0


class LookingActions(Instrument):
    """Choose what to look at."""

    def action_view(self, name: str) -> None:
        self.show_view(name)

    def action_next_view(self) -> None:
        self._open_view(1)

    def action_previous_view(self) -> None:
        self._open_view(-1)

    def _open_view(self, direction: int) -> None:
        names = list(VIEWS)
        self.show_view(names[(names.index(self.view_name) + direction) % len(names)])

    def action_next_model(self) -> None:
        self._look_at_model(1)

    def action_previous_model(self) -> None:
        self._look_at_model(-1)

    def _look_at_model(self, direction: int) -> None:
        names = list(MODELS)
        self.look_at_model(names[(names.index(self.focus_on.model) + direction) % len(names)])

    def look_at_model(self, model: str) -> None:
        """Look at a model; one that does not train yet joins. A map is of one model only."""
        if not self.has_lanes("models to choose from"):
            return
        if model in self.config.models or self.ask(JoinModel(model)):
            self.look(replace(self.focus_on, model=model, rank=0, step=None))

    def action_sparser(self) -> None:
        self.look_at_setting(self.focus_on.setting + 1)

    def action_denser(self) -> None:
        self.look_at_setting(self.focus_on.setting - 1)

    def look_at_setting(self, setting: int) -> None:
        """Look at a setting of the experiment; the ends are ends. A map shows all of its own."""
        if not self.has_lanes("single settings to look at"):
            return
        setting = min(max(setting, 0), len(self.config.settings) - 1)
        self.look(replace(self.focus_on, setting=setting, rank=0))

    def action_next_seed(self) -> None:
        if not self.has_lanes("single seeds to look at"):
            return
        if self.config.restarts == 1:
            self.refuse("each setting has one seed: --restarts 8 trains eight")
            return
        self.look(replace(self.focus_on, rank=(self.focus_on.rank + 1) % self.config.restarts))

    def action_next_colouring(self) -> None:
        place = (COLOURINGS.index(self.options.colouring) + 1) % len(COLOURINGS)
        self.look(options=replace(self.options, colouring=COLOURINGS[place]))

    def action_turn(self, degrees: float) -> None:
        self.look(options=replace(self.options, turn=(self.options.turn + degrees) % 360))

    def action_tilt(self, degrees: float) -> None:
        tilt = min(max(self.options.tilt + degrees, -STEEPEST), STEEPEST)
        self.look(options=replace(self.options, tilt=tilt))

    def action_pin(self) -> None:
        scene = self.scene_of_lane()
        if scene is None:
            return
        pinned = replace(self.focus_on, step=scene.step)
        self.look(options=replace(self.options, reference=pinned))
        self.notify(self._pinned(pinned), title="pinned, to compare with", timeout=3)

    def _pinned(self, focus: Focus) -> str:
        sparsity = self.config.settings[focus.setting].sparsity
        return f"{focus.model}, S {sparsity:g}, step {focus.step:,}"

    def action_toggle_log(self) -> None:
        self.look(options=replace(self.options, log_loss=not self.options.log_loss))

    def action_toggle_split(self) -> None:
        self.look(options=replace(self.options, split_norms=not self.options.split_norms))
