"""The types of options: how values are read from text, shown as text and checked."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from numbers import Real
from typing import Any, ClassVar, TypeGuard

from superpos_core.errors import InvalidValue, known_name, lookup
from superpos_core.task.number_file import is_number_file, numbers_of_file
from superpos_core.task.parse_numbers import number, whole_number

LIST_WANTED = "one value or a comma-separated list"


class ValueType(ABC):
    """A type of value; ``metavar`` is its placeholder in the help text.

    ``option`` is the name of the option in error messages.
    """

    metavar: ClassVar[str]
    is_list: ClassVar[bool] = False
    """Whether it takes several comma-separated values."""

    @abstractmethod
    def read(self, option: str, text: str) -> Any:
        """Parse a value from text; raises ``InvalidValue`` if it is malformed."""

    def show(self, value: Any) -> str:
        """The text from which ``read`` gives this value."""
        return str(value)

    def implied(self, option: str, value: Any) -> Mapping[str, Any]:
        """What this value says about other fields, unless they are typed too."""
        return {}

    @abstractmethod
    def check(self, option: str, value: object) -> None:
        """Raise ``InvalidValue`` for a value of another type or out of bounds."""


@dataclass(frozen=True)
class WholeNumber(ValueType):
    """A whole number; ``choices`` describes the bounds in error messages."""

    metavar = "N"
    least: int | None = None
    most: int | None = None
    choices: str = ""

    def read(self, option: str, text: str) -> int:
        return whole_number(option, text)

    def check(self, option: str, value: object) -> None:
        if not isinstance(value, int) or isinstance(value, bool):
            reason = "it is not a whole number"
            raise InvalidValue(option, value, reason, "a whole number, such as 5")
        is_too_small = self.least is not None and value < self.least
        if is_too_small or (self.most is not None and value > self.most):
            choices = self.choices or f"a whole number from {self.least} to {self.most}"
            raise InvalidValue(option, value, self._reason(is_too_small), choices)

    def _reason(self, is_too_small: bool) -> str:
        return "out of range"


@dataclass(frozen=True)
class Count(WholeNumber):
    """A number of things, at least 1."""

    least: int | None = 1

    def _reason(self, is_too_small: bool) -> str:
        return "at least one is needed" if is_too_small else "more than can be trained"


@dataclass(frozen=True)
class Number(ValueType):
    """A real number; ``above`` and ``below`` are exclusive bounds."""

    metavar = "X"
    least: float | None = None
    above: float | None = None
    most: float | None = None
    below: float | None = None
    choices: str = ""

    def read(self, option: str, text: str) -> float:
        return number(option, text)

    def show(self, value: float) -> str:
        return _exact(value)

    def check(self, option: str, value: object) -> None:
        if not _is_number(value):
            raise InvalidValue(option, value, "it is not a number", "a number, such as 0.9")
        if not self._is_within(value):
            least = f"from {self.least}" if self.above is None else f"above {self.above}"
            choices = self.choices or f"a number {least} up to {self.most}"
            raise InvalidValue(option, value, "out of range", choices)

    def _is_within(self, value: float) -> bool:
        """NaN is never within bounds."""
        return (
            (self.least is None or value >= self.least)
            and (self.above is None or value > self.above)
            and (self.most is None or value <= self.most)
            and (self.below is None or value < self.below)
        )


@dataclass(frozen=True)
class Numbers(ValueType):
    """Several numbers, each checked by ``check_each``."""

    metavar = "X,…"
    is_list = True
    check_each: Callable[[float], None] | None = None
    may_be_none: bool = False
    """Whether the list may be empty."""

    def read(self, option: str, text: str) -> tuple[float, ...]:
        values = tuple(number(option, item) for item in listed(text))
        _check_distinct(option, values)
        return values

    def show(self, value: tuple[float, ...]) -> str:
        return ",".join(map(_exact, value))

    def check(self, option: str, value: object) -> None:
        for item in _items(option, value, may_be_none=self.may_be_none):
            if not _is_number(item):
                raise InvalidValue(option, item, "it is not a number", "numbers, such as 0.5,0.9")
            if self.check_each is not None:
                self.check_each(item)


@dataclass(frozen=True)
class Correlations(Numbers):
    """Correlations from −1 to 1, which may be equal."""

    def read(self, option: str, text: str) -> tuple[float, ...]:
        return tuple(number(option, item) for item in listed(text))

    def check(self, option: str, value: object) -> None:
        super().check(option, value)
        for item in _items(option, value):
            if not -1 <= float(item) <= 1:  # type: ignore[arg-type]
                raise InvalidValue(option, item, "out of range", "a number from -1 to 1")


@dataclass(frozen=True)
class Name(ValueType):
    """The name of an entry in a registry."""

    metavar = "NAME"
    known: Mapping[str, Any]

    def read(self, option: str, text: str) -> str:
        return known_name(option, text, self.known)

    def check(self, option: str, value: object) -> None:
        _check_name(option, value, self.known)


@dataclass(frozen=True)
class Names(ValueType):
    """Distinct names of entries in a registry."""

    metavar = "NAMES"
    is_list = True
    known: Mapping[str, Any]

    def read(self, option: str, text: str) -> tuple[str, ...]:
        return tuple(known_name(option, item, self.known) for item in listed(text))

    def show(self, value: tuple[str, ...]) -> str:
        return ",".join(value)

    def check(self, option: str, value: object) -> None:
        names = _items(option, value)
        _check_distinct(option, names)
        for name in names:
            _check_name(option, name, self.known)


@dataclass(frozen=True)
class NameOrNumbers(ValueType):
    """The name of an entry in a registry; or numbers, listed or in a file."""

    metavar = "NAME|X,…|FILE"
    known: Mapping[str, Any]

    def read(self, option: str, text: str) -> str | tuple[float, ...]:
        if is_number_file(text):
            return numbers_of_file(option, text)
        if text[:1].isalpha():
            return known_name(option, text, self.known)
        return tuple(number(option, item) for item in listed(text))

    def show(self, value: str | tuple[float, ...]) -> str:
        return value if isinstance(value, str) else ",".join(map(_exact, value))

    def check(self, option: str, value: object) -> None:
        if not isinstance(value, tuple):
            _check_name(option, value, self.known)
            return
        for item in _items(option, value):
            if not _is_number(item):
                raise InvalidValue(option, item, "it is not a number", "numbers, such as 0.3,0.1")


def listed(text: str) -> tuple[str, ...]:
    """The items of a comma-separated list."""
    return tuple(item.strip() for item in text.split(",") if item.strip())


def _items(option: str, values: object, *, may_be_none: bool = False) -> tuple[object, ...]:
    """The values of a list; raises ``InvalidValue`` if it is empty or not a tuple."""
    if not isinstance(values, tuple):
        raise InvalidValue(option, values, "it is not a tuple of values", LIST_WANTED)
    if not values and not may_be_none:
        raise InvalidValue(option, "''", "nothing to train", LIST_WANTED)
    return values


def _check_distinct(option: str, values: Iterable[object]) -> None:
    seen: list[object] = []
    for value in values:
        if value in seen:
            raise InvalidValue(option, value, "it is listed twice", "each value once")
        seen.append(value)


def _check_name(option: str, name: object, known: Mapping[str, Any]) -> None:
    if not isinstance(name, str):
        raise InvalidValue(option, name, "it is not a name", f"a name, such as {next(iter(known))}")
    lookup(option, known, name)


def _is_number(value: object) -> TypeGuard[float]:
    # Floats first: checking an abstract class is ten times slower, and a map has 200 numbers.
    return isinstance(value, float) or (isinstance(value, Real) and not isinstance(value, bool))


def _exact(value: float) -> str:
    """The shortest text that reads back as the same number."""
    return repr(float(value)).removesuffix(".0")
