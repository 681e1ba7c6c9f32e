"""The parts of the check, in the order in which they run.

A part is imported only when it runs: a machine without its packages can still run the others.
"""

from collections.abc import Callable, Iterator
from importlib import import_module

from tests.gpu.parts import Finding, Part, Target


def _in(module: str) -> Callable[[Target], Iterator[Finding]]:
    def check(target: Target) -> Iterator[Finding]:
        yield from import_module(f"tests.gpu.{module}").check(target)

    return check


PROGRAM = ("torch", "click", "rich", "matplotlib", "safetensors")

PARTS = (
    Part("conformance", "the device against the CPU", 0.26, _in("conformance")),
    Part("dictionaries", "dictionaries, the device against the CPU", 0.06, _in("dictionaries")),
    Part("captures", "CUDA graphs against single steps", 0.12, _in("captures")),
    Part("shortage", "out of memory", 0.1, _in("shortage")),
    Part(
        "own-loop", "a training loop of one's own", 0.04, _in("own_loop"), ("torch", "safetensors")
    ),
    Part("resumed", "a run stopped and resumed", 0.04, _in("resumed"), ("torch", "safetensors")),
    Part("speed", "speed", 0.2, _in("speed")),
    Part("exports", "without a screen", 0.14, _in("exports"), PROGRAM),
    Part(
        "instrument",
        "the instrument in a terminal",
        0.1,
        _in("instrument"),
        (*PROGRAM, "platformdirs", "textual", "plotext", "pyte"),
    ),
)
