"""A small checkout, and a stand-in for pip that records its arguments: nothing needs a network."""

import shutil
from pathlib import Path

import environment
import pytest
from tests.launcher.stand_ins import SOURCES, Commands


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A small checkout: the launchers, pins, and a project that wants torch 2.4."""
    root = tmp_path / "a checkout"
    for source in SOURCES:
        target = root / source
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(environment.ROOT / source, target)
    pins = ["# pins", "torch==2.13.0", "sympy==1.14.0", "rich==15.0"]
    (root / ".ci/constraints.txt").write_text("\n".join(pins) + "\n")
    (root / "pyproject.toml").write_text('dependencies = ["torch>=2.4"]\n')
    return root


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch) -> Commands:
    """The commands that the set-up ran, none of them for real, on a Python without torch."""
    recorded = Commands()
    monkeypatch.setattr(environment, "_run", recorded)
    monkeypatch.setattr(environment, "_torch_to_keep", lambda *_: None)
    return recorded
