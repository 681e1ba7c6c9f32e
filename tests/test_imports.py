"""Which modules importing the library loads, in fresh interpreters."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

# Prints the top-level names of all modules that are loaded after {body}.
REPORT = """
import importlib, json, pkgutil, sys
{body}
print(json.dumps(sorted({{name.split(".")[0] for name in sys.modules}})))
"""

EVERY_MODULE = """
import superpos_core
for module in pkgutil.walk_packages(superpos_core.__path__, "superpos_core."):
    importlib.import_module(module.name)
"""

BLOCKED = """
class NoTerminal:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {"textual", "plotext", "superpos_tui"}:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, NoTerminal())
"""

LIGHT_MODULES = [
    "task.config", "experiments", "geometry.measures", "training.run", "record.snapshot",
    "task.models", "theory", "live.run", "notebook",
]  # fmt: skip


def loaded_after(body: str) -> set[str]:
    """The top-level names of the modules that an interpreter has loaded after ``body``."""
    path = os.pathsep.join(str(ROOT / source) for source in ("core", "tui"))
    result = subprocess.run(
        [sys.executable, "-c", REPORT.format(body=body)],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    return set(json.loads(result.stdout.splitlines()[-1]))


@pytest.mark.parametrize("module", LIGHT_MODULES)
def test_describing_and_measuring_load_no_heavy_library(module: str) -> None:
    loaded = loaded_after(f"import superpos_core.{module}")
    assert "superpos_core" in loaded
    assert not loaded & {"torch", "numba", "matplotlib", "textual", "rich"}


def test_the_library_works_without_terminal_libraries_and_loads_none() -> None:
    """All of its modules, and training to the end."""
    loaded = loaded_after(
        BLOCKED
        + EVERY_MODULE
        + """
from superpos_core.task.config import ExperimentConfig
from superpos_core.training.run import train

last = train(ExperimentConfig("test", features=8, hidden=2, batch=4, steps=5))
assert last.phase == "finished" and last.record.cohorts["tied"].step == 5
"""
    )
    assert {"superpos_core", "torch"} <= loaded
    assert not loaded & {"textual", "rich", "plotext", "superpos_tui", "click"}
