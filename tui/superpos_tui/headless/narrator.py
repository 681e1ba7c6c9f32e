"""What a run without a screen says: its story on standard error, its files on standard output."""

import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console


@dataclass
class Narrator:
    """Tells on standard error how it goes, and on standard output what was written."""

    console: Console = field(default_factory=lambda: Console(stderr=True, highlight=False))
    written: list[Path] = field(default_factory=list)

    def say(self, sentence: str) -> None:
        """A line of the story."""
        self.console.print(sentence, markup=False, soft_wrap=True)

    def announce(self, path: Path) -> None:
        """A file that is whole now. That nobody can read of it stops nothing: see ``streams``."""
        self.written.append(path)
        sys.stdout.write(f"{path}\n")
        sys.stdout.flush()

    def add(self, paths: Iterable[Path]) -> None:
        """Files that are there, whether they were announced or not."""
        self.written += [path for path in paths if path not in self.written]

    def say_what_was_written(self, why: str, folder: Path) -> None:
        """The last line of a run that could not end well."""
        here = [path.name for path in self.written if path.parent == folder]
        below = Counter(path.parent.name for path in self.written if path.parent != folder)
        names = ", ".join(
            [*here, *(f"{name} ({count} file{'s' * (count > 1)})" for name, count in below.items())]
        )
        written = f"written to {folder}: {names}" if names else "nothing was written"
        self.say(f"superpos-tui: {why}; {written}")
