"""The same run is the same file: in another process, with other settings, in threads."""

import hashlib
import os
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import matplotlib as mpl
import pytest
from tests.core.figures.drawn import drawn
from tests.core.snapshots import SMALL, trained

from superpos_core.figures.registry import drawings
from superpos_core.figures.tools.style import render

ROOT = Path(__file__).resolve().parents[3]


def digest() -> str:
    """All figures of a small run as SVG, and two of them in the other formats, as one hash."""
    total = hashlib.sha256()
    for name, draw in drawings(trained(replace(SMALL, models=("untied",), sparsities=(0.9,)))):
        total.update(render(draw(), "svg"))
        if name in ("gram-untied", "loss"):
            total.update(render(draw(), "png"))
            total.update(render(draw(), "pdf"))
    return total.hexdigest()


IN_A_FRESH_PROCESS = """
import sys
from tests.core.figures.test_same_files import digest

print(digest(), "matplotlib.pyplot" in sys.modules)
"""


@pytest.mark.thorough
def test_the_same_run_gives_the_same_bytes_in_another_process() -> None:
    path = os.pathsep.join([str(ROOT / "core"), str(ROOT)])
    result = subprocess.run(
        [sys.executable, "-c", IN_A_FRESH_PROCESS],
        env={**os.environ, "PYTHONPATH": path, "PYTHONHASHSEED": "7"},
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert result.stdout.split() == [digest(), "False"]


def test_the_users_settings_neither_matter_nor_change() -> None:
    record = trained()
    plain = render(drawn(record, "norms-tied"), "svg")
    with mpl.rc_context({"font.size": 20, "axes.facecolor": "black", "svg.fonttype": "path"}):
        assert render(drawn(record, "norms-tied"), "svg") == plain
        assert mpl.rcParams["font.size"] == 20


def test_threads_can_draw_at_the_same_time() -> None:
    record = trained()
    alone = render(drawn(record, "gram-tied"), "svg")
    results: list[bytes] = []

    def draw() -> None:
        results.append(render(drawn(record, "gram-tied"), "svg"))

    threads = [threading.Thread(target=draw) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert results == [alone] * 3
