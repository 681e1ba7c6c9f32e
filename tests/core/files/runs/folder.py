"""A run's folder as a writer leaves it, piece by piece, in the format that is documented."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save

from superpos_core.record.lanes import LanesRecord
from superpos_core.record.record import Record
from superpos_core.record.snapshot import Snapshot
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.models import model_named
from superpos_core.task.parameters import Parameters


class WrittenFolder:
    """Writes the files of a run, each under another name first."""

    def __init__(self, path: Path, config: ExperimentConfig, run: str = "0123456789abcdef") -> None:
        self.path = path
        self.config = config
        self.run = run
        path.mkdir(parents=True, exist_ok=True)

    def describe(self, **changes: Any) -> None:
        """``run.json``."""
        self._write(
            "run.json",
            json.dumps(
                {
                    "format": 2,
                    "experiment": self.config.name,
                    "config": self.config.as_dict(),
                    "steps": {},
                    "identity": "",
                    "files": ["run.json"],
                    "run": self.run,
                    "engine": "fused",
                    "device": "cpu",
                    "unknown": [],
                    "marks": {},
                    **changes,
                }
            ).encode(),
        )

    def say(self, state: str = "training", **changes: Any) -> None:
        """``status.json``."""
        life = {"step": 3, "steps": 1000, "steps_per_second": 5.0, "alive": 1e9}
        status = {"state": state, **life, **changes}
        self._write("status.json", json.dumps(status).encode())

    def keep(self, model: str, step: int, parameters: Parameters) -> None:
        """A moment."""
        arrays = {
            each.file_name: np.ascontiguousarray(parameters.arrays[each.name])
            for each in model_named(model).trained
        }
        self._write(f"timeline/{model}/{step}.safetensors", save(arrays))

    def drop(self, model: str, step: int) -> None:
        """Thin the timeline out."""
        (self.path / f"timeline/{model}/{step}.safetensors").unlink()

    def store(self, record: Record) -> None:
        """``state.safetensors``."""
        stored = record.stored()
        arrays = {name: np.ascontiguousarray(array) for name, array in stored.arrays.items()}
        arrays["engine/tied/first"] = np.arange(3, dtype=np.float32)
        facts = {"facts": json.dumps(stored.facts)}
        self._write("state.safetensors", save(arrays, metadata=facts))

    def begin_losses(self, names: Iterable[str]) -> None:
        """``loss.csv`` with a header only."""
        self._write("loss.csv", (",".join(["step", *names]) + "\n").encode())

    def add_losses(self, text: str) -> None:
        """More of ``loss.csv``."""
        with (self.path / "loss.csv").open("a", encoding="utf-8") as file:
            file.write(text)

    def _write(self, name: str, content: bytes) -> None:
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f".{path.name}.part")
        temporary.write_bytes(content)
        temporary.replace(path)


def written(path: Path, snapshot: Snapshot, *, state: bool = True) -> WrittenFolder:
    """The folder of a whole run of lanes, with a state or without."""
    folder = WrittenFolder(path, snapshot.config)
    record = snapshot.record_as(LanesRecord)
    folder.describe(steps=record.steps)
    folder.say("finished")
    for model, cohort in record.cohorts.items():
        for moment in cohort.timeline.moments:
            folder.keep(model, moment.step, moment.parameters)
    folder.begin_losses(name for table in record.losses for name in table.names)
    folder.add_losses(rows_of(record))
    if state:
        folder.store(record)
    return folder


def rows_of(record: LanesRecord) -> str:
    """The losses of models that train one after another: rows of each leave the others empty."""
    lines = []
    for model, cohort in record.cohorts.items():
        for index, step in enumerate(cohort.losses.steps):
            cells = {name: [""] * len(each.lanes) for name, each in record.cohorts.items()}
            cells[model] = [f"{loss:.9g}" for loss in cohort.losses.mean[:, index]]
            lines.append(",".join([str(step), *(cell for each in cells.values() for cell in each)]))
    return "".join(f"{line}\n" for line in lines)


def files_in(folder: Path) -> Mapping[Path, bytes]:
    """Everything below a folder."""
    return {path: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}
