"""``run.json``: the run in a folder, its moment, and the files that belong to it."""

import hashlib
import json
import secrets
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

import numpy as np

from superpos_core.files import storage
from superpos_core.files.runs.layout import ARRAYS, FORMAT, MANIFEST_FILE, OLDER_FORMATS
from superpos_core.files.versions import software_versions
from superpos_core.record.lane_group import marks_by_name
from superpos_core.record.snapshot import Snapshot
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.decay import ALL
from superpos_core.task.dictionaries.options import DictionaryOptions
from superpos_core.task.frequencies import EQUAL
from superpos_core.task.noise_schedules import CONSTANT
from superpos_core.task.starts import INDEPENDENT

ADDED_SETTINGS: dict[str, Any] = {
    "initial": INDEPENDENT,
    "decay_of": ALL,
    "hidden_noise": 0.0,
    "hidden_noise_schedule": CONSTANT,
    "hidden_dropout": 0.0,
    "frequency": EQUAL,
    "alpha": 1.0,
    "active": 1.0,
    "branching": 2,
    "covariance": "",
    "rows": "",
    "correlation": (0.0,),
    "value_noise": 0.0,
    **{each.name: each.default for each in fields(DictionaryOptions)},
}
"""Settings missing from older folders, with the value that all runs had then."""


@dataclass(frozen=True)
class Manifest:
    """The run and the moment that a folder holds, and the names of the files written for it.

    ``identity`` is equal for equal config, steps and weights: the same moment of the same run.
    ``run`` is unique per run, and ``started`` is when it started, in Unix seconds; both are empty
    in the export of a single moment. ``unknown`` names the fields of the config that are
    placeholders, and ``marks`` are the steps, by model, where a dial was turned, and which.
    """

    experiment: str
    config: Mapping[str, Any]
    steps: Mapping[str, int]
    identity: str
    files: tuple[str, ...] = (MANIFEST_FILE,)
    run: str = ""
    started: float = 0.0
    engine: str = ""
    device: str = ""
    versions: Mapping[str, str] = field(default_factory=dict)
    unknown: tuple[str, ...] = ()
    marks: Mapping[str, Any] = field(default_factory=dict)
    arrays: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, snapshot: Snapshot) -> "Manifest":
        """The manifest of a snapshot, as a new run with no files written yet."""
        config, record = snapshot.config, snapshot.record
        steps = dict(record.steps)
        return cls(
            config.name,
            config.as_dict(),
            steps,
            _identity(snapshot, steps),
            engine=snapshot.engine,
            device=snapshot.device,
            versions=software_versions(),
            unknown=tuple(sorted(record.unknown)),
            marks=marks_by_name(record.groups),
            arrays=ARRAYS,
        )

    @classmethod
    def read(cls, folder: Path) -> "Manifest | None":
        """The manifest in a folder; ``None`` if there is none written by this program."""
        try:
            return cls.parsed((folder / MANIFEST_FILE).read_bytes())
        except OSError:
            return None

    @classmethod
    def parsed(cls, content: bytes) -> "Manifest | None":
        """The manifest with this content; ``None`` if it is none."""
        try:
            values = json.loads(content)
            if values["format"] not in (FORMAT, *OLDER_FORMATS):
                return None
            manifest = cls(
                str(values["experiment"]),
                dict(values["config"]),
                {str(model): int(step) for model, step in dict(values["steps"]).items()},
                str(values["identity"]),
                tuple(str(name) for name in values["files"]),
                run=str(values.get("run", "")),
                started=float(values.get("started", 0)),
                engine=str(values.get("engine", "")),
                device=str(values.get("device", "")),
                versions=dict(values.get("versions", {})),
                unknown=tuple(str(name) for name in values.get("unknown", ())),
                marks=dict(values.get("marks", {})),
                arrays=dict(values.get("arrays", {})),
            )
        except (ValueError, KeyError, TypeError, ArithmeticError, RecursionError):
            return None  # not written by us: the folder holds no run
        # A name that leads out of the folder was never written by us.
        return manifest if _are_plain(manifest.files) else None

    def write(self, folder: Path) -> Path:
        """Write it into a folder and return its path; raises ``WriteError``."""
        path = folder / MANIFEST_FILE
        storage.write_json(path, {"format": FORMAT, **asdict(self)})
        return path

    def as_new_run(self) -> "Manifest":
        """The same as a run that starts now."""
        return replace(self, run=secrets.token_hex(8), started=round(time.time(), 3))

    def continuing(self, held: "Manifest") -> "Manifest":
        """The same moment, as one of the run that a folder holds, with the files in it."""
        return replace(self, run=held.run, started=held.started).naming(held.files)

    def naming(self, names: Iterable[str]) -> "Manifest":
        """The same manifest with more files, each listed once."""
        return replace(self, files=tuple(dict.fromkeys((*self.files, *names))))

    @property
    def description(self) -> str:
        """A description such as "intro, seed 0, step 10,000"."""
        taken = sorted(set(self.steps.values()))
        steps = " and ".join(f"{step:,}" for step in taken)
        of_run = f"{self.experiment}, seed {self.config.get('seed')}"
        return f"{of_run}, step {steps}" if steps else of_run


def identifying_settings(config: ExperimentConfig) -> dict[str, Any]:
    """The settings that distinguish runs; newer ones count only if they differ from the old value.

    The kind is not among them: it shows in the names of the arrays.
    """
    return {
        name: value
        for name, value in config.as_dict().items()
        if name != "kind" and (name not in ADDED_SETTINGS or value != ADDED_SETTINGS[name])
    }


def _identity(snapshot: Snapshot, steps: Mapping[str, int]) -> str:
    """A SHA-256 hash that identifies one moment of one run."""
    digest = hashlib.sha256()
    description = {"config": identifying_settings(snapshot.config), "steps": steps}
    digest.update(storage.strict_json(description, indent=None).encode())
    for name, array in snapshot.record.arrays().items():
        digest.update(f"{name} {array.dtype} {array.shape}".encode())
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()


def _are_plain(names: Sequence[str]) -> bool:
    # All at once, and without a Path: a list of runs asks this of tens of thousands of names.
    together = "".join(names)
    return {"", ".", ".."}.isdisjoint(names) and not any(each in together for each in "/\\:")
