"""The formats of an export."""

from collections.abc import Sequence

from superpos_core.errors import InvalidValue

FIGURE_FORMATS = ("png", "svg", "pdf")
SAELENS = "saelens"
"""The format of dictionaries, not of figures: a folder for each."""
FORMATS = (*FIGURE_FORMATS, SAELENS)


def parse_formats(formats: Sequence[str]) -> tuple[str, ...]:
    """The formats, each once, in lower case; raises ``InvalidValue`` for an unknown one."""
    choices = f"{', '.join(FORMATS[:-1])} or {FORMATS[-1]}, or several with commas"
    if not formats:
        raise InvalidValue("formats", "''", "no figure could be written", choices)
    wanted = tuple(dict.fromkeys(name.lower() for name in formats))
    for name in wanted:
        if name not in FORMATS:
            raise InvalidValue("formats", name, "there is no such format", choices)
    return wanted


def figure_formats(formats: Sequence[str]) -> tuple[str, ...]:
    """Those of ``formats`` that figures are written in."""
    return tuple(each for each in formats if each in FIGURE_FORMATS)
