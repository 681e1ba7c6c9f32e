"""Tests of this folder share compiled kernels with the programs that other tests start."""

from collections.abc import Iterator

import pytest

from superpos_core.engine.fused import kernel
from superpos_core.engine.fused.cache import KERNELS

ENTRY_POINTS = (kernel.train_lanes, kernel.gradient_of_step, kernel.draw_batch)


def compiled_so_far() -> int:
    return sum(sum(each.stats.cache_misses.values()) for each in ENTRY_POINTS)


@pytest.fixture(autouse=True)
def _what_is_compiled_is_listed() -> Iterator[None]:
    """What these tests alone call is compiled behind the back of the cache's list.

    A program that starts then would not trust what it finds, and compile everything anew.
    """
    before = compiled_so_far()
    yield
    if compiled_so_far() > before:
        KERNELS._write_list()
