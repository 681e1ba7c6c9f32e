"""How soon a list of 5,000 runs is there, and how fast it is filtered and sorted."""

import json
import random
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from tests.bench.instrument import Program
from tests.run_folders import CONFIG, make_run

from superpos_core.files.runs.listing import RunLister
from superpos_tui.runs.table import Sorting, TableMaker, arranged, matching

RUNS = 5_000
LANES = 10
SHAPES = ("dedicated", "digon", "triangle", "pentagon", "tetrahedron", "square antiprism")
ROUNDS = 5
PATIENCE = 60.0
SECONDS_OF_REST = 2.0


def report_on_listing() -> None:
    """Print the times for a folder of runs as exports leave them, some still training."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        print(f"writing {RUNS:,} runs", file=sys.stderr)
        write_runs(folder, RUNS)
        report_on_functions(folder)
        report_on_the_screen(folder)


def write_runs(folder: Path, count: int) -> None:
    """Runs at two levels, each with a summary of ten lanes of 20 features."""
    generator = random.Random(0)
    for number in range(count):
        name = f"sweep-{number % 10}/run-{number}" if number % 2 else f"run-{number}"
        config = replace(
            CONFIG,
            hidden=generator.choice((4, 5, 6)),
            learning_rate=generator.choice((1e-3, 3e-3, 1e-2)),
            seed=number,
        )
        is_done = generator.random() < 0.8
        state, step = ("finished", 10_000) if is_done else ("training", generator.randrange(10_000))
        low = 10 ** generator.uniform(-6, -4)
        run = make_run(
            folder / name,
            config=config,
            state=state,
            step=step,
            alive=time.time(),
            losses=(low, 100 * low),
            files=["run.json", *(f"figure-{index}.png" for index in range(15))],
        )
        if is_done:
            text = json.dumps(_summary(generator, low), indent=2)
            (run / "summary.json").write_text(f"{text}\n", "utf-8")


def _summary(generator: random.Random, low: float) -> dict[str, object]:
    features = CONFIG.features
    numbers = [generator.random() for _ in range(features)]
    lane = {
        "model": "tied", "sparsity": 0.9, "seed": 0, "steps": 10_000, "loss_mean": low,
        "feature_norms": numbers, "feature_dimensionality": numbers, "superposition": numbers,
    }  # fmt: skip
    passed = [generator.random() < 0.9 for _ in range(10)]
    return {
        "config": CONFIG.as_dict(),
        "loss_low": low,
        "loss_high": 100 * low,
        "shapes": dict.fromkeys(generator.sample(SHAPES, 3), 1),
        "checks": [
            {"check": "a check", "expected": "5", "seen": "5", "passed": each} for each in passed
        ],
        "lanes": [lane] * LANES,
    }


def report_on_functions(folder: Path) -> None:
    """Print the median times of a first look, of another one, of a filter and of a sort."""
    maker, lister = TableMaker(), RunLister([folder])
    listing = lister.refresh()
    table = maker.table_of(listing, time.time())
    rows = arranged(table, table.rows, Sorting())
    measured: dict[str, Callable[[], object]] = {
        "read all": lambda: RunLister([folder]).refresh(),
        "make the table": lambda: TableMaker().table_of(listing, time.time()),
        "look again": lambda: maker.table_of(lister.refresh(), time.time()),
        "filter": lambda: matching(rows, "pentagon fin 0.003"),
        "sort": lambda: arranged(table, table.rows, Sorting("learning-rate")),
    }
    for name, work in measured.items():
        times, processor = [], []
        for _ in range(ROUNDS):
            began, began_processor = time.perf_counter(), time.process_time()
            work()
            times.append(time.perf_counter() - began)
            processor.append(time.process_time() - began_processor)
        print(
            f"{name:<16}{statistics.median(times) * 1e3:8.1f} ms"
            f"{statistics.median(processor) * 1e3:10.1f} ms of processor time"
        )


def report_on_the_screen(folder: Path) -> None:
    """Print how long the program takes until rows, and until all of them, are on the screen."""
    began = time.perf_counter()
    program = Program(str(folder))
    try:
        for what, shown in (("first rows", rb"run-\d"), ("all rows", rb"\b5,000 runs")):
            program.read_until(re.compile(shown), PATIENCE)
            print(f"{what:<16}{(time.perf_counter() - began) * 1e3:8.1f} ms from the start")
        for what, before, key, shown in (
            ("filter", "/sweep-", "3", rb"500 of 5,000"),
            ("all again", "", "\x1b", rb"\b5,000 runs"),
            ("sort", "", "\x1b[C", rb"\xe2\x86\x91"),
        ):
            program.press(before)
            program.read_for(SECONDS_OF_REST)
            seconds = program.seconds_until_shown(key, re.compile(shown))
            print(f"key: {what:<11}{seconds * 1e3:8.1f} ms")
    finally:
        program.close()
