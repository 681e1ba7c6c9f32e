"""Training in the plane whose dials are turned at its end, and turned back."""

import threading
from dataclasses import replace
from functools import cache
from typing import NamedTuple

from tests.core.experiments.plane import PLANE, tied

from superpos_core.record.snapshot import Snapshot
from superpos_core.task.config import ExperimentConfig
from superpos_core.training.commands import Command, TurnDials, Undo
from superpos_core.training.run import AUTOMATIC, loop_for

DENSE = replace(PLANE, sparsities=(0.6,), steps=15_000)
SPARSER = replace(DENSE, sparsities=(0.95,))
SPARSEST = replace(DENSE, sparsities=(0.99,))


class Turned(NamedTuple):
    """Finished training at 1 − S = 0.4, after each change from there, and after each undo."""

    dense: Snapshot
    sparser: Snapshot
    back: Snapshot
    sparsest: Snapshot
    back_again: Snapshot
    continued: Snapshot


@cache
def turned() -> Turned:
    return Turned(
        *ends_of_training(
            DENSE,
            TurnDials(SPARSER, "S 0.6 → 0.95"),
            Undo(),
            TurnDials(SPARSEST, "S 0.6 → 0.99"),
            Undo(),
            TurnDials(DENSE, "nothing"),
        )
    )


def ends_of_training(config: ExperimentConfig, *commands: Command) -> list[Snapshot]:
    """Train to the end, then submit each command and train to the end again."""
    loop, stop = loop_for(config, AUTOMATIC), threading.Event()
    ends: list[Snapshot] = []

    def publish(snapshot: Snapshot) -> None:
        if snapshot.phase != "finished":
            return
        ends.append(snapshot)
        if len(ends) <= len(commands):
            loop.submit(commands[len(ends) - 1])
        else:
            stop.set()

    loop.run(stop, publish)
    return ends


def best_lane() -> int:
    """The restart with the lowest loss before any dial was turned."""
    return tied(turned().dense).ranked(0)[0]
