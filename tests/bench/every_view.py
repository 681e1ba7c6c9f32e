"""Key latency in every view, at any size, while training; and the memory.

The latency of a key ends when the bytes that show its effect arrive: the sparsity in the status
line, the cursor's feature below the panels, the open view among the tabs, the dialog. Panels of
large runs follow once they are drawn.
"""

import random
import re
from collections.abc import Sequence

from tests.bench.instrument import Instrument, Sparsities

from superpos_tui.views.registry import VIEWS

DIALOGS = {"?": "keys", "d": "dials", "F": "restart with", "x": "experiments"}
ESCAPE = "\x1b"


def report_on_every_view(
    features: int, hidden: int, presses: int, arguments: Sequence[str]
) -> None:
    """Print the key latency in each view and the memory, for models of this size.

    Each view gets ``presses`` changes of the sparsity and as many moves of the cursor.
    """
    instrument = Instrument("--features", str(features), "--hidden", str(hidden), *arguments)
    pauses, sparsities, every = random.Random(0), Sparsities(), []
    print(f"{features}→{hidden}, key to screen in ms while it trains at full speed")
    opened: list[float] = []
    cursor = -1
    first, *others = VIEWS.values()
    for view in (*others, first):  # the first one is open already
        instrument.read_for(pauses.uniform(0.5, 1.5))
        pattern = re.compile(f"▐{view.key} {view.title}▌".encode())
        opened.append(instrument.seconds_until_shown(view.key, pattern))
        times: list[float] = []
        for _ in range(presses):
            instrument.read_for(pauses.uniform(0.03, 0.25))
            times.append(instrument.seconds_until_shown(*sparsities.next()))
            if view.name != "phase":  # where the cursor keys move between cells
                cursor = (cursor + 1) % features
                pattern = re.compile(rf"feature +{cursor}(?!\d)".encode())
                times.append(instrument.seconds_until_shown("j", pattern))
        _print(view.title, times)
        every += times
    _print("opening a view", opened)
    _print("opening a dialog", _dialogs(instrument))
    _print("all", [*every, *opened])
    now, peak = instrument.megabytes()
    print(f"memory: {now:.0f} MB, peak {peak:.0f} MB")
    instrument.close()


def _dialogs(instrument: Instrument) -> list[float]:
    times = []
    for key, title in DIALOGS.items():
        times.append(instrument.seconds_until_shown(key, re.compile(title.encode())))
        instrument.press(ESCAPE)
        instrument.read_for(1)
    return times


def _print(name: str, times: Sequence[float]) -> None:
    ordered = sorted(times)
    p50, p99 = ordered[len(ordered) // 2], ordered[int(len(ordered) * 0.99)]
    print(
        f"  {name:18} p50 {p50 * 1e3:8.1f}  p99 {p99 * 1e3:8.1f}  "
        f"max {ordered[-1] * 1e3:8.1f}  ({len(ordered)})",
        flush=True,
    )
