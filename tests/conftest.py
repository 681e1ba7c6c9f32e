"""Settings that every test shares."""

import gc
import os
import tempfile
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from superpos_core.machine.cores import usable_cores

# As in the program: on matrices this small more threads are slower, especially when several tests
# run at once.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

# Keep compiled kernels and logs of tests out of the user's folders; test runs share them.
SHARED = str(Path(tempfile.gettempdir()) / "superpos-tests")
os.environ.setdefault("XDG_CACHE_HOME", SHARED)
os.environ["XDG_STATE_HOME"] = SHARED  # where logs are kept
# The user's own settings are no concern of a test.
os.environ["XDG_CONFIG_HOME"] = SHARED
for _name in [name for name in os.environ if name.startswith("SUPERPOS_")]:
    del os.environ[_name]

# The same examples on every machine and in every run: failures in CI are reproducible.
settings.register_profile(
    "repeatable",
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=8,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("thorough", settings.get_profile("repeatable"), max_examples=100)
settings.load_profile("repeatable")


def pytest_xdist_auto_num_workers() -> int:
    """Three workers for two cores: tests that press keys spend most of their time waiting.

    More would not pay: each imports everything, which takes as long as a hundred tests.
    """
    return (usable_cores() * 3 + 1) // 2


@pytest.hookimpl(trylast=True)
def pytest_collection_finish(session: pytest.Session) -> None:
    """Leave what all workers have loaded, millions of objects, to no collection of garbage."""
    gc.collect()
    gc.freeze()


# ── the short suite, which CI runs, and the thorough one ──────────────────────────────────────


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--thorough`` runs everything; without it, only what CI has time for."""
    parser.addoption("--thorough", action="store_true", help="every case of every test")


def pytest_configure(config: pytest.Config) -> None:
    """Register the two markers."""
    config.addinivalue_line("markers", "thorough: runs only with --thorough, or when named")
    config.addinivalue_line("markers", "sampled(k): without --thorough only every k-th case runs")
    if config.getoption("thorough"):
        settings.load_profile("thorough")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect tests that only the thorough suite runs, unless a test is named."""
    is_named = any("::" in argument for argument in config.args)
    if config.getoption("thorough") or is_named:
        return
    cases: Counter[str] = Counter()
    kept: list[pytest.Item] = []
    left_out: list[pytest.Item] = []
    for item in items:
        sampled, test = item.get_closest_marker("sampled"), item.nodeid.partition("[")[0]
        is_skipped = sampled is not None and cases[test] % sampled.args[0] != 0
        cases[test] += 1
        is_left_out = is_skipped or item.get_closest_marker("thorough") is not None
        (left_out if is_left_out else kept).append(item)
    config.hook.pytest_deselected(items=left_out)
    items[:] = kept
