"""Imported by a process that draws: it notes what it begins with, and then takes for ever."""

import time
from collections.abc import Sequence
from pathlib import Path

from superpos_core.figures import drawing_process
from superpos_core.figures.drawing import Drawn
from superpos_core.record.snapshot import Snapshot


def draw_for_ever(snapshot: Snapshot, name: str, formats: Sequence[str]) -> Drawn:
    """In place of ``draw_one``."""
    (Path("begun") / name).touch()
    time.sleep(1e6)
    return Drawn(name)


vars(drawing_process)["draw_one"] = draw_for_ever
