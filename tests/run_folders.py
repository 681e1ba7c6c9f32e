"""Folders of runs, made of plain JSON as the format describes it, not by the program's writer."""

import json
from pathlib import Path
from typing import Any

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
    """A run of format 2 in ``folder``; ``manifest`` adds to ``run.json``."""
    folder.mkdir(parents=True, exist_ok=True)
    about = {
        "format": 2, "experiment": config.name, "config": config.as_dict(), "run": "0" * 16,
        "identity": "", "steps": {"tied": step}, "files": ["run.json"], **manifest,
    }  # fmt: skip
    write(folder / "run.json", about)
    give_sign_of_life(folder, state, step, alive, losses, reason, config.steps)
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
    steps: int = 10_000,
) -> None:
    """Replace ``status.json``."""
    low, high = losses or (None, None)
    status = {
        "state": state, "step": step, "steps": steps, "share_done": step / steps, "alive": alive,
        "steps_per_second": 1000.0, "seconds_training": 1.0, "loss_low": low, "loss_high": high,
        "reason": reason,
    }  # fmt: skip
    write(folder / "status.json.part", status).replace(folder / "status.json")


def write(path: Path, data: object) -> Path:
    """A JSON file."""
    path.write_text(json.dumps(data), "utf-8")
    return path


def checked(*passed: bool | None) -> dict[str, Any]:
    """A summary with these verdicts."""
    checks = [{"check": "c", "expected": "5", "seen": "5", "passed": each} for each in passed]
    return {"loss_low": 2e-4, "loss_high": 3e-2, "shapes": {"digon": 3}, "checks": checks}
