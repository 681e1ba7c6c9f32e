"""A check, what it sees, and its verdict."""

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from typing import Any, Generic

from superpos_core.record.record import Kind, Record


class NothingToSee(LookupError):
    """The run holds nothing that the check is about; the message says what is not there.

    It was trained with other settings, or no feature is of the kind that is asked about: what is
    said of all members of an empty set says nothing.
    """


class NotFinite(ArithmeticError):
    """The training that a check is about has diverged."""


@dataclass(frozen=True)
class Seen:
    """What a check found, in words, and whether that is what was expected.

    ``passed`` is ``None`` where the run holds nothing that the check is about.
    """

    text: str
    passed: bool | None


@dataclass(frozen=True)
class Check(Generic[Kind]):
    """One expectation of a kind of record, the one that it ``takes``.

    ``look`` depends on nothing but the record, and is deterministic. It may raise ``NothingToSee``
    or ``NotFinite``; ``see`` does not.
    """

    name: str
    expected: str
    takes: type[Kind]
    look: Callable[[Kind], Seen]

    def see(self, run: Record) -> Seen:
        """What there is to see in ``run``."""
        if not isinstance(run, self.takes):
            return Seen(f"the run is a {run.title}, not a {self.takes.title}", None)
        try:
            return self.look(run)
        except NothingToSee as nothing:
            return Seen(str(nothing), None)
        except NotFinite as diverged:
            return Seen(str(diverged), False)


@dataclass(frozen=True)
class Verdict:
    """What a check expected of a run and what was seen."""

    check: str
    expected: str
    seen: str
    passed: bool | None

    @property
    def line(self) -> str:
        """Such as "pass: features represented, tied at S = 0: expected 5 / seen 5"."""
        word = {True: "pass", False: "MISS", None: "not seen"}[self.passed]
        seen = self.seen if self.passed is None else f"seen {self.seen}"
        return f"{word}: {self.check}: expected {self.expected} / {seen}"


def verdicts_of(checks: Iterable[Check[Any]], run: Record) -> list[Verdict]:
    """The verdict of each check, in order."""
    verdicts = []
    for check in checks:
        seen = check.see(run)
        verdicts.append(Verdict(check.name, check.expected, seen.text, seen.passed))
    return verdicts


def verdicts_as_dicts(verdicts: Iterable[Verdict]) -> list[dict[str, Any]]:
    """Plain values for JSON: ``check``, ``expected``, ``seen`` and ``passed`` (null: not seen)."""
    return [asdict(verdict) for verdict in verdicts]
