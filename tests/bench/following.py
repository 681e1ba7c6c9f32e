"""How soon a moment written elsewhere is on followers' screens, and what attaching to a run costs.

The latency ends when the bytes with the new step arrive. Large runs have 100,000 steps and a
gigabyte of moments, of many lanes or of one; what attaching takes is compared with a tiny run.
"""

import multiprocessing
import os
import re
import shutil
import statistics
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from tests.bench.instrument import Program

from superpos_core.files.runs.description import description_in
from superpos_core.files.runs.loss_file import LossFile, next_row_after
from superpos_core.files.runs.manifest import Manifest
from superpos_core.files.runs.moments import write_moment
from superpos_core.files.runs.reader import RunReader
from superpos_core.files.runs.status_file import RunStatus, write_status
from superpos_core.files.versions import software_versions
from superpos_core.record.timeline import next_step_to_keep
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.parameters import Parameters
from superpos_tui.process.opened_run import OpenedRun

STEPS = 100_000
GIGABYTE = 1 << 30
MOMENTS = 40
SECONDS_WITHOUT_NEWS = 10.0
OVER_SSH = {"SSH_CONNECTION": "10.0.0.1 50000 10.0.0.2 22"}


def report_on_following() -> None:
    """Print the latency of new moments, the bytes sent, and what polling costs."""
    with tempfile.TemporaryDirectory() as place:
        for followers in (1, 2):
            folder = Path(place) / str(followers)
            _report_latency(folder, followers)
        _report_bytes(Path(place) / "bytes")


def report_on_attaching() -> None:
    """Print time and memory of attaching to large runs and to a tiny one."""
    with tempfile.TemporaryDirectory() as place:
        tiny = Path(place) / "tiny"
        write_run(tiny, lanes=1, size=4, steps=1)
        _report_screen("tiny", tiny)
        for lanes, size in ((250, 100), (1, 1600)):
            folder = Path(place) / "large"
            nbytes = write_run(folder, lanes, size, STEPS)
            kept = len(list((folder / "timeline/tied").iterdir()))
            print(f"{lanes} lanes of {size}: {kept} moments of {nbytes / 1e9:.2f} GB")
            _report_reader(folder)
            _report_screen("large", folder)
            shutil.rmtree(folder)


# ── following ─────────────────────────────────────────────────────────────────────────────────


def _report_latency(folder: Path, followers: int) -> None:
    config = begin(folder, lanes=10, size=20)
    keep(folder, config, 0)
    with opened(folder, followers, OVER_SSH) as instruments:
        for instrument in instruments:
            instrument.read_until(re.compile(rb"following"), 60)
        latencies = []
        random = np.random.default_rng(0)
        for step in range(1, MOMENTS + 1):
            for instrument in instruments:
                instrument.read_for(random.uniform(0.3, 0.8))
            keep(folder, config, step)
            latencies.append(max(_seconds_until_shown(step, instruments)))
        before = [cpu_seconds(instrument) for instrument in instruments]
        for instrument in instruments:
            instrument.read_for(SECONDS_WITHOUT_NEWS / followers)
        idle = [cpu_seconds(each) - start for each, start in zip(instruments, before, strict=True)]
        watched = any("inotify" in link for each in instruments for link in open_files(each))
        files = sorted(path.name for path in folder.iterdir())
    latencies.sort()
    print(
        f"{followers} following: written to shown p50 {statistics.median(latencies):.2f} s, "
        f"max {latencies[-1]:.2f} s ({MOMENTS} moments); "
        f"without news {max(idle) / SECONDS_WITHOUT_NEWS:.1%} of a core; "
        f"file events {'used' if watched else 'not used'}; in the folder: {', '.join(files)}"
    )


def _report_bytes(folder: Path) -> None:
    """Bytes to a terminal over SSH while moments, losses and signs of life arrive all the time."""
    config = begin(folder, lanes=10, size=20)
    names = [f"lane {lane}" for lane in range(10)]
    losses = LossFile(folder / "loss.csv", names)
    keep(folder, config, 0)
    with opened(folder, 1, OVER_SSH) as (instrument,):
        instrument.read_until(re.compile(rb"following"), 60)
        instrument.read_for(3)
        seconds = []
        for second in range(10):
            sent = 0
            for part in range(10):
                step = 1 + 10 * second + part
                keep(folder, config, step)
                losses.append([(step, dict.fromkeys(names, 1 / step))])
                say(folder, step)
                sent += len(instrument.read_for(0.1))
            seconds.append(sent)
    print(f"followed over SSH, ten moments per second: {statistics.median(seconds) / 1e3:.1f} kB/s")


# ── attaching ─────────────────────────────────────────────────────────────────────────────────


