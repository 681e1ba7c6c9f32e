"""A check, what it observes, and its verdict."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Generic

from superpos_core.record.record import Kind, Record


class NotApplicable(LookupError):
    """The check does not apply to the run; the message says why.

    The run was trained with other settings, or no feature is of the kind that the check is about:
    a statement about all members of an empty set says nothing.
    """


class NotFinite(ArithmeticError):
    """The training that a check observes has diverged."""


@dataclass(frozen=True)
class Observation:
    """What a check found, in words, and whether it is as expected."""

    text: str
    passed: bool


@dataclass(frozen=True)
class Check(Generic[Kind]):
    """One expectation of the kind of record that it ``takes``.

    ``observe`` depends only on the record and is deterministic. It may raise ``NotApplicable`` or
    ``NotFinite``; ``verdict`` does not.
    """

    name: str
    expected: str
    takes: type[Kind]
    observe: Callable[[Kind], Observation]

    def verdict(self, run: Record) -> "Verdict":
        """What was expected of ``run`` and what was observed."""
        if not isinstance(run, self.takes):
            reason = f"the run is a {run.title}, not a {self.takes.title}"
            return Verdict(self.name, self.expected, reason, None)
        try:
            observation = self.observe(run)
        except NotApplicable as error:
            return Verdict(self.name, self.expected, str(error), None)
        except NotFinite as error:
            return Verdict(self.name, self.expected, str(error), False)
        return Verdict(self.name, self.expected, observation.text, observation.passed)


@dataclass(frozen=True)
class Verdict:
    """What a check expected of a run and what was observed.

    ``passed`` is ``None`` if the check does not apply to the run; ``observed`` then says why.
    """

    check: str
    expected: str
    observed: str
    passed: bool | None

    @property
    def line(self) -> str:
        """Such as "pass: features represented, tied at S = 0: expected 5 / observed 5"."""
        word = {True: "pass", False: "MISS", None: "not applicable"}[self.passed]
        observed = self.observed if self.passed is None else f"observed {self.observed}"
        return f"{word}: {self.check}: expected {self.expected} / {observed}"


def verdicts_as_dicts(verdicts: Iterable[Verdict]) -> list[dict[str, Any]]:
    """The fields of verdicts as JSON values; ``passed`` is null if the check does not apply.

    The key of what was observed is ``seen``.
    """
    return [
        {
            "check": verdict.check,
            "expected": verdict.expected,
            "seen": verdict.observed,
            "passed": verdict.passed,
        }
        for verdict in verdicts
    ]


def verdicts_from_dicts(values: Iterable[Mapping[str, Any]]) -> list[Verdict]:
    """The verdicts of which ``verdicts_as_dicts`` has made these JSON values."""
    return [
        Verdict(value["check"], value["expected"], value["seen"], value["passed"])
        for value in values
    ]
