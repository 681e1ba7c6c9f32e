"""How many cores this process may use."""

import os
from collections.abc import Mapping
from pathlib import Path

from superpos_core.machine.cgroups import CGROUPS, OWN_CGROUP, tightest_limit, words_of

LIMITING_VARIABLES = ("OMP_NUM_THREADS", "NUMBA_NUM_THREADS", "SLURM_CPUS_PER_TASK")
"""Set by users and by schedulers of clusters, for every program that computes."""


def usable_cores() -> int:
    """Cores this process may use.

    The machine's, less its affinity, its container's limits and what variables of the environment
    allow. Everything that runs in parallel asks here.
    """
    if hasattr(os, "sched_getaffinity"):
        cores = len(os.sched_getaffinity(0))
    else:
        cores = os.cpu_count() or 1
    return max(1, round(min(cores, container_limit(), wanted_limit(os.environ))))


def wanted_limit(environment: Mapping[str, str]) -> float:
    """The fewest cores that a variable allows; infinite where none says a number above 0.

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
    """Cores' worth of time that control groups allow; infinite without a limit."""
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
