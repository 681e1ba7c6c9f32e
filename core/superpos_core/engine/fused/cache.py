"""Compiled kernels on disk: one file each, in folders that can never be stale.

A folder is named after everything that compiled code depends on (these sources, numba, LLVM,
Python, the processor), so a change of any of them starts a new one; old ones are removed. A file
starts with the digest of its content: a damaged file (full disk, crash, manual edit) is ignored,
compiled again and rewritten.

A kernel is unpickled and so could run anything: only files that just this user or root can write
are read. Numba's own cache does not check this, needs its folder to be writable, and may not use
the configured one.
"""

from __future__ import annotations

import hashlib
import os
import pickle
import platform
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from contextvars import ContextVar
from pathlib import Path
from typing import Any

import llvmlite
import numba
from llvmlite import binding
from numba.core.caching import _Cache
from numba.core.compiler import CompileResult
from numba.core.serialize import dumps

from superpos_core.engine.fused.compilation import COMPILED
from superpos_core.engine.news import COMPILING, News, ignore_news
from superpos_core.machine.private_files import (
    is_private_folder,
    make_private_folder,
    read_private,
    write_private,
)
from superpos_core.machine.user_folders import PROGRAM, user_cache_folder

KERNELS_FOLDER = "kernels"
SUFFIX = ".kernel"
OLD_FOLDERS_KEPT = 3
"""Keeps the folders of versions that are used alternately."""
NOT_ABOUT_CODE = ("NUMBA_CACHE_DIR", "NUMBA_NUM_THREADS")
"""Numba's variables that do not affect compiled code."""

NOT_KEPT = "the compiled kernel cannot be kept: no cache folder can be written"


def default_roots() -> list[Path]:
    """The folders for compiled kernels, in order of preference.

    Numba's own variable, the user's cache, and, without a writable home, a private folder among
    temporary files.
    """
    return [parent / KERNELS_FOLDER for parent in _parents()]


def _parents() -> Iterator[Path]:
    chosen = Path(os.environ.get("NUMBA_CACHE_DIR", ""))
    if chosen.is_absolute():  # a relative one would depend on where the program is started
        yield chosen / PROGRAM
    if (users := user_cache_folder()) is not None:
        yield users
    with suppress(OSError):  # no temporary folder, or no working directory
        temporary = Path(tempfile.gettempdir())
        if temporary != Path.cwd():
            user = os.geteuid() if hasattr(os, "geteuid") else "user"
            yield temporary / f"{PROGRAM}-{user}"


def fingerprint() -> str:
    """A hash of everything that compiled code depends on."""
    digest = hashlib.sha256()
    for source in sorted(Path(__file__).parent.rglob("*.py")):
        digest.update(source.read_bytes())
    variables = sorted(
        f"{name}={value}"
        for name, value in os.environ.items()
        if name.startswith("NUMBA_") and name not in NOT_ABOUT_CODE
    )
    for fact in (
        numba.__version__,
        llvmlite.__version__,
        platform.python_version(),
        platform.machine(),
        binding.get_host_cpu_name(),
        binding.get_host_cpu_features().flatten(),
        *variables,
    ):
        digest.update(f"\n{fact}".encode(errors="surrogateescape"))
    return digest.hexdigest()[:16]


class KernelCache:
    """This version's compiled kernels, in the first folder that has or accepts them."""

    def __init__(self, roots: Sequence[Path] | None = None) -> None:
        version = fingerprint()
        self.folders = [root / version for root in (default_roots() if roots is None else roots)]

    def jit(self, function: Callable[..., Any]) -> Any:
        """Compile an entry point when first called: without the GIL, cached in these folders."""
        options = {**COMPILED, "no_cpython_wrapper": False}
        dispatcher = numba.njit(nogil=True, **options)(function)
        dispatcher._cache = _CacheOfDispatcher(self, function.__name__)
        return dispatcher

    def first_call(self, call: Callable[[], None], on_news: News) -> None:
        """Make a call that may compile; ``on_news`` is called if it takes long."""
        before = _on_news.set(on_news)
        try:
            call()
        finally:
            _on_news.reset(before)

    def load(self, name: str) -> bytes | None:
        """The content cached under ``name``, if it is intact and private."""
        for folder in self.folders:
            if not all(map(is_private_folder, _own(folder))):
                continue
            content = read_private(folder / name) or b""
            digest, payload = content[:DIGEST_BYTES], content[DIGEST_BYTES:]
            if payload and digest == _digest(folder / name, payload):
                return payload
        return None

    def keep(self, name: str, payload: bytes) -> bool:
        """Write to the first folder that accepts it; returns whether one did."""
        for folder in self.folders:
            try:
                if folder.is_symlink() or folder.is_file():
                    folder.unlink()  # the name belongs to this cache alone
                for each in _own(folder):
                    make_private_folder(each)
                write_private(folder / name, _digest(folder / name, payload) + payload)
            except OSError:
                continue
            _remove_old_folders(folder)
            return True
        return False


class _CacheOfDispatcher(_Cache):  # type: ignore[misc]
    """Numba's interface to the cached versions of a function."""

    def __init__(self, kernels: KernelCache, function: str) -> None:
        self._kernels = kernels
        self._function = function

    @property
    def cache_path(self) -> str:
        return str(self._kernels.folders[0]) if self._kernels.folders else ""

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """The compiled version for these types; if ``None``, numba compiles it."""
        target_context.refresh()
        payload = self._kernels.load(self._name(sig))
        if payload is not None:
            # An intact kernel that cannot be loaded, for any reason, is compiled again and its file
            # replaced.
            with suppress(Exception):
                return CompileResult._rebuild(target_context, *pickle.loads(payload))
        _on_news.get()(COMPILING)
        return None

    def save_overload(self, sig: Any, data: Any) -> None:
        """Keep a version that was just compiled."""
        if data.library.has_dynamic_globals:
            return  # it contains addresses of this process
        if not self._kernels.keep(self._name(sig), dumps(data._reduce())):
            _on_news.get()(NOT_KEPT)

    def enable(self) -> None:
        """Part of numba's interface; unused."""

    def disable(self) -> None:
        """Part of numba's interface; unused."""

    def flush(self) -> None:
        """Nothing is buffered."""

    def _name(self, sig: Any) -> str:
        """A file's name: the folder and the types identify a version."""
        return f"{self._function}-{hashlib.sha256(repr(sig).encode()).hexdigest()[:24]}{SUFFIX}"


_on_news: ContextVar[News] = ContextVar("on_news", default=ignore_news)
"""Receives the news of the current call."""


DIGEST_BYTES = hashlib.sha256().digest_size


def _digest(file: Path, payload: bytes) -> bytes:
    """The digest of a file's content and name: a kernel under another name is invalid."""
    return hashlib.sha256(f"{file.parent.name}/{file.name}\n".encode() + payload).digest()


def _own(folder: Path) -> tuple[Path, ...]:
    """The folders of this program, top down: the program's, its kernels', this version's."""
    return folder.parent.parent, folder.parent, folder


def _remove_old_folders(folder: Path) -> None:
    """Remove the folders of other versions, except the newest."""
    with suppress(OSError):  # another program may remove them at the same time
        others = [each for each in folder.parent.iterdir() if each != folder and each.is_dir()]
        others.sort(key=lambda each: each.stat().st_mtime, reverse=True)
        for old in others[OLD_FOLDERS_KEPT:]:
            shutil.rmtree(old, ignore_errors=True)


KERNELS = KernelCache()
