"""Compiled kernels on disk: the kernel in separate processes, damaged files of a small function."""

from __future__ import annotations

import errno
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from superpos_core.engine.fused import cache as cache_module
from superpos_core.engine.fused.cache import NOT_KEPT, SUFFIX, KernelCache
from superpos_core.engine.news import COMPILING

CORE = Path(__file__).parents[4] / "core"
START = """
import json, sys
import numpy as np
from superpos_core.engine.fused.cohort import FusedCohort
from superpos_core.engine.fused.kernel import train_lanes
from superpos_core.engine.fused.specialisation import Formula
cohort = FusedCohort.new(formula=Formula(), tied=True, hidden=1, probabilities=[[0.5]],
                    importance=[[1.0]], seeds=[1])
news = []
cohort.compile(news.append)
print(json.dumps({
    "news": news, "compiled": sum(train_lanes.stats.cache_misses.values()),
    "torch": "torch" in sys.modules,
}))
"""
needs_owners = pytest.mark.skipif(os.name == "nt", reason="files have no owners here")


def start(**changes: str) -> dict[str, Any]:
    """Start a process that needs the kernel."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("NUMBA_")}
    done = subprocess.run(
        [sys.executable, "-c", START],
        env={**kept, "PYTHONPATH": str(CORE), **changes},
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


@pytest.mark.thorough
def test_the_kernel_is_compiled_once_and_again_if_what_is_on_disk_is_broken(tmp_path):
    compiled = {"news": [COMPILING], "compiled": 1, "torch": False}
    found = {"news": [], "compiled": 0, "torch": False}
    assert start(XDG_CACHE_HOME=str(tmp_path)) == compiled
    assert start(XDG_CACHE_HOME=str(tmp_path)) == found
    (file,) = tmp_path.rglob(f"*{SUFFIX}")
    file.write_bytes(b"not a kernel" * 100)
    assert start(XDG_CACHE_HOME="/dev/null", NUMBA_CACHE_DIR=str(tmp_path)) == compiled
    assert start(XDG_CACHE_HOME="/dev/null", NUMBA_CACHE_DIR=str(tmp_path)) == found


# ── The same with a function that compiles in no time ───────────────────────────────────────────


def thrice(number: int) -> int:
    return 3 * number


class Start(NamedTuple):
    compiled: int
    news: list[str]


def start_small(*roots: Path) -> Start:
    """What a new process would do that needs a small kernel."""
    cache = KernelCache(roots)
    kernel = cache.jit(thrice)
    news: list[str] = []
    cache.first_call(lambda: kernel(1), news.append)
    assert kernel(14) == 42
    return Start(sum(kernel.stats.cache_misses.values()), news)


COMPILED, FOUND = Start(1, [COMPILING]), Start(0, [])


@pytest.fixture
def root(tmp_path):
    """A place that has the kernel."""
    root = tmp_path / "superpos-tui" / "kernels"
    assert start_small(root) == COMPILED
    assert start_small(root) == FOUND
    return root


def kernel_in(root: Path) -> Path:
    (file,) = root.rglob(f"*{SUFFIX}")
    return file


def another_kernel(file: Path) -> None:
    """What a hand does that copies the wrong file."""
    other = file.parents[1] / "other" / "kernels"
    start_small(other)
    content = kernel_in(other).read_bytes()
    shutil.rmtree(other.parent)
    file.write_bytes(content[:-1])


def in_place_of(thing: Callable[[Path], object]) -> Callable[[Path], None]:
    def damage(path: Path) -> None:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
        thing(path)

    return damage


def full_folder(path: Path) -> None:
    (path / "of" / "things").mkdir(parents=True)
    (path / "of" / "a file").touch()


def open_file(path: Path) -> None:
    path.chmod(0o666)


def everything_open(file: Path) -> None:
    for path in (file, *file.parents[:3]):
        path.chmod(0o777)


DAMAGE: dict[str, Callable[[Path], object]] = {
    "empty": lambda file: file.write_bytes(b""),
    "one byte": lambda file: file.write_bytes(b"\x80"),
    "only the digest": lambda file: file.write_bytes(file.read_bytes()[:32]),
    "nonsense": lambda file: file.write_bytes(b"not a kernel" * 100),
    "zeros": lambda file: file.write_bytes(bytes(file.stat().st_size)),
    "cut off": lambda file: file.write_bytes(file.read_bytes()[: file.stat().st_size // 2]),
    "a byte more": lambda file: file.write_bytes(file.read_bytes() + b"\n"),
    "a byte changed": lambda file: file.write_bytes(file.read_bytes()[:-9] + b"!" * 9),
    "the digest changed": lambda file: file.write_bytes(b"!" + file.read_bytes()[1:]),
    "line ends changed": lambda file: file.write_bytes(
        file.read_bytes().replace(b"\n", b"\r\n").replace(b"\x00", b"")
    ),
    "another pickle": lambda file: file.write_bytes(b"cos\nabort\n(tR."),
    "another kernel": another_kernel,
    "not there": lambda file: file.unlink(),
    "renamed": lambda file: file.rename(file.with_name("kernel" + SUFFIX)),
    "a folder": in_place_of(Path.mkdir),
    "a full folder": in_place_of(full_folder),
    "a link to nothing": in_place_of(lambda path: path.symlink_to("nothing")),
    "a link to itself": in_place_of(lambda path: path.symlink_to(path.name)),
    "a link to a device": in_place_of(lambda path: path.symlink_to("/dev/zero")),
    "a pipe": in_place_of(os.mkfifo),
    "not readable": lambda file: file.chmod(0),
    "open to all": open_file,
    "the folder is not there": lambda file: shutil.rmtree(file.parent),
    "the folder is a file": lambda file: in_place_of(Path.touch)(file.parent),
    "the folder is a link to nothing": lambda file: in_place_of(
        lambda path: path.symlink_to("nothing")
    )(file.parent),
    "the folder is open to all": lambda file: file.parent.chmod(0o777),
    "everything is open to all": everything_open,
    "strangers beside it": lambda file: full_folder(file.parent / "strange"),
    "all is gone": lambda file: shutil.rmtree(file.parents[2]),
}
LEFT_AS_THEY_ARE = {"strangers beside it"}
if os.name != "nt" and os.geteuid() == 0:
    LEFT_AS_THEY_ARE.add("not readable")  # to others than root


@needs_owners
@pytest.mark.parametrize("kind", DAMAGE)
def test_a_damaged_cache_is_repaired_at_once(root, kind):
    DAMAGE[kind](kernel_in(root))
    assert start_small(root) == (FOUND if kind in LEFT_AS_THEY_ARE else COMPILED)
    assert start_small(root) == FOUND


def test_a_kernel_is_not_mistaken_for_another_one(root):
    cache = KernelCache([root])
    payload = cache.load(kernel_in(root).name)
    assert payload is not None
    assert cache.keep("other", payload)
    kernel_in(root).replace(kernel_in(root).with_name("other"))
    assert cache.load("other") is None


# ── where it is kept ────────────────────────────────────────────────────────────────────────────


def test_without_a_writable_folder_it_compiles_every_time_and_says_so(tmp_path):
    occupied = tmp_path / "superpos-tui"
    occupied.write_text("a file where the folder should be")
    for roots in ([], [occupied / "kernels"]):
        for _ in range(2):
            assert start_small(*roots) == Start(1, [COMPILING, NOT_KEPT])
    assert occupied.is_file()


def test_the_next_folder_is_used_if_one_is_not_writable(tmp_path):
    occupied, free = tmp_path / "occupied", tmp_path / "free" / "kernels"
    occupied.touch()
    assert start_small(occupied / "kernels", free) == COMPILED
    assert start_small(occupied / "kernels", free) == FOUND


def test_a_read_only_cache_is_used(root, monkeypatch):
    def refuse(*_: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(cache_module, "make_private_folder", refuse)
    monkeypatch.setattr(cache_module, "write_private", refuse)
    assert start_small(root) == FOUND


def test_without_a_home_the_cache_is_in_a_private_temporary_folder(monkeypatch, tmp_path):
    monkeypatch.setattr(cache_module, "user_cache_folder", lambda: None)
    monkeypatch.setattr(tempfile, "gettempdir", lambda: str(tmp_path))
    monkeypatch.setenv("NUMBA_CACHE_DIR", "relative")
    (only,) = cache_module.default_roots()
    assert only.is_relative_to(tmp_path)
    monkeypatch.chdir(tmp_path)
    assert cache_module.default_roots() == []  # where the user stands, anything may lie


def test_processes_that_start_together_never_load_a_partial_kernel(tmp_path):
    root = tmp_path / "superpos-tui" / "kernels"
    cache = KernelCache([root])
    contents = [bytes([number]) * 100_000 for number in range(8)]
    with ThreadPoolExecutor(8) as threads:
        written = threads.map(lambda content: cache.keep("kernel", content), contents)
        read = [cache.load("kernel") for _ in range(50)]
        assert all(written)
    assert {content for content in read if content is not None} <= set(contents)
    assert cache.load("kernel") in contents
    assert [path.name for path in root.rglob("*") if path.is_file()] == ["kernel"]


# ── which files it trusts ───────────────────────────────────────────────────────────────────────


def give_away(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make it somebody else's, or us somebody else."""
    if os.geteuid() == 0:
        os.chown(path, 12345, -1, follow_symlinks=False)
    else:
        monkeypatch.setattr(os, "geteuid", lambda: path.stat().st_uid + 1)


