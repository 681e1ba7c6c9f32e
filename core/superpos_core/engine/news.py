"""What an engine says while it is made: slow work and fallbacks, each in a sentence."""

from collections.abc import Callable

News = Callable[[str], None]

COMPILING = "compiling the training kernel, once"


def ignore_news(news: str) -> None:
    """Discard the news."""
