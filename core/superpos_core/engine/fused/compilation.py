"""How functions of the kernel are compiled: called, or copied into their callers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from numba import njit

COMPILED: Any = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True, "error_model": "numpy"}
"""For functions that only compiled code calls: no wrappers for Python, no ZeroDivisionError."""
INLINED: Any = {**COMPILED, "forceinline": True}
"""The same, always copied into the caller: for functions that pass vectors around."""


def compiled(function: Callable[..., Any]) -> Any:
    return njit(**COMPILED)(function)


def inlined(function: Callable[..., Any]) -> Any:
    return njit(**INLINED)(function)


def folded(function: Callable[..., Any]) -> Any:
    """Copied into the caller before compilation: for functions that only call others.

    LLVM optimises all code below a compiled function again for each function above it, so levels
    that only delegate would double the compile time.
    """
    return njit(inline="always", **COMPILED)(function)
