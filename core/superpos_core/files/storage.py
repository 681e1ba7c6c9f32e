"""Writing files: weights, losses and plain data, each written whole or not at all.

A file is written under a temporary name in the same folder and then renamed, so that whatever stops
the program leaves the old file or the new one, never half of one. No pickle is written or read.
"""

import csv
import io
import json
import math
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from superpos_core.errors import InvalidValue, reason_of

if TYPE_CHECKING:  # a user's own training loop writes files too, and should start at once
    from superpos_core.record.history import LossCurve
    from superpos_core.record.record import Record

CONFIG_KEY = "config"
"""The only metadata key: with several, safetensors would write them in random order."""
UNKNOWN_KEY = "unknown"
"""The list, in the metadata's config, of what is only a placeholder there."""


_unfinished: set[Path] = set()
"""The temporary files currently being written."""


class WriteError(OSError):
    """A file could not be written; the message names the file and the reason."""

    def __init__(self, path: Path, error: OSError) -> None:
        self.path, self.error = path, error
        super().__init__(f"cannot write {path}: {reason_of(error)}")

    def __reduce__(self) -> tuple[type["WriteError"], tuple[Path, OSError]]:
        """Makes it picklable."""
        return WriteError, (self.path, self.error)


@contextmanager
def writing(path: Path) -> Iterator[Path]:
    """A temporary path to write to; it is renamed to ``path`` if the block succeeds.

    If the block fails or is interrupted, nothing is left behind. A link stays a link: its target is
    replaced. Raises ``WriteError`` if the file system refuses.
    """
    target = Path(os.path.realpath(path)) if path.is_symlink() else path
    temporary = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
    _unfinished.add(temporary)
    try:
        yield temporary
        temporary.replace(target)
    except OSError as error:
        raise WriteError(path, error) from error
    finally:
        _remove(temporary)
        _unfinished.discard(temporary)


def discard_unfinished() -> None:
    """Remove the unfinished files of other threads, before the process is ended."""
    for temporary in tuple(_unfinished):
        _remove(temporary)


def write_bytes(path: Path, content: bytes) -> None:
    """Write a whole file; raises ``WriteError``."""
    with writing(path) as temporary:
        temporary.write_bytes(content)


def remove(path: Path) -> None:
    """Remove a file if it exists; raises ``WriteError``."""
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise WriteError(path, error) from error


def prepare_folder(folder: Path, option: str = "export") -> None:
    """Create ``folder`` if necessary, and check that a file can be written there.

    Raises ``InvalidValue`` about ``option`` otherwise: call this before training, not after. The
    root of the file system is refused too: no one wants a run's files there, but
    ``--export $UNSET/`` expands to it.
    """
    try:
        if folder.resolve() == Path(folder.resolve().anchor):
            reason = "it is the root of the file system"
            raise InvalidValue(option, folder, reason, "a folder below it, such as out/")
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / f".{secrets.token_hex(4)}.part"
        try:
            probe.write_bytes(b"")
        finally:
            _remove(probe)
    except FileExistsError:
        reason = _obstacle(folder)
    except OSError as error:
        reason = reason_of(error)
    except RuntimeError:  # how Python before 3.13 reports ELOOP
        reason = "it is a link that points to itself"
    else:
        return
    raise InvalidValue(option, folder, reason, "a folder that can be written to")


def _obstacle(path: Path) -> str:
    """What exists at ``path`` instead of a folder."""
    if path.is_symlink() and not path.exists():
        return f"it is a link to {path.readlink()}, which does not exist"
    return "it is a file, not a folder"


def write_weights(path: Path, record: "Record") -> None:
    """Write a record's arrays as safetensors, with the config as JSON in the metadata.

    If anything in the config is unknown, it also has a list of that.
    """
    from safetensors.numpy import save

    unknown = {UNKNOWN_KEY: sorted(record.unknown)} if record.unknown else {}
    config = {**record.config.as_dict(), **unknown}
    metadata = {CONFIG_KEY: strict_json(config, indent=None)}
    write_bytes(path, save(record.arrays(), metadata=metadata))


def write_losses(path: Path, record: "Record") -> None:
    """Write the mean losses as CSV; see ``loss_rows``."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(loss_rows(record))
    write_bytes(path, text.getvalue().encode())


def loss_rows(record: "Record") -> Iterator[list[str]]:
    """A header (``step``, then the label of each lane), then the mean losses at each kept step.

    The further curves of a record, such as L0 of dictionaries, are columns after all losses. A row
    summarises the steps since the previous row, as in ``LossCurve``. A cell is empty if the lane
    has no point at that step, and ``nan`` or ``inf`` if its loss was not finite.
    """
    tables = [*record.losses, *record.further_curves]
    yield ["step", *(name for table in tables for name in table.names)]
    points = [_cells_by_step(table.curve) for table in tables]
    for step in sorted(set().union(*points)):
        cells: list[str] = []
        for table, by_step in zip(tables, points, strict=True):
            cells += by_step.get(step, [""] * len(table.names))
        yield [str(step), *cells]


def write_json(path: Path, data: Mapping[str, Any]) -> None:
    """Write strict JSON; raises ``WriteError``."""
    write_bytes(path, f"{strict_json(data)}\n".encode())


def strict_json(data: Mapping[str, Any], indent: int | None = 2) -> str:
    """JSON that every reader accepts: non-finite numbers become null."""
    return json.dumps(_strict(data), indent=indent, ensure_ascii=False, allow_nan=False)


def _cells_by_step(curve: "LossCurve") -> dict[int, list[str]]:
    """Losses by step; nine digits distinguish any two float32."""
    return {
        int(step): [f"{loss:.9g}" for loss in losses]
        for step, losses in zip(curve.steps, curve.mean.T, strict=True)
    }


def _strict(value: Any) -> Any:
    if isinstance(value, np.ndarray | np.generic):
        value = value.tolist()
    if isinstance(value, Mapping):
        return {str(key): _strict(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_strict(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def _remove(temporary: Path) -> None:
    """Remove a temporary file if it still exists."""
    try:
        temporary.unlink(missing_ok=True)
    except OSError:
        # Its folder is gone or has become read-only. This is why writing failed, and that error is
        # already on its way to the user: a second one would hide it.
        return
