"""Keyboards whose letters are not Latin: a terminal sends the letter, but the key is meant.

The tables give the Latin letter on the same key of a US keyboard.
"""

from textual.events import Key

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
"""What Textual calls keys that are no letters."""


def as_on_a_latin_keyboard(event: Key) -> Key:
    """The key that was pressed, by what it is called where letters are Latin."""
    latin = LATIN.get(event.character or "")
    return event if latin is None else Key(NAMES.get(latin, latin), latin)
