"""What Linux's control groups (versions 1 and 2) allow this process: how containers are limited."""

from collections.abc import Callable
from pathlib import Path

CGROUPS = Path("/sys/fs/cgroup")
OWN_CGROUP = Path("/proc/self/cgroup")

LimitOf = Callable[[Path], float]
"""What a group's files say; infinite where they say nothing."""


def tightest_limit(
    controller: str,
    version_1: LimitOf,
    version_2: LimitOf,
    own: Path = OWN_CGROUP,
    root: Path = CGROUPS,
) -> float:
    """The smallest limit of our group and of all that contain it; infinite without any."""
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
    """The words of a group's file; none where there is no such file."""
    try:
        return file.read_text().split()
    except OSError:
        return []


def _tightest(root: Path, path: str, limit_of: LimitOf) -> float:
    group = root / path.lstrip("/")
    containing = [group, *group.parents]
    return min(limit_of(each) for each in containing if each.is_relative_to(root))
