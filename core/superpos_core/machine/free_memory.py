"""Memory available to this process: of the machine, its container and its own limit."""

import os
from contextlib import suppress
from pathlib import Path

from superpos_core.machine.cgroups import CGROUPS, OWN_CGROUP, tightest_limit, words_of

MEMINFO = Path("/proc/meminfo")
OWN_SIZE = Path("/proc/self/statm")


def free_memory() -> float:
    """Available memory in bytes; infinite if the system does not report it."""
    return min(machine_memory(), container_memory(), memory_below_limit())


def machine_memory(meminfo: Path = MEMINFO) -> float:
    """The machine's available memory, including reclaimable caches; its total outside Linux."""
    words = words_of(meminfo)
    with suppress(ValueError, IndexError):
        return 1024.0 * int(words[words.index("MemAvailable:") + 1])
    with suppress(AttributeError, ValueError, OSError):  # no sysconf (Windows), or no such name
        return float(os.sysconf("SC_PHYS_PAGES")) * os.sysconf("SC_PAGE_SIZE")
    return float("inf")


def container_memory(own: Path = OWN_CGROUP, root: Path = CGROUPS) -> float:
    """Memory left by control groups; cached files count as free."""
    return tightest_limit("memory", _version_1_left, _version_2_left, own, root)


def memory_below_limit() -> float:
    """The rest of this process's address space (``ulimit -v``)."""
    try:
        import resource
    except ImportError:  # Windows
        return float("inf")
    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    if limit == resource.RLIM_INFINITY:
        return float("inf")
    pages = words_of(OWN_SIZE)
    taken = int(pages[0]) * resource.getpagesize() if pages else 0
    return float(max(limit - taken, 0))


def _version_2_left(group: Path) -> float:
    return _left(group, "memory.max", "memory.current", "inactive_file")


def _version_1_left(group: Path) -> float:
    return _left(group, "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file")


def _left(group: Path, limit: str, usage: str, cached: str) -> float:
    try:
        (most,), (taken,) = words_of(group / limit), words_of(group / usage)
        left = int(most) - int(taken)
    except ValueError:  # missing, or "max"
        return float("inf")
    stat = words_of(group / "memory.stat")
    caches = int(stat[stat.index(cached) + 1]) if cached in stat[:-1] else 0
    return float(max(left + caches, 0))