@needs_owners
@pytest.mark.parametrize("level", range(4), ids=["file", "version", "kernels", "program"])
def test_kernels_of_other_users_are_not_loaded(root, level, monkeypatch):
    file = kernel_in(root)
    give_away([file, *file.parents][level], monkeypatch)
    assert start_small(root).compiled == 1


@needs_owners
@pytest.mark.parametrize("mode", [0o620, 0o602, 0o666])
def test_kernels_that_others_can_write_are_not_loaded(root, mode):
    kernel_in(root).chmod(mode)
    assert KernelCache([root]).load(kernel_in(root).name) is None


@needs_owners
def test_written_kernels_are_private_regardless_of_the_umask(tmp_path):
    for umask in (0o000, 0o777):
        before = os.umask(umask)
        try:
            start_small(tmp_path / f"{umask:o}" / "kernels")
        finally:
            os.umask(before)
    written = list(tmp_path.glob("*/kernels/**/*"))
    assert len(written) == 4
    assert {path.stat().st_mode & 0o777 for path in written} == {0o700, 0o600}


def test_all_but_a_few_old_versions_are_removed(root):
    for number in range(6):
        (root / f"old{number}").mkdir()
    kernel_in(root).unlink()
    start_small(root)
    assert len(list(root.iterdir())) == 1 + cache_module.OLD_FOLDERS_KEPT
    assert start_small(root) == FOUND
