"""Limits of Linux control groups (versions 1 and 2), which containers use."""

from collections.abc import Callable
from pathlib import Path

CGROUPS = Path("/sys/fs/cgroup")
OWN_CGROUP = Path("/proc/self/cgroup")

LimitOf = Callable[[Path], float]
"""The limit in a group's files; infinite if they give none."""


def tightest_limit(
    controller: str,
    version_1: LimitOf,
    version_2: LimitOf,
    own: Path = OWN_CGROUP,
    root: Path = CGROUPS,
) -> float:
    """The smallest limit of this process's group and its parents; infinite if there is none."""
    try:
        lines = own.read_text().splitlines()
    except OSError:
        return float("inf")
    limit = float("inf")
    for line in lines:
        _, controllers, path = [*line.split(":", 2), "", ""][:3]
        if not controllers:
            limit = min(limit, _tightest(root, path, version_2))
        elif controller in controllers.split(","):
            limit = min(limit, _tightest(root / controller, path, version_1))
    return limit


def words_of(file: Path) -> list[str]:
    """The words of a group's file; empty if the file does not exist."""
    try:
        return file.read_text().split()
    except OSError:
        return []


def _tightest(root: Path, path: str, limit_of: LimitOf) -> float:
    group = root / path.lstrip("/")
    containing = [group, *group.parents]
    return min(limit_of(each) for each in containing if each.is_relative_to(root))
