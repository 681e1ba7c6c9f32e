"""How much an open instrument slows training down, and its key latency at full speed.

The program runs in a 120×40 pseudo-terminal at its default frame rate. Its output is only searched,
not interpreted: a terminal emulator in Python would distort the measurement.
"""

import fcntl
import os
import pty
import random
import re
import select
import statistics
import struct
import subprocess
import sys
import termios
import threading
import time
from dataclasses import replace
from pathlib import Path

from superpos_core.engine.choice import EngineChoice
from superpos_core.experiments import experiment_named
from superpos_core.machine.cores import usable_cores
from superpos_core.record.snapshot import Snapshot
from superpos_core.training.run import loop_for

ROOT = Path(__file__).resolve().parents[2]
ROUNDS = 3
SECONDS = 8.0
PRESSES = 200
SECONDS_TO_START, SECONDS_TO_ANSWER = 120.0, 180.0
STEPS = 5_000_000
SPARSITIES = ("0", "0.7", "0.9", "0.99", "0.999")
DICTIONARIES = ("--dictionary", "relu,topk", "--directions", "random", "--latents", "20")
"""Dictionaries in place of the models of the same settings: these open in the view Dictionary."""
STEP = re.compile(rf"([\d,]+)/{STEPS:,}".encode())
"""The step, as the status line counts it."""


