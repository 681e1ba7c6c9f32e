"""Imported by a drawing process: it records its first figure, and then takes forever."""

import time
from collections.abc import Sequence
from pathlib import Path

from superpos_core.figures import drawing_process
from superpos_core.figures.drawing import Drawn
from superpos_core.record.snapshot import Snapshot


def draw_forever(snapshot: Snapshot, name: str, formats: Sequence[str]) -> Drawn:
    """Replacement for ``draw_one``."""
    (Path("started") / name).touch()
    time.sleep(1e6)
    return Drawn(name)


vars(drawing_process)["draw_one"] = draw_forever
