"""The number of cores this process may use."""

import os
from collections.abc import Mapping
from pathlib import Path

from superpos_core.machine.cgroups import CGROUPS, OWN_CGROUP, tightest_limit, words_of

LIMITING_VARIABLES = ("OMP_NUM_THREADS", "NUMBA_NUM_THREADS", "SLURM_CPUS_PER_TASK")
"""Set by users and cluster schedulers to limit the threads of numerical programs."""


def usable_cores() -> int:
    """Cores this process may use: the single source for everything that runs in parallel.

    The machine's cores, limited by CPU affinity, the container and environment variables.
    """
    if hasattr(os, "sched_getaffinity"):
        cores = len(os.sched_getaffinity(0))
    else:
        cores = os.cpu_count() or 1
    return max(1, round(min(cores, container_limit(), wanted_limit(os.environ))))


def wanted_limit(environment: Mapping[str, str]) -> float:
    """The smallest limit set by a variable; infinite if none is a number above 0.

    >>> wanted_limit({"OMP_NUM_THREADS": "4,2", "SLURM_CPUS_PER_TASK": "many"})
    4.0
    """
    limit = float("inf")
    for name in LIMITING_VARIABLES:
        outermost = environment.get(name, "").partition(",")[0].strip()  # OMP: "4,2" is nested
        if outermost.isascii() and outermost.isdecimal():
            limit = min(limit, float(outermost) or limit)
    return limit


def container_limit(own: Path = OWN_CGROUP, root: Path = CGROUPS) -> float:
    """CPU time allowed by control groups, in cores; infinite without a limit."""
    return tightest_limit("cpu", _version_1_limit, _version_2_limit, own, root)


def _version_2_limit(group: Path) -> float:
    return _ratio(words_of(group / "cpu.max"))


def _version_1_limit(group: Path) -> float:
    return _ratio(words_of(group / "cpu.cfs_quota_us") + words_of(group / "cpu.cfs_period_us"))


def _ratio(quota_and_period: list[str]) -> float:
    try:
        quota, period = (int(word) for word in quota_and_period)
    except ValueError:  # missing, or "max"
        return float("inf")
    return quota / period if quota > 0 and period > 0 else float("inf")
