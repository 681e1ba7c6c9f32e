"""Options: the fields of a config, each declared once with all that it takes to set it.

The command line, its help, the form, the dials, the copied command, error messages and files are
all made from what a field declares. To add an option, add a field with ``option(...)``.
"""

from dataclasses import dataclass, field, fields, replace
from typing import Any, Literal, TypeVar

from superpos_core.task.values import ValueType

Heading = Literal["Experiment", "Training"]
"""The headings of the help text."""
T = TypeVar("T")
DECLARED = "option"
"""The key of a field's metadata."""


@dataclass(frozen=True)
class Turning:
    """How an option is turned while models train: its label, a hint, and its stops, rising."""

    label: str
    hint: str
    stops: tuple[float, ...]


@dataclass(frozen=True, kw_only=True)
class Option:
    """One option: ``field`` is its name in the config, ``name`` that on the command line.

    ``metavar`` stands for its value in the help text, where it is listed below ``heading``;
    ``leads`` lists it before those that do not.
    """

    field: str = ""
    name: str
    help: str
    heading: Heading
    takes: ValueType
    metavar: str
    leads: bool
    turning: Turning | None

    def read(self, text: str) -> Any:
        """The value that a text means; raises ``InvalidValue`` where it means none."""
        return self.takes.read(self.name, text.strip())

    def show(self, value: Any) -> str:
        """The text that ``read`` turns into this value."""
        return self.takes.show(value)

    def check(self, value: object) -> None:
        """Raise ``InvalidValue`` for a value that no config can have."""
        self.takes.check(self.name, value)


def option(
    default: T,
    *,
    help: str,
    heading: Heading,
    takes: ValueType,
    name: str = "",
    metavar: str = "",
    leads: bool = False,
    turning: Turning | None = None,
) -> T:
    """A dataclass field that is an option.

    ``name`` is by default the field's name with dashes, ``metavar`` that of the type that it takes.
    Type checkers see the default in place of the ``dataclasses.Field`` that it returns.
    """
    declared = Option(
        name=name,
        help=help,
        heading=heading,
        takes=takes,
        metavar=metavar or takes.metavar,
        leads=leads,
        turning=turning,
    )
    made: Any = field(default=default, metadata={DECLARED: declared})
    return made  # type: ignore[no-any-return]


@dataclass(frozen=True)
class Options:
    """A dataclass of options: each one is checked by itself, then all of them together."""

    def __post_init__(self) -> None:
        for each in options_of(type(self)):
            each.check(getattr(self, each.field))
        self.check_together()

    def check_together(self) -> None:
        """Raise ``InvalidValue`` for options that do not suit each other.

        Each part of a config adds its own checks to those of ``super()``.
        """


_KNOWN: dict[type[Options], tuple[Option, ...]] = {}
"""By class of config. Not ``functools.cache``, to which mypy refuses the class of a dataclass."""


def options_of(config: type[Options]) -> tuple[Option, ...]:
    """The options that a config has, in the order in which people see them."""
    if config not in _KNOWN:
        _KNOWN[config] = _declared_by(config)
    return _KNOWN[config]


def _declared_by(config: type[Options]) -> tuple[Option, ...]:
    declared = [
        _named(each.name, each.metadata[DECLARED])
        for each in fields(config)
        if DECLARED in each.metadata
    ]
    return tuple(sorted(declared, key=lambda each: (each.heading, not each.leads)))


def _named(field_name: str, declared: Option) -> Option:
    return replace(declared, field=field_name, name=declared.name or field_name.replace("_", "-"))
