"""Folders of runs for lists of them: what a glance sees, without any weights."""

import json
from pathlib import Path
from typing import Any

from tests.core.files.runs.folder import WrittenFolder

from superpos_core.task.config import ExperimentConfig

CONFIG = ExperimentConfig("twenty", steps=10_000)


def make_run(
    folder: Path,
    *,
    config: ExperimentConfig = CONFIG,
    state: str = "finished",
    step: int = 10_000,
    alive: float = 0.0,
    losses: tuple[float, float] | None = (1e-4, 1e-2),
    summary: dict[str, Any] | None = None,
    reason: str = "",
    **manifest: Any,
) -> Path:
    """A run in ``folder``; ``manifest`` adds to ``run.json``."""
    WrittenFolder(folder, config).describe(**{"steps": {"tied": step}, **manifest})
    give_sign_of_life(folder, state, step, alive, losses, reason)
    if summary is not None:
        write(folder / "summary.json", summary)
    return folder


def give_sign_of_life(
    folder: Path,
    state: str,
    step: int,
    alive: float,
    losses: tuple[float, float] | None = None,
    reason: str = "",
) -> None:
    """Replace ``status.json``."""
    low, high = losses or (None, None)
    WrittenFolder(folder, CONFIG).say(
        state, step=step, steps=CONFIG.steps, share_done=step / CONFIG.steps, alive=alive,
        loss_low=low, loss_high=high, reason=reason,
    )  # fmt: skip


def write(path: Path, data: object) -> Path:
    """A JSON file."""
    path.write_text(json.dumps(data), "utf-8")
    return path


def checked(*passed: bool | None) -> dict[str, Any]:
    """A summary with these verdicts."""
    checks = [{"check": "c", "expected": "5", "seen": "5", "passed": each} for each in passed]
    return {"loss_low": 2e-4, "loss_high": 3e-2, "shapes": {"digon": 3}, "checks": checks}
