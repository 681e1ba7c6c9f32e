"""Reading PyTorch files, which are pickles: only in a child process, and only weights.

The child (``torch_child``) has limits on memory and time. It hands over the tensors as safetensors.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from superpos_core.array_files.array_file import ArrayFile, UnreadableArrays
from superpos_core.array_files.found import Contents
from superpos_core.array_files.safetensors_files import found_in
from superpos_core.errors import reason_of, shortened

CHILD = Path(__file__).with_name("torch_child.py")
TIMEOUT = 120.0
"""Seconds until the child is ended: loading torch from a slow disk takes many of them."""
MEMORY_OF_FILE, SPARE_MEMORY = 4, 256 << 20
"""The child may take this multiple of the file's size, and this much more, beyond torch itself."""


@contextmanager
def arrays_of_torch(path: Path) -> Iterator[Contents]:
    """The tensors of a PyTorch file by dotted name; raises ``UnreadableArrays``."""
    with tempfile.TemporaryDirectory(prefix="superpos-") as folder:
        converted = Path(folder) / "tensors.safetensors"
        _convert(path, converted)
        with ArrayFile(converted) as file:
            yield Contents(found_in(file))


def _convert(path: Path, target: Path) -> None:
    memory = MEMORY_OF_FILE * path.stat().st_size + SPARE_MEMORY
    command = [sys.executable, "-P", str(CHILD), str(path.absolute()), str(target), str(memory)]
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=TIMEOUT,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise UnreadableArrays(f"reading it took more than {TIMEOUT:.0f} s") from None
    except OSError as error:
        raise UnreadableArrays(f"no process to read it can start ({reason_of(error)})") from error
    report = _report_of(done.stdout)
    if "error" in report:
        refused = "" if report.get("is_missing") else "PyTorch refuses it: "
        raise UnreadableArrays(refused + shortened(str(report["error"])))
    if done.returncode != 0 or not target.exists():
        raise UnreadableArrays(f"the process that read it was ended (code {done.returncode})")


def _report_of(output: bytes) -> dict[str, Any]:
    """The last line, as the child reports; empty if it did not come to that."""
    lines = output.splitlines()
    try:
        report = json.loads(lines[-1]) if lines else {}
    except ValueError:  # the child was ended while it printed something else
        return {}
    return report if isinstance(report, dict) else {}
