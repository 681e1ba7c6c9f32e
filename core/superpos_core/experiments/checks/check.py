"""A check, what it observes, and its verdict."""

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
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
    """What a check expected of a run and what was seen.

    ``passed`` is ``None`` if the check does not apply to the run; ``seen`` then says why.
    """

    check: str
    expected: str
    seen: str
    passed: bool | None

    @property
    def line(self) -> str:
        """Such as "pass: features represented, tied at S = 0: expected 5 / observed 5"."""
        word = {True: "pass", False: "MISS", None: "not applicable"}[self.passed]
        observed = self.seen if self.passed is None else f"observed {self.seen}"
        return f"{word}: {self.check}: expected {self.expected} / {observed}"


def verdicts_as_dicts(verdicts: Iterable[Verdict]) -> list[dict[str, Any]]:
    """The fields of verdicts as JSON values; ``passed`` is null if the check does not apply."""
    return [asdict(verdict) for verdict in verdicts]
