"""A user without a plan: keys, clicks, drags, resizes, pastes and engine events, in any order.

A walk starts a small version of an experiment and then takes random actions, often much faster than
the instrument can respond. Any error that reaches the instrument's last line of defence counts as a
fault, although it would not end the program.
"""

import asyncio
import random
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from tests.scripted_engine import ScriptedEngine
from tests.tui.running import running
from textual import events
from textual.drivers.headless_driver import HeadlessDriver
from textual.geometry import Size
from textual.pilot import Pilot

from superpos_core.experiments import EXPERIMENTS
from superpos_core.task.config import LANES, ExperimentConfig
from superpos_core.task.lanes import HIDDEN
from superpos_core.task.models import MODELS
from superpos_core.training.dials import MAX_BRANCHES
from superpos_tui.app import SuperposApp
from superpos_tui.keys import table_of_keys
from superpos_tui.views.registry import VIEWS

KEYS = table_of_keys(VIEWS.values())

LEAVES = {"quit", "interrupt"}
WRITES = {"export", "film"}
"""Figures take seconds to draw, so these actions are rare."""
WRITING_SHARE = 0.004
KEY_NAMES = sorted(
    {name for key in KEYS if key.action not in LEAVES | WRITES for name in key.keys.split(",")}
    | {"9", "0", "h", "i", "delete", "pageup", "pagedown", "ctrl+a", "ctrl+e", "ctrl+u", "f5", "é"}
)
WRITING_KEYS = ("e", "g")
HELD = ("v", "V", "tab", "shift+tab", "m", "right", "left", "down", "up", "t", "s", "enter", "z")
"""Keys that people hold down."""
SIZES = ((1, 1), (6, 4), (39, 11), (40, 12), (60, 20), (80, 24), (120, 40), (200, 60))
PASTES = ("", "0.9", "tied,linear", "no such thing", "1e400", "\x00\x1b[A", "é" * 500)
WORKER = "trainer"
MAX_SCREENS = 3
"""The instrument, a dialog over it, and a failure over that."""
PATIENCE = 20.0
"""Seconds within which the instrument must have handled everything."""


class Hang(AssertionError):
    """The instrument stayed busy for too long."""


class Weather:
    """What the engines do next: they learn, fail, diverge, or are slow."""

    def __init__(self) -> None:
        self.now = "fair"
        self.overlaps = 0
        self._training = threading.Lock()

    def before_advance(self, steps: Mapping[str, int]) -> None:
        """Called by the engine before each slice."""
        if self.now == "fails":
            raise RuntimeError("the engine gave up")
        if not self._training.acquire(blocking=False):
            self.overlaps += 1
            return
        try:
            if self.now == "slow":
                time.sleep(0.02)
        finally:
            self._training.release()

    def loss(self, lane: object, step: int) -> float:
        """The loss of a step."""
        return float("nan") if self.now == "diverges" else 0.1 / step


WEATHERS = ("fails", "diverges", "slow", "slow", "fair", "fair")