class Program:
    """The program in a pseudo-terminal, with these arguments and changes to its environment."""

    def __init__(self, *arguments: str, **changes: str) -> None:
        self._terminal, inside = pty.openpty()
        fcntl.ioctl(inside, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
        path = os.pathsep.join(str(ROOT / source) for source in ("core", "tui"))
        environment = {**os.environ, "PYTHONPATH": path, "TERM": "xterm-256color"}
        environment.pop("SSH_CONNECTION", None)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "superpos_tui", *arguments],
            stdin=inside,
            stdout=inside,
            stderr=inside,
            env={**environment, **changes},
            start_new_session=True,
        )
        self.pid = self._process.pid
        os.close(inside)

    def press(self, keys: str) -> None:
        os.write(self._terminal, keys.encode())

    def read_for(self, seconds: float) -> bytes:
        """All output during this time."""
        seen, end = bytearray(), time.perf_counter() + seconds
        while (left := end - time.perf_counter()) > 0:
            seen += self._read(left)
        return bytes(seen)

    def read_until(self, pattern: re.Pattern[bytes], seconds: float) -> None:
        """Read until the pattern appears; raises ``TimeoutError``."""
        seen, end = bytearray(), time.perf_counter() + seconds
        while not pattern.search(seen):
            if (left := end - time.perf_counter()) <= 0:
                raise TimeoutError(f"{pattern.pattern!r} did not appear")
            seen += self._read(left)

    def _read(self, within: float) -> bytes:
        ready, _, _ = select.select([self._terminal], [], [], within)
        try:
            return os.read(self._terminal, 1 << 16) if ready else b""
        except OSError:  # the program has ended: there is no more output
            return b""

    def seconds_until_shown(self, keys: str, pattern: re.Pattern[bytes]) -> float:
        """The time from keys to the bytes that show their effect."""
        start = time.perf_counter()
        self.press(keys)
        self.read_until(pattern, SECONDS_TO_ANSWER)
        return time.perf_counter() - start

    def megabytes(self) -> tuple[float, float]:
        """The current and the peak resident memory; Linux only."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        now, peak = (re.search(rf"{name}:\s+(\d+) kB", status) for name in ("VmRSS", "VmHWM"))
        assert now is not None
        assert peak is not None
        return int(now[1]) / 1024, int(peak[1]) / 1024

    def interface_seconds(self) -> float:
        """CPU seconds of the main thread so far."""
        pid = self.pid
        fields = Path(f"/proc/{pid}/task/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def close(self) -> None:
        """Leave the program, out of a dialog first if one is still open."""
        while self._process.poll() is None:
            self.press("q")
            self.read_for(1)
        os.close(self._terminal)


class Instrument(Program):
    """The program, training at full speed; ``arguments`` are added to its command."""

    def __init__(self, *arguments: str) -> None:
        super().__init__("--steps", str(STEPS), *arguments)
        self.read_until(re.compile(rb"training"), SECONDS_TO_START)
        self.press("\x1b")  # closes the introduction of a first start
        self.read_for(0.5)
        self.press("f")


def report_on_the_instrument() -> None:
    """Print training rates without and with the instrument, in turns, and the key latency."""
    headless, shown, volumes = [], [], []
    for _ in range(ROUNDS):
        headless.append(headless_rate())
        rate, volume = shown_rate_and_volume()
        shown.append(rate)
        volumes.append(volume)
    alone, open_ = statistics.median(headless), statistics.median(shown)
    print(f"headless {alone:,.0f} steps/s, instrument open {open_:,.0f} steps/s: "
          f"{open_ / alone:.1%} ({ROUNDS} rounds of {SECONDS:g} s, medians)")  # fmt: skip
    print(f"the interface's own thread: {interface_share():.1%} of the time of all cores")
    print(f"bytes to the terminal: {statistics.median(volumes) / 1e3:.1f} kB/s")
    _print_latencies()
    _, volume = shown_rate_and_volume(*DICTIONARIES)
    _, over_ssh = shown_rate_and_volume(*DICTIONARIES, "--fps", "4", "--colour", "256")
    print(f"dictionaries: {volume / 1e3:.1f} kB/s, over SSH {over_ssh / 1e3:.1f} kB/s")
    _print_latencies(*DICTIONARIES)


def _print_latencies(*arguments: str) -> None:
    latencies = sorted(key_latencies(*arguments))
    print(f"key to screen: p50 {latencies[len(latencies) // 2] * 1e3:.1f} ms, "
          f"p99 {latencies[int(len(latencies) * 0.99)] * 1e3:.1f} ms, "
          f"max {latencies[-1] * 1e3:.1f} ms ({PRESSES} presses)")  # fmt: skip


def headless_rate() -> float:
    """Steps per second of the same experiment without an interface."""
    config = replace(experiment_named("twenty").config, steps=STEPS)
    rates: list[float] = []

    def keep(snapshot: Snapshot) -> None:
        rates.append(snapshot.steps_per_second)

    stop = threading.Event()
    threading.Timer(SECONDS, stop.set).start()
    loop_for(config, EngineChoice().make).run(stop, keep)
    return statistics.median(rates[len(rates) // 4 :])


def shown_rate_and_volume(*arguments: str) -> tuple[float, float]:
    """Steps per second by the steps in the status line, and bytes per second."""
    instrument = Instrument(*arguments)
    instrument.read_for(SECONDS / 4)
    seen = instrument.read_for(SECONDS)
    instrument.close()
    steps = [int(step.replace(b",", b"")) for step in STEP.findall(seen)]
    return (steps[-1] - steps[0]) / SECONDS, len(seen) / SECONDS


def interface_share() -> float:
    """The CPU time of the interface's thread, as a share of that of all usable cores.

    Steadier than a ratio of two rates while other programs run. Linux only.
    """
    instrument = Instrument()
    instrument.read_for(SECONDS / 4)
    before = instrument.interface_seconds()
    instrument.read_for(SECONDS)
    share = (instrument.interface_seconds() - before) / SECONDS / usable_cores()
    instrument.close()
    return share


def key_latencies(*arguments: str) -> list[float]:
    """Seconds from a key that selects another sparsity to the bytes that show it."""
    instrument = Instrument(*arguments)
    instrument.read_for(2)
    times, sparsities = [], Sparsities()
    pauses = random.Random(0)
    for _ in range(PRESSES):
        instrument.read_for(pauses.uniform(0.03, 0.13))
        times.append(instrument.seconds_until_shown(*sparsities.next()))
    instrument.close()
    return times


class Sparsities:
    """Goes through the sparsities and back: the next key, and how the status line shows it."""

    def __init__(self) -> None:
        self._index, self._direction = SPARSITIES.index("0.9"), 1  # where the default opens

    def next(self) -> tuple[str, re.Pattern[bytes]]:
        """The next key, and the output that shows its effect."""
        if not 0 <= self._index + self._direction < len(SPARSITIES):
            self._direction = -self._direction
        self._index += self._direction
        key = "]" if self._direction > 0 else "["
        return key, re.compile(f"▐{SPARSITIES[self._index]}▌".encode())
