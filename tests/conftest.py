"""Settings that every test shares."""

import os
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, settings

from superpos_core.cores import usable_cores

# As in the program: on matrices as small as ours more threads only lose, most of all where several
# tests run at a time.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

# Kernels compiled by tests, and logs, stay out of the user's folders; test runs share them.
SHARED = str(Path(tempfile.gettempdir()) / "superpos-tests")
os.environ.setdefault("XDG_CACHE_HOME", SHARED)
os.environ["XDG_STATE_HOME"] = SHARED  # where logs are kept

# The same examples on every machine and in every run: a failure in CI is a failure here.
settings.register_profile(
    "repeatable",
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=60,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("repeatable")


def pytest_xdist_auto_num_workers() -> int:
    """Half as many again as there are cores: tests that press keys spend most time waiting."""
    return usable_cores() * 3 // 2
