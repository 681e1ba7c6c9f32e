"""What the two lines at the top show: the watched run, its progress, and the lane in focus."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from superpos_core.task.config import ExperimentConfig
from superpos_core.training.commands import Command, JoinModel, LeaveModel, Pause, Reseed, TurnDials
from superpos_core.training.pacing import Pace
from superpos_tui.drawing.numbers import age
from superpos_tui.drawing.palette import Ink
from superpos_tui.drawing.text_lines import one_line
from superpos_tui.process.source import Life, State
from superpos_tui.process.watched_run import WatchedRun
from superpos_tui.scene import Scene
from superpos_tui.selection import Focus

MARKS: dict[State, tuple[str, Ink]] = {
    "loading": ("◌", Ink.WARNING),
    "training": ("●", Ink.GOOD),
    "paused": ("○", Ink.WARNING),
    "finished": ("✓", Ink.GOOD),
    "failed": ("✗", Ink.BAD),
    "following": ("●", Ink.GOOD),
    "silent": ("◌", Ink.WARNING),
    "stopped": ("○", Ink.WARNING),
}
COMMANDS: dict[str, type[Command]] = {
    "next_model": JoinModel,
    "leave_model": LeaveModel,
    "pause": Pause,
    "dials": TurnDials,
    "reseed": Reseed,
}
"""What actions ask of the run, which may refuse it."""
CAN_PAUSE = frozenset[State]({"loading", "training", "paused"})
STATE_WIDTH, LIFE_WIDTH = 8, 15
"""Columns for the state, of a run that trains here and of any other, so that nothing moves."""

NEXT_ACTIONS = {
    "timeline": "replay",
    "reseed": "again",
    "gallery": "next experiment",
    "tour": "tour",
}
"""What to do after a run, by action."""


@dataclass(frozen=True)
class Status:
    """What the status lines show. ``scene`` is ``None`` until the first snapshot arrives.

    A run that does not train here has a ``life``, and no ``pace``. ``run`` is the name of the
    folder or file from which it was opened, if it was. ``next_keys`` are keys and what they do once
    the run has finished; ``work`` is what is being written now, and how far it is. ``refused`` are
    actions that the run does not take. With a rail, which lists all choices, the lines name only
    those in focus. While there is no scene, ``waiting_for`` says what has to happen before, and
    ``keeps_pictures`` whether panels still show what was there before. ``back`` is the key that
    goes back to the run of another experiment that was left for this one, and its name.
    """

    config: ExperimentConfig
    models: Sequence[str]
    focus: Focus
    state: State
    pace: Pace | None
    scene: Scene | None
    life: Life | None = None
    run: str = ""
    next_keys: Sequence[tuple[str, str]] = ()
    work: str = ""
    refused: frozenset[str] = frozenset()
    has_rail: bool = False
    waiting_for: str = ""
    keeps_pictures: bool = False
    back: tuple[str, str] | None = None

    @property
    def unknown(self) -> frozenset[str]:
        """The fields of the config that are not known."""
        return frozenset() if self.scene is None else self.scene.unknown

    @property
    def state_text(self) -> str:
        """The state in a fixed width."""
        if self.life is None or self.state != self.life.state:
            return f"{self.state:<{STATE_WIDTH}}"
        return f"{life_text(self.life):<{LIFE_WIDTH}}"

    @property
    def can_pause(self) -> bool:
        """Whether it trains here, and has not come to its end."""
        return "pause" not in self.refused and self.state in CAN_PAUSE

    @property
    def has_known_length(self) -> bool:
        """Whether it is known for how many steps the run trains."""
        return self.life is None or self.life.has_known_length


def status_of(
    watched: WatchedRun, focus: Focus, scene: Scene | None, keys: Mapping[str, str]
) -> Status:
    """The status of a run as it is watched; ``keys`` are the shown keys by action."""
    models = tuple(dict.fromkeys([*watched.config.groups, focus.model]))
    pace = watched.pace if watched.life is None else None
    path = watched.source.path
    run = "" if path is None else one_line(path.absolute().name)
    refused = frozenset(
        action for action, command in COMMANDS.items() if watched.refusal_of(command)
    )
    next_keys = tuple(
        (keys[action], words)
        for action, words in NEXT_ACTIONS.items()
        if action in keys and action not in refused
    )
    return Status(
        config=watched.config,
        models=models,
        focus=focus,
        state=watched.state,
        pace=pace,
        scene=scene,
        life=watched.life,
        run=run,
        next_keys=next_keys,
        refused=refused,
        waiting_for=watched.waiting_for if scene is None else "",
        back=_way_back(watched, keys),
    )


def _way_back(watched: WatchedRun, keys: Mapping[str, str]) -> tuple[str, str] | None:
    """The key and the name of the run that it brings back, if that is another experiment's."""
    left, snapshot = watched.left, watched.snapshot
    takes_key = snapshot is not None and snapshot.undoable > 0
    if left is None or takes_key or left.config.name == watched.config.name or "undo" not in keys:
        return None
    return keys["undo"], left.config.name


def life_text(life: Life) -> str:
    """How a run that does not train here is doing.

    >>> life_text(Life("following")), life_text(Life("following", 3)), life_text(Life("silent", 42))
    ('following', 'following · 3 s', 'silent 42 s')
    """
    if life.seconds is None:
        return life.state
    return f"{life.state}{' ' if life.state == 'silent' else ' · '}{age(life.seconds)}"
