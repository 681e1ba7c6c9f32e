"""A word of the glossary, and where texts use it."""

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Word:
    """A word or symbol, and what it means.

    ``section`` is where the paper introduces it; empty for a word of this program. ``spellings``
    are how texts write it; one in lower case is found in any case.
    """

    name: str
    meaning: str
    section: str = ""
    spellings: tuple[str, ...] = ()

    def is_used_in(self, text: str) -> bool:
        """Whether a text uses it, in one of its spellings."""
        return any(
            re.search(
                rf"(?<!\w){re.escape(spelling)}(?![\w*])",
                text,
                re.IGNORECASE if spelling.islower() and len(spelling) > 1 else 0,
            )
            for spelling in self.spellings
        )
