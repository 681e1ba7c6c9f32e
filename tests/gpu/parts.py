"""What a part of the check is, and how it is run: it fails for itself, and says why.

A part yields one finding after the other. What goes wrong, what there is no time for and what
cannot be checked here are findings too, so that nothing is left out silently.
"""

import importlib.util
import time
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, ParamSpec

from superpos_core.errors import in_one_line


@dataclass(frozen=True)
class Asked:
    """Which device to check, and at which sizes: ``tiny`` ones are for a test without a GPU."""

    device: str
    tiny: bool = False


@dataclass(frozen=True)
class Finding:
    """What was checked and what was seen; ``passed`` is ``None`` where it could not be checked.

    ``numbers`` is what a table is made of.
    """

    what: str
    seen: str
    passed: bool | None = True
    numbers: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Part:
    """A part of the check. It takes at most ``share`` of the time and ``needs`` these packages."""

    name: str
    title: str
    share: float
    look: Callable[[Asked], Iterator[Finding]]
    needs: Sequence[str] = ("torch",)


@dataclass(frozen=True)
class Report:
    """How a part went."""

    part: str
    seconds: float
    findings: tuple[Finding, ...]

    @property
    def failed(self) -> bool:
        """Whether anything did not pass, or nothing was checked at all."""
        return not self.findings or any(finding.passed is False for finding in self.findings)

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "Report":
        """The report that ``as_dict`` was made of."""
        findings = tuple(Finding(**each) for each in values["findings"])
        return cls(values["part"], values["seconds"], findings)


Given = ParamSpec("Given")


def checked(
    what: str, look: Callable[Given, str], *given: Given.args, **named: Given.kwargs
) -> Finding:
    """What ``look`` says that it saw, or why it failed."""
    try:
        return Finding(what, look(*given, **named))
    except Exception as error:
        traceback.print_exc()
        return Finding(what, in_one_line(error), passed=False)


def run_part(
    part: Part,
    asked: Asked,
    seconds: float,
    on_finding: Callable[[Finding], None] = lambda finding: None,
    clock: Callable[[], float] = time.monotonic,
) -> Report:
    """Check everything in a part for which there is time."""
    began = clock()
    findings: list[Finding] = []
    for finding in _findings(part, asked, began + seconds, clock):
        findings.append(finding)
        on_finding(finding)
    return Report(part.name, clock() - began, tuple(findings))


def _findings(
    part: Part, asked: Asked, deadline: float, clock: Callable[[], float]
) -> Iterator[Finding]:
    missing = [name for name in part.needs if importlib.util.find_spec(name) is None]
    if missing:
        yield skipped(part.title, f"{' and '.join(missing)} not installed")
        return
    count = 0
    try:
        for finding in part.look(asked):
            yield finding
            count += 1
            if clock() > deadline:
                yield Finding("the rest", f"out of time after {count} findings", passed=False)
                return
    except Exception as error:
        traceback.print_exc()
        yield Finding("the rest", in_one_line(error), passed=False)


def skipped(what: str, reason: str) -> Finding:
    """Something that cannot be checked here."""
    return Finding(what, reason, passed=None)
