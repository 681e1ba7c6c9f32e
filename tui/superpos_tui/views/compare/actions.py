"""What the keys of the compare view do."""

from collections.abc import Mapping
from dataclasses import replace

from superpos_core.analysis.adversarial import REFERENCE_MODEL
from superpos_core.experiments import Trial
from superpos_core.record.snapshot import Snapshot
from superpos_core.task.models import MODELS
from superpos_core.training.commands import JoinModel
from superpos_tui.desk.desk import Action, Desk
from superpos_tui.drawing.numbers import setting_name
from superpos_tui.scene import Scene
from superpos_tui.selection import Options, first_focus
from superpos_tui.views.compare.state import CompareState, PinnedRun


class CompareActions:
    """Pin the current lane, or compare with the linear model."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.named: Mapping[str, Action] = {
            "pin": self.pin,
            "pin_run": self.pin_run,
            "compare_with_linear": self.compare_with_linear,
        }

    def pin(self) -> None:
        """Pin the current lane and step as the reference for comparison."""
        scene = self._desk.scene_of_group()
        if scene is None:
            return
        selection = self._desk.current.selection
        pinned = replace(selection.focus, step=scene.step)
        path = self._desk.watched.source.path
        trial = Trial(scene.config, scene.experiment)
        run = None if path is None else PinnedRun(path.name, trial, scene.snapshot)
        self._desk.current.select(selection.with_state(CompareState(pinned, run)))
        self._desk.notify(_in_words(scene), title="pinned for comparison")

    def pin_run(self, name: str, trial: Trial, snapshot: Snapshot) -> bool:
        """Pin the first lane of another run; false, after saying why, if it cannot be compared."""
        focus = first_focus(trial)
        scene = Scene(snapshot, focus, Options(), trial.experiment)
        if not scene.has_group:
            self._desk.refuse(f"a {snapshot.record.title} is not a single model")
            return False
        watched = self._desk.watched.snapshot
        if watched is not None and watched.config.kind != trial.config.kind:
            other, shown = snapshot.record.title, watched.record.title
            self._desk.refuse(f"a {other} cannot be compared with a {shown}")
            return False
        pinned = replace(focus, step=scene.step)
        state = CompareState(pinned, PinnedRun(name, trial, snapshot))
        self._desk.current.select(self._desk.current.selection.with_state(state))
        self._desk.notify(f"{name}: {_in_words(scene)}", title="pinned for comparison")
        return True

    def compare_with_linear(self) -> None:
        """Compare with the linear model at the same setting; it joins if it does not train yet."""
        desk = self._desk
        models, focus = desk.watched.config.models, desk.current.selection.focus
        if not desk.has_models(f"linear model: {desk.keys['pin']} pins this lane, then move on"):
            return
        if focus.model == REFERENCE_MODEL:
            others = [model for model in models if model != REFERENCE_MODEL]
            if not others:
                desk.refuse(f"only the linear model is trained: {desk.keys['next_model']} adds one")
                return
            focus = replace(focus, model=others[0], rank=0, step=None)
        joins = REFERENCE_MODEL not in models
        if joins and not desk.submit(JoinModel(REFERENCE_MODEL)):
            return
        desk.show_view("compare")
        state = CompareState(joining=REFERENCE_MODEL if joins else "")
        desk.current.select(replace(desk.current.selection, focus=focus).with_state(state))
        if joins:
            desk.notify(MODELS[REFERENCE_MODEL].formula, title="the linear model joins", timeout=5)


def _in_words(scene: Scene) -> str:
    """The lane and step of a scene."""
    lane = f"{scene.focus.model}, {setting_name(scene.config, scene.setting)}"
    return f"{lane}, step {scene.step:,}" if scene.knows_training else lane