def _report_reader(folder: Path) -> None:
    """Time and memory of the source alone, in a process of its own."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        first, whole, more = pool.submit(_read_all, folder).result()
    print(
        f"  the reader: first picture {first:.2f} s, everything {whole:.2f} s, "
        f"{more / 1e6:.0f} MB more memory"
    )


def _read_all(folder: Path) -> tuple[float, float, int]:
    """Seconds until the first picture and until all is read, and bytes of memory taken."""
    started, memory = time.perf_counter(), resident()
    run = OpenedRun(RunReader(folder))
    is_behind = run.poll()
    first = time.perf_counter() - started
    while is_behind:
        is_behind = run.poll()
    return first, time.perf_counter() - started, resident() - memory


def _report_screen(name: str, folder: Path) -> None:
    """Time from the start of the program, and its memory once every view has been opened."""
    total = description_in(folder).config.steps
    started = time.perf_counter()
    with opened(folder, 1, {}) as (instrument,):
        instrument.read_until(re.compile(rb"%s/%s" % ((f"{total:,}".encode(),) * 2)), 60)
        first = time.perf_counter() - started
        instrument.read_for(3)
        memory, _ = instrument.megabytes()
        shown = []
        for key in "23456781":
            pattern = re.compile(f"▐{key} ".encode())
            shown.append(instrument.seconds_until_shown(key, pattern))
            instrument.read_for(2)
        instrument.press("t")
        shown.append(instrument.seconds_until_shown("\x1b[D", re.compile(rb"looking at step")))
        shown.append(instrument.seconds_until_shown("w", re.compile(rb"events|Events")))
        instrument.read_for(3)
        now, peak = instrument.megabytes()
        instrument.press("\x1b")
    print(
        f"  {name}: program start to first picture {first:.2f} s, then {memory:.0f} MB; slowest of "
        f"all views, scrubbing and events {max(shown):.2f} s; "
        f"afterwards {now:.0f} MB, peak {peak:.0f} MB"
    )


# ── a run in a folder ─────────────────────────────────────────────────────────────────────────


def begin(folder: Path, lanes: int, size: int) -> ExperimentConfig:
    """A run's folder without moments."""
    config = ExperimentConfig(
        "mine", features=size, hidden=size, models=("tied",), sparsities=(0.9,),
        restarts=lanes, steps=STEPS,
    )  # fmt: skip
    folder.mkdir()
    versions = software_versions()
    Manifest("mine", config.as_dict(), {}, "", versions=versions).as_new_run().write(folder)
    say(folder, 0)
    return config


def say(folder: Path, step: int) -> None:
    write_status(folder, RunStatus(state="training", step=step, alive=time.time()))


def keep(folder: Path, config: ExperimentConfig, step: int) -> None:
    n, m, lanes = config.features, config.hidden, config.restarts
    random = np.random.default_rng(step)
    weights = random.standard_normal((lanes, n, m), dtype=np.float32) / np.float32(m**0.5)
    bias = np.zeros((lanes, n), dtype=np.float32)
    write_moment(folder, "tied", step, Parameters(encoder=weights, bias=bias))


def write_run(folder: Path, lanes: int, size: int, steps: int) -> int:
    """A whole run; returns the bytes of its moments."""
    config = begin(folder, lanes, size)
    step = 0
    while step <= steps:
        keep(folder, config, step)
        step = next_step_to_keep(step)
    names = [f"lane {lane}" for lane in range(lanes)]
    rows, step = [], 0
    while step < steps:
        step = min(next_row_after(step), steps)
        rows.append((step, dict.fromkeys(names, 0.1 / step)))
    LossFile(folder / "loss.csv", names).append(rows)
    if steps < STEPS:
        values = {**config.as_dict(), "steps": steps}
        Manifest("mine", values, {}, "").as_new_run().write(folder)
    say(folder, steps)
    return sum(path.stat().st_size for path in folder.rglob("*.safetensors"))


# ── processes ─────────────────────────────────────────────────────────────────────────────────


@contextmanager
def opened(folder: Path, count: int, environment: dict[str, str]) -> Iterator[list[Program]]:
    """Followers of a folder, which are closed afterwards."""
    instruments = [Program(str(folder), **environment) for _ in range(count)]
    try:
        yield instruments
    finally:
        for instrument in instruments:
            instrument.close()


def _seconds_until_shown(step: int, instruments: list[Program]) -> list[float]:
    """How long from now until each of them shows a step."""
    started, pattern = time.perf_counter(), re.compile(rb"(?<!\d)%d/100,000" % step)

    def wait(instrument: Program) -> float:
        instrument.read_until(pattern, 60)
        return time.perf_counter() - started

    with ThreadPoolExecutor() as pool:
        return list(pool.map(wait, instruments))


def open_files(instrument: Program) -> list[str]:
    folder = Path(f"/proc/{instrument.pid}/fd")
    return [str(path.readlink()) for path in folder.iterdir() if path.is_symlink()]


def cpu_seconds(instrument: Program) -> float:
    fields = Path(f"/proc/{instrument.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident() -> int:
    pages = Path("/proc/self/statm").read_text().split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE")
