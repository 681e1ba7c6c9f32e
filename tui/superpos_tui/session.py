"""The worker thread: commands in, snapshots out. It is ours: started, stopped and joined here."""

import os
import sys
import threading
from collections.abc import Callable

from superpos_core.commands import BEGINS_AGAIN, Command
from superpos_core.config import ExperimentConfig
from superpos_core.engine import Engine
from superpos_core.map_trainer import MapTrainer
from superpos_core.pacing import Pace
from superpos_core.run import trainer_for
from superpos_core.snapshot import Snapshot
from superpos_core.trainer import Trainer

NewsOfEngine = Callable[[str], None]
MakeEngine = Callable[[ExperimentConfig, NewsOfEngine], Engine]


LESS_URGENT = 5
"""How much nicer than the interface the training threads are, on Unix's scale to 19."""


class Session:
    """Trains an experiment in a thread of its own.

    The newest snapshot waits in one slot, ``latest``; whoever draws takes it when it suits.
    ``news`` is the last that the engine had to tell, such as that it compiles. If
    training fails, ``failure`` holds the exception and the thread has ended.
    """

    def __init__(self, config: ExperimentConfig, make_engine: MakeEngine, pace: Pace) -> None:
        self._config = config
        self._make_engine = make_engine
        self._pace = pace
        self._stop = threading.Event()
        self._waiting: list[Command] = []
        self._trainer: Trainer | MapTrainer | None = None
        self._handover = threading.Lock()
        self._thread = threading.Thread(target=self._work, name="trainer")
        self._newest: Snapshot | None = None
        self._generation = 0
        self.news = ""
        self.failure: BaseException | None = None

    def start(self) -> None:
        """Begin: the engine is loaded and made in the thread."""
        self._thread.start()

    def submit(self, command: Command) -> None:
        """Ask the trainer for something; while the engine loads, the request is kept."""
        with self._handover:
            self._generation += isinstance(command, BEGINS_AGAIN)
            if self._trainer is None:
                self._waiting.append(command)
            else:
                self._trainer.submit(command)

    @property
    def latest(self) -> Snapshot | None:
        """The newest snapshot; ``None`` until there is one of the run that was asked for last."""
        newest = self._newest
        return newest if newest is not None and newest.generation >= self._generation else None

    def close(self) -> None:
        """Stop training and wait until the thread has ended."""
        self._stop.set()
        if self._thread.ident is not None:
            self._thread.join()

    @property
    def is_alive(self) -> bool:
        """Whether the thread is at work."""
        return self._thread.is_alive()

    def _work(self) -> None:
        give_way_to_the_interface()
        try:
            trainer = trainer_for(self._config, self._new_engine, self._pace)
            with self._handover:
                self._trainer = trainer
                for command in self._waiting:
                    trainer.submit(command)
            trainer.run(self._stop, self._keep, on_refusal=self._hear)
        except BaseException as failure:  # whatever it is, the user is told
            self.failure = failure

    def _new_engine(self, config: ExperimentConfig) -> Engine:
        return self._make_engine(config, self._hear)

    def _hear(self, news: str) -> None:
        self.news = news

    def _keep(self, snapshot: Snapshot) -> None:
        self._newest = snapshot


def give_way_to_the_interface() -> None:
    """Make this thread, and those that it starts, give way when the interface has something to do.

    Training takes every core; without this a key would wait for its turn on one of them. Only
    Linux sets priorities by thread.
    """
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), LESS_URGENT)
