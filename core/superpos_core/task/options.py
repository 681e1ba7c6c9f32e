"""Options: the fields of a config, each declared once with everything needed to set it.

The command line, its help, the form, the dials, the copied command, error messages and files are
all derived from the declarations. To add an option, add a field with ``option(...)``.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, Literal, TypeVar, get_args

from superpos_core.errors import InvalidValue
from superpos_core.task.values import ValueType

Heading = Literal["Experiment", "Training", "Dictionary"]
"""The headings of the help text, in their order."""
T = TypeVar("T")
DECLARED = "option"
"""The key of a field's metadata."""


def _always(_config: Any) -> bool:
    return True


@dataclass(frozen=True)
class DialSpec:
    """A dial for an option during training: its label, a hint, and its stops in rising order.

    ``applies`` says whether the option has any effect in a config.
    """

    label: str
    hint: str
    stops: tuple[float, ...]
    applies: Callable[[Any], bool] = _always


@dataclass(frozen=True, kw_only=True)
class Option:
    """One option: ``field`` is its name in the config, ``name`` its name on the command line.

    ``metavar`` is the placeholder for its value in the help text, where it is listed under
    ``heading``; options with ``leads`` come first. Whoever types one with a ``kind`` asks for a run
    of that kind.
    """

    field: str = ""
    name: str
    help: str
    heading: Heading
    takes: ValueType
    metavar: str
    leads: bool
    dial: DialSpec | None
    kind: str = ""

    def read(self, text: str) -> Any:
        """Parse a value from text; raises ``InvalidValue`` if it is malformed."""
        return self.takes.read(self.name, text.strip())

    def show(self, value: Any) -> str:
        """The text from which ``read`` gives this value."""
        return self.takes.show(value)

    def check(self, value: object) -> None:
        """Raise ``InvalidValue`` for an invalid value."""
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
    dial: DialSpec | None = None,
    kind: str = "",
) -> T:
    """A dataclass field that is an option.

    ``name`` defaults to the field's name with dashes, ``metavar`` to that of the type it takes. For
    type checkers it returns the default instead of a ``dataclasses.Field``.
    """
    declared = Option(
        name=name,
        help=help,
        heading=heading,
        takes=takes,
        metavar=metavar or takes.metavar,
        leads=leads,
        dial=dial,
        kind=kind,
    )
    made: Any = field(default=default, metadata={DECLARED: declared})
    return made  # type: ignore[no-any-return]


@dataclass(frozen=True)
class Options:
    """A dataclass of options, checked first one by one, then together."""

    def __post_init__(self) -> None:
        for each in options_of(type(self)):
            each.check(getattr(self, each.field))
        self.check_together()

    def check_together(self) -> None:
        """Raise ``InvalidValue`` for incompatible options.

        Each part of a config adds its own checks and calls ``super()``.
        """


_KNOWN: dict[type[Options], tuple[Option, ...]] = {}
"""By config class. Not ``functools.cache``, for which mypy rejects a dataclass as an argument."""


def options_of(config: type[Options]) -> tuple[Option, ...]:
    """The options of a config in display order."""
    if config not in _KNOWN:
        _KNOWN[config] = _declared_by(config)
    return _KNOWN[config]


def read_options(config: type[Options], typed: Mapping[str, str]) -> dict[str, Any]:
    """The values of typed options, by field, and what they imply about others.

    Raises ``InvalidValue`` for one that is malformed.
    """
    known = {each.field: each for each in options_of(config)}
    values = {name: each.read(typed[name]) for name, each in known.items() if name in typed}
    implied = dict[str, Any]()
    for name in values:
        implied.update(known[name].takes.implied(known[name].name, values[name]))
    for name in implied.keys() & values.keys():
        if values[name] != implied[name]:
            reason, said = "the file has others", known[name].show(implied[name])
            raise InvalidValue(known[name].name, typed[name], reason, said)
    asked_for = [known[name].kind for name in values if known[name].kind]
    return {**implied, **values, **({"kind": asked_for[0]} if asked_for else {})}


def _declared_by(config: type[Options]) -> tuple[Option, ...]:
    declared = [
        _named(each.name, each.metadata[DECLARED])
        for each in fields(config)
        if DECLARED in each.metadata
    ]
    headings = get_args(Heading)
    return tuple(sorted(declared, key=lambda each: (headings.index(each.heading), not each.leads)))


def _named(field_name: str, declared: Option) -> Option:
    return replace(declared, field=field_name, name=declared.name or field_name.replace("_", "-"))
