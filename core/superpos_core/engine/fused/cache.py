"""Compiled kernels on disk: in the user's own cache, in a folder that can never be stale.

The folder is named after everything that compiled code depends on (these sources, numba, LLVM,
Python, the processor), so a change of any of them starts a new one; old ones are removed. What is
written is listed with its digest: a file that does not match (a full disk, a crash, a stray hand)
is thrown away before numba reads it, and compiled anew.
"""

from __future__ import annotations

import hashlib
import json
import platform
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import llvmlite
import numba
import platformdirs
from llvmlite import binding
from numba.core.caching import NullCache

from superpos_core.engine.fused.simd import COMPILED
from superpos_core.engine.fused.specialisation import Specialisation

LIST = "kernels.json"
OLD_FOLDERS_KEPT = 3
"""Versions that are used in turn keep their folders."""


def default_root() -> Path:
    """Where the user's compiled kernels are kept."""
    return platformdirs.user_cache_path("superpos-tui") / "kernels"


def fingerprint() -> str:
    """Names what compiled code depends on."""
    digest = hashlib.sha256()
    for source in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(source.read_bytes())
    for fact in (
        numba.__version__,
        llvmlite.__version__,
        platform.python_version(),
        platform.machine(),
        binding.get_host_cpu_name(),
        binding.get_host_cpu_features().flatten(),
    ):
        digest.update(f"\n{fact}".encode())
    return digest.hexdigest()[:16]


class KernelCache:
    """The folder in which numba keeps this version's compiled kernels, and what is in it."""

    def __init__(self, root: Path | None = None) -> None:
        self.root = root or default_root()
        self.folder = self.root / fingerprint()
        self.usable = self._prepare()
        self._dispatchers: list[Any] = []
        self._compiled: set[str] = set(self._listed().get("specialisations", ()))

    def jit(self, function: Callable[..., Any]) -> Any:
        """Compile an entry point when first called: without the GIL, kept in this folder."""
        usual = numba.config.CACHE_DIR
        numba.config.CACHE_DIR = str(self.folder)
        try:
            options = {**COMPILED, "no_cpython_wrapper": False}
            dispatcher = numba.njit(nogil=True, cache=self.usable, **options)(function)
        finally:
            numba.config.CACHE_DIR = usual
        self._dispatchers.append(dispatcher)
        return dispatcher

    def needs_compiling(self, specialisation: Specialisation) -> bool:
        """Whether the first call with this specialisation will wait seconds for the compiler."""
        return repr(specialisation) not in self._compiled

    def first_call(self, specialisation: Specialisation, call: Callable[[], None]) -> None:
        """Make a call that may compile; whatever is broken in the cache is healed by then."""
        try:
            call()
        except Exception:
            # Not knowing what numba choked on: begin anew, and if even that fails, without disk.
            self.wipe()
            try:
                call()
            except Exception:
                self._forgo_disk()
                call()
        if self.needs_compiling(specialisation):
            self._compiled.add(repr(specialisation))
            self._write_list()

    def wipe(self) -> None:
        """Remove every compiled kernel from the folder (numba keeps using the folders in it)."""
        for file in self._files():
            with suppress(OSError):
                file.unlink()
        with suppress(OSError):
            (self.folder / LIST).unlink()
        self._compiled = set()

    def _prepare(self) -> bool:
        """Make the folder; False where nothing can be written."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            probe = self.folder / ".writable"
            probe.touch()
            probe.unlink()
        except OSError:
            return False
        if not self._is_sound():
            self.wipe()
        self._remove_old_folders()
        return True

    def _is_sound(self) -> bool:
        """Whether every listed file is there as it was written."""
        digests = self._listed().get("files", {})
        try:
            return all(_digest(self.folder / name) == digest for name, digest in digests.items())
        except OSError:
            return False

    def _listed(self) -> dict[str, Any]:
        try:
            listed = json.loads((self.folder / LIST).read_text())
        except (OSError, ValueError):
            return {}
        return listed if isinstance(listed, dict) else {}

    def _write_list(self) -> None:
        if not self.usable:
            return
        with suppress(OSError):
            listed = {
                "specialisations": sorted(
                    self._compiled | set(self._listed().get("specialisations", ()))
                ),
                "files": {str(f.relative_to(self.folder)): _digest(f) for f in self._files()},
            }
            new = self.folder / f"{LIST}.new"
            new.write_text(json.dumps(listed, indent=1))
            new.replace(self.folder / LIST)

    def _files(self) -> list[Path]:
        """Numba's index and object files."""
        return sorted((*self.folder.rglob("*.nbi"), *self.folder.rglob("*.nbc")))

    def _forgo_disk(self) -> None:
        self.usable = False
        for dispatcher in self._dispatchers:
            dispatcher._cache = NullCache()

    def _remove_old_folders(self) -> None:
        with suppress(OSError):
            others = [each for each in self.root.iterdir() if each.is_dir() and each != self.folder]
            others.sort(key=lambda each: each.stat().st_mtime, reverse=True)
            for old in others[OLD_FOLDERS_KEPT:]:
                shutil.rmtree(old, ignore_errors=True)


def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


KERNELS = KernelCache()