@dataclass
class Walk:
    """One walk: ``story`` lists its actions, to help find the cause of a fault."""

    experiment: str
    seed: int
    actions: int
    story: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._random = random.Random(f"{self.experiment} {self.seed}")
        self._weather = Weather()

    async def take(self) -> None:
        """Walk; raises any error that a user would have seen."""
        with small_experiments():
            config = EXPERIMENTS[self.experiment].config
            async with running(config=config, make_engine=self._engine) as (app, pilot):
                for _ in range(self.actions):
                    await self._act(app)
                    self._check(app)
                    if app.return_code is not None:
                        return  # a click on "quit", or q in a dialog about a failure
                await self._rest(pilot)
                self._check(app)
            assert not _workers(), "a worker is left"

    def _engine(self, config: ExperimentConfig) -> ScriptedEngine:
        return ScriptedEngine(
            config, loss=self._weather.loss, before_advance=self._weather.before_advance
        )

    async def _act(self, app: SuperposApp) -> None:
        """One action, usually without a pause after it."""
        deeds: dict[Callable[[SuperposApp], str], float] = {
            self._key: 60,
            self._held_key: 6,
            self._click: 10,
            self._drag: 3,
            self._wheel: 3,
            self._resize: 3,
            self._paste: 2,
            self._leave_and_return: 1,
            self._start: 2,
            self._change_weather: 3,
            self._select_model: 2,
        }
        (deed,) = self._random.choices(list(deeds), list(deeds.values()))
        self.story.append(deed(app))
        pause = self._random.choices((None, 0.0, 0.02, 0.2), (30, 50, 18, 2))[0]
        if pause is not None:
            await asyncio.wait_for(asyncio.sleep(pause), PATIENCE)

    async def _rest(self, pilot: Pilot[None]) -> None:
        try:
            await asyncio.wait_for(pilot.pause(), PATIENCE)
        except TimeoutError:
            raise Hang("the instrument does not come to rest") from None

    def _check(self, app: SuperposApp) -> None:
        if app._exception is not None:
            raise app._exception
        if app.faults:
            raise app.faults[0]
        assert app.is_running or app.return_code is not None, "the program has ended"
        assert not self._weather.overlaps, "two workers trained at a time"
        stack = app._screen_stacks["_default"]
        assert len(stack) <= MAX_SCREENS, f"dialogs over dialogs: {stack}"
        if app.watched.snapshot is not None:
            assert app.watched.snapshot.undoable <= MAX_BRANCHES

    # ── what people do ────────────────────────────────────────────────────────────────────────

    def _key(self, app: SuperposApp) -> str:
        writes = self._random.random() < WRITING_SHARE
        name = self._random.choice(WRITING_KEYS if writes else KEY_NAMES)
        _press(app, name)
        return name

    def _held_key(self, app: SuperposApp) -> str:
        name, times = self._random.choice(HELD), self._random.randint(3, 40)
        for _ in range(times):
            _press(app, name)
        return f"{name} × {times}"

    def _click(self, app: SuperposApp) -> str:
        x, y = self._cell(app)
        times = self._random.choice((1, 1, 1, 2))
        for _ in range(times):
            app.post_message(_mouse(events.MouseDown, x, y, button=1))
            app.post_message(_mouse(events.MouseUp, x, y, button=1))
        return f"click {x},{y} × {times}"

    def _drag(self, app: SuperposApp) -> str:
        (x, y), (to_x, to_y) = self._cell(app), self._cell(app)
        app.post_message(_mouse(events.MouseDown, x, y, button=1))
        app.post_message(_mouse(events.MouseMove, to_x, to_y, (to_x - x, to_y - y), button=1))
        app.post_message(_mouse(events.MouseUp, to_x, to_y, button=1))
        return f"drag {x},{y} to {to_x},{to_y}"

    def _wheel(self, app: SuperposApp) -> str:
        x, y = self._cell(app)
        kind = self._random.choice((events.MouseScrollUp, events.MouseScrollDown))
        app.post_message(_mouse(kind, x, y))
        return f"{kind.__name__} {x},{y}"

    def _cell(self, app: SuperposApp) -> tuple[int, int]:
        """Any cell on the screen, or just beyond it: a resize may be in progress."""
        width, height = app.size
        return self._random.randint(0, width + 2), self._random.randint(0, height + 2)

    def _resize(self, app: SuperposApp) -> str:
        size = Size(*self._random.choice(SIZES))
        assert isinstance(app._driver, HeadlessDriver)
        app._driver._size = size
        app.post_message(events.Resize(size, size))
        return f"resize {size.width}×{size.height}"

    def _paste(self, app: SuperposApp) -> str:
        text = self._random.choice(PASTES)
        app.post_message(events.Paste(text))
        return f"paste {text[:20]!r}"

    def _leave_and_return(self, app: SuperposApp) -> str:
        app.post_message(events.AppBlur())
        app.post_message(events.AppFocus())
        return "another window, and back"

    def _start(self, app: SuperposApp) -> str:
        name = self._random.choice(list(EXPERIMENTS))
        app.call_later(app.experiments.start, name)
        return f"start {name}"

    def _select_model(self, app: SuperposApp) -> str:
        name = self._random.choice(list(MODELS))
        app.call_later(app.selecting_actions.select_model, name)
        return f"model {name}"

    def _change_weather(self, app: SuperposApp) -> str:
        self._weather.now = self._random.choice(WEATHERS)
        return f"the engine: {self._weather.now}"


def _press(app: SuperposApp, name: str) -> None:
    character = name if len(name) == 1 else {"space": " ", "full_stop": "."}.get(name)
    app.post_message(events.Key(name, character))


def _mouse(
    kind: type[events.MouseEvent], x: int, y: int, delta: tuple[int, int] = (0, 0), button: int = 0
) -> events.MouseEvent:
    return kind(None, x, y, *delta, button, False, False, False, x, y)


def _workers() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == WORKER]


# ── small experiments ─────────────────────────────────────────────────────────────────────────


@contextmanager
def small_experiments() -> Iterator[None]:
    """Give every experiment few steps and lanes: a walk has no time for more."""
    whole = dict(EXPERIMENTS)
    for name, experiment in whole.items():
        config = _small(experiment.config)
        setting = min(experiment.first_setting, len(config.settings) - 1)
        EXPERIMENTS[name] = replace(experiment, config=config, first_setting=setting)
    try:
        yield
    finally:
        EXPERIMENTS.update(whole)


def _small(config: ExperimentConfig) -> ExperimentConfig:
    if config.kind != LANES:
        return replace(
            config,
            sparsities=config.sparsities[:: max(len(config.sparsities) // 5, 1)],
            sweep_values=config.sweep_values[:: max(len(config.sweep_values) // 5, 1)],
            restarts=2,
            steps=40,
            warm_up=0,
        )
    few = 3
    values = config.sweep_values[:few]
    return replace(
        config,
        sparsities=config.sparsities[:few],
        sweep_values=values,
        hidden=int(max(values)) if config.sweep == HIDDEN else config.hidden,
        restarts=min(config.restarts, 2),
        steps=80,
        warm_up=min(config.warm_up, 10),
        dataset_size=min(config.dataset_size, 50),
    )
