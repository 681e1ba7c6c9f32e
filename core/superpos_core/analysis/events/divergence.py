"""Lanes that diverge."""

from collections.abc import Iterator

from superpos_core.analysis.events.trace import Finding, Rule, Trace


def _find_divergence(trace: Trace) -> Iterator[Finding]:
    if trace.diverged_at is not None:
        yield Finding(trace.diverged_at, None, "diverged")


DIVERGED = Rule("diverged", "a loss or a weight is not finite", _find_divergence)
