"""A part of the check, and how it is run: a part fails alone, and says why.

A part yields findings. Errors, lack of time and anything that cannot be checked here are findings
too, so that nothing is omitted silently.
"""

import importlib.util
import time
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, ParamSpec

from superpos_core.errors import in_one_line


@dataclass(frozen=True)
class Target:
    """The device under test, and the sizes: ``tiny`` ones are for a test without a GPU."""

    device: str
    tiny: bool = False


@dataclass(frozen=True)
class Finding:
    """What was checked and the result; ``passed`` is ``None`` if it could not be checked.

    ``numbers`` are the values for a table.
    """

    what: str
    result: str
    passed: bool | None = True
    numbers: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Part:
    """A part of the check. It gets ``share`` of the time and ``needs`` these packages."""

    name: str
    title: str
    share: float
    check: Callable[[Target], Iterator[Finding]]
    needs: Sequence[str] = ("torch",)


@dataclass(frozen=True)
class Report:
    """The findings of a part."""

    part: str
    seconds: float
    findings: tuple[Finding, ...]

    @property
    def failed(self) -> bool:
        """Whether anything failed, or nothing was checked."""
        return not self.findings or any(finding.passed is False for finding in self.findings)

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "Report":
        """The report that ``as_dict`` was called on."""
        findings = tuple(Finding(**each) for each in values["findings"])
        return cls(values["part"], values["seconds"], findings)


Given = ParamSpec("Given")


def checked(
    what: str, check: Callable[Given, str], *given: Given.args, **named: Given.kwargs
) -> Finding:
    """The result that ``check`` returns, or why it failed."""
    try:
        return Finding(what, check(*given, **named))
    except Exception as error:
        traceback.print_exc()
        return Finding(what, in_one_line(error), passed=False)


def run_part(
    part: Part,
    target: Target,
    seconds: float,
    on_finding: Callable[[Finding], None] = lambda finding: None,
    clock: Callable[[], float] = time.monotonic,
) -> Report:
    """Run the checks of a part until its time is over."""
    start = clock()
    findings: list[Finding] = []
    for finding in _findings(part, target, start + seconds, clock):
        findings.append(finding)
        on_finding(finding)
    return Report(part.name, clock() - start, tuple(findings))


def _findings(
    part: Part, target: Target, deadline: float, clock: Callable[[], float]
) -> Iterator[Finding]:
    missing = [name for name in part.needs if importlib.util.find_spec(name) is None]
    if missing:
        yield skipped(part.title, f"{' and '.join(missing)} not installed")
        return
    count = 0
    try:
        for finding in part.check(target):
            yield finding
            count += 1
            if clock() > deadline:
                yield Finding("the rest", f"out of time after {count} findings", passed=False)
                return
    except Exception as error:
        traceback.print_exc()
        yield Finding("the rest", in_one_line(error), passed=False)


def skipped(what: str, reason: str) -> Finding:
    """A finding for something that cannot be checked here."""
    return Finding(what, reason, passed=None)
