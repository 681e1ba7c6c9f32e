"""Non-Latin keyboards: the terminal sends a letter where the user means a key.

The tables give the Latin letter on the same key of a US keyboard.
"""

from textual.events import Key
from textual.widget import Widget
from textual.widgets import Input

RUSSIAN = (
    "йцукенгшщзхъфывапролджэячсмитьбюЙЦУКЕНГШЩЗХЪФЫВАПРОЛДЖЭЯЧСМИТЬБЮ",
    "qwertyuiop[]asdfghjkl;'zxcvbnm,.QWERTYUIOP{}ASDFGHJKL:\"ZXCVBNM<>",
)
UKRAINIAN = ("іїєІЇЄ", "s]'S}\"")
GREEK = (
    "ςερτυθιοπασδφγηξκλζχψωβνμΕΡΤΥΘΙΟΠΑΣΔΦΓΗΞΚΛΖΧΨΩΒΝΜ",
    "wertyuiopasdfghjklzxcvbnmERTYUIOPASDFGHJKLZXCVBNM",
)
HEBREW = ("קראטוןםפשדגכעיחלךזסבהנמצ", "ertyuiopasdfghjklzxcvbnm")

LATIN: dict[str, str] = {
    letter: latin
    for letters, latins in (RUSSIAN, UKRAINIAN, GREEK, HEBREW)
    for letter, latin in zip(letters, latins, strict=True)
}
NAMES = {
    "[": "left_square_bracket",
    "]": "right_square_bracket",
    "{": "left_curly_bracket",
    "}": "right_curly_bracket",
    "<": "less_than_sign",
    ">": "greater_than_sign",
    ",": "comma",
    ".": "full_stop",
    ";": "semicolon",
    ":": "colon",
    "'": "apostrophe",
    '"': "quotation_mark",
}
"""Textual's names for keys that are not letters."""


def takes_text(widget: Widget | None) -> bool:
    """Whether keys are text in the focused widget: then letters stay what they are."""
    return isinstance(widget, Input) or bool(getattr(widget, "is_typing", False))


def as_on_a_latin_keyboard(event: Key) -> Key:
    """The pressed key under its name on a Latin keyboard."""
    latin = LATIN.get(event.character or "")
    return event if latin is None else Key(NAMES.get(latin, latin), latin)
