"""How many bytes the views that runs open in send to the terminal: per second, and per frame.

The frame rate is given, and the bytes of each frame are counted. So a slow machine, which draws
fewer frames, cannot make the test pass.
"""

import re
import statistics
import time
from pathlib import Path

import pytest
from tests.end_to_end.program import environment
from tests.end_to_end.terminal import Terminal

SETTLING_SECONDS, SECONDS = 3, 3
"""In the first seconds every cell of every panel changes; only the steady state is counted."""
KILOBYTE = 1000
SSH = {"SSH_CONNECTION": "10.0.0.1 50000 10.0.0.2 22"}
DICTIONARIES = ("--dictionary", "relu,topk", "--directions", "random", "--latents", "20")
FRAME = re.compile(rb"\x1b\[\?2026h(.*?)\x1b\[\?2026l", re.DOTALL)


@pytest.mark.parametrize(
    ("trained", "variables", "frames_per_second", "limit"),
    [
        ((), SSH, 4, 50 * KILOBYTE),
        (DICTIONARIES, SSH, 4, 50 * KILOBYTE),
        pytest.param((), {}, 10, 200 * KILOBYTE, marks=pytest.mark.thorough),
        pytest.param(DICTIONARIES, {}, 10, 200 * KILOBYTE, marks=pytest.mark.thorough),
    ],
    ids=["over SSH", "dictionaries over SSH", "local", "dictionaries locally"],
)
def test_the_first_view_stays_within_its_bytes(
    trained: tuple[str, ...],
    variables: dict[str, str],
    frames_per_second: int,
    limit: int,
    tmp_path: Path,
) -> None:
    arguments = ["--steps", "5000000", "--threads", "1", *trained]
    session = environment(tmp_path / "state", **variables)
    with Terminal(arguments, environment=session, folder=tmp_path, size=(120, 40)) as terminal:
        terminal.wait_for_text("training")
        terminal.press("f")
        terminal.wait_for(
            lambda: float(terminal.find(r"([\d,]+) steps/s").replace(",", "") or 0) > 0
        )
        seconds = bytes_of_each_second(terminal, SETTLING_SECONDS + SECONDS)[SETTLING_SECONDS:]
        terminal.press("q")
        terminal.wait_for_exit()
    assert max(seconds) > 0, "something must be drawn"
    assert statistics.median(seconds) < limit
    # No frame may exceed its share either: then a faster machine stays within the limit, too.
    frames = [len(frame) for frame in FRAME.findall(bytes(terminal.output))]
    if frames:
        steady = frames[len(frames) // 2 :]
        assert statistics.median(steady) * frames_per_second < limit


def bytes_of_each_second(terminal: Terminal, count: int) -> list[int]:
    seconds = []
    for _ in range(count):
        before, end = len(terminal.output), time.monotonic() + 1
        terminal.wait_for(lambda end=end: time.monotonic() >= end)  # type: ignore[misc]
        seconds.append(len(terminal.output) - before)
    return seconds
