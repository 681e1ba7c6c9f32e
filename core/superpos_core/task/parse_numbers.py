"""Parses numbers as people type them: ``10000``, ``10,000``, ``10_000``, ``1e4`` or ``10k``."""

import re

from superpos_core.errors import InvalidValue

WHOLE = re.compile(
    r"(?P<sign>[+-]?)(?P<digits>\d{1,3}(?:,\d{3})+|\d+(?:_\d+)*)"
    r"(?:\.(?P<fraction>\d+))?(?:e(?P<exponent>\+?\d{1,2}))?(?P<suffix>[km]?)",
    re.IGNORECASE,
)
POWERS = {"": 0, "k": 3, "m": 6}
MAX_LENGTH = 64
"""Maximum characters of a number; no valid value needs more."""
MINUS = "−"
"""The minus sign that this program prints, accepted in copied text."""


def whole_number(option: str, text: str) -> int:
    """The whole number that a text means, exactly; raises ``InvalidValue``."""
    match = WHOLE.fullmatch(text.replace(MINUS, "-")) if len(text) <= MAX_LENGTH else None
    if match is None:
        raise _no_whole_number(option, text, "it is not a whole number")
    fraction, exponent = match["fraction"] or "", match["exponent"]
    power = int(exponent or 0) + POWERS[match["suffix"].lower()]
    if len(fraction) == 3 and not power:
        reason = "the point could separate thousands or decimals"
        raise _no_whole_number(option, text, reason)
    places = power - len(fraction.rstrip("0"))
    if places < 0:
        raise _no_whole_number(option, text, "it is not a whole number")
    digits = re.sub("[,_]", "", match["digits"]) + fraction.rstrip("0")
    return int(f"{match['sign']}{digits}{'0' * places}")


def number(option: str, text: str) -> float:
    """The number that a text means; raises ``InvalidValue``."""
    try:
        return float(text.replace(MINUS, "-"))
    except ValueError:
        raise InvalidValue(
            option, text or "''", "it is not a number", "a number, such as 0.9"
        ) from None


def _no_whole_number(option: str, text: str, reason: str) -> InvalidValue:
    return InvalidValue(option, text or "''", reason, "a whole number, such as 5, 10000 or 10k")
