"""How fast keys are answered in every view, whatever the size, while it trains; and its memory.

A key counts as answered when the bytes that show it have come: the sparsity in the status line, the
cursor's feature below the panels, the open view among the tabs, the dialog. What panels of large
runs show follows when it is drawn.
"""

import random
import re
from collections.abc import Sequence

from tests.bench.instrument import Instrument, Sparsities

from superpos_tui.views.registry import VIEWS

DIALOGS = {"?": "keys", "d": "dials", "F": "start again with", "x": "experiments"}
ESCAPE = "\x1b"


def report_on_every_view(
    features: int, hidden: int, presses: int, arguments: Sequence[str]
) -> None:
    """Print the latency of keys in each view and the memory, for models of this size.

    In each view the sparsity is changed ``presses`` times, and the cursor moved as often.
    """
    instrument = Instrument("--features", str(features), "--hidden", str(hidden), *arguments)
    pauses, places, every = random.Random(0), Sparsities(), []
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
            times.append(instrument.seconds_until_shown(*places.next()))
            if view.name != "phase":  # the keys of the cursor are those of cells there
                cursor = (cursor + 1) % features
                pattern = re.compile(rf"feature +{cursor}(?!\d)".encode())
                times.append(instrument.seconds_until_shown("j", pattern))
        _print(view.title, times)
        every += times
    _print("opening a view", opened)
    _print("opening a dialog", _dialogs(instrument))
    _print("all", [*every, *opened])
    now, most = instrument.megabytes()
    print(f"memory: {now:.0f} MB, at most {most:.0f} MB")
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
    half, most = ordered[len(ordered) // 2], ordered[int(len(ordered) * 0.99)]
    print(
        f"  {name:18} p50 {half * 1e3:8.1f}  p99 {most * 1e3:8.1f}  "
        f"greatest {ordered[-1] * 1e3:8.1f}  ({len(ordered)})",
        flush=True,
    )
