"""What a headless run prints: progress on standard error, its files on standard output."""

import shlex
import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console

from superpos_core.files.runs.status_file import read_status


@dataclass
class Narrator:
    """Reports progress on standard error, and written files on standard output."""

    console: Console = field(default_factory=lambda: Console(stderr=True, highlight=False))
    written: list[Path] = field(default_factory=list)

    def say(self, sentence: str) -> None:
        """Print a line of progress."""
        self.console.print(sentence, markup=False, soft_wrap=True)

    def report_file(self, path: Path) -> None:
        """Print the path of a complete file; a closed output is no error: see ``streams``."""
        self.written.append(path)
        sys.stdout.write(f"{path}\n")
        sys.stdout.flush()

    def add(self, paths: Iterable[Path]) -> None:
        """Add files that exist, whether they were reported or not."""
        self.written += [path for path in paths if path not in self.written]

    def say_what_was_written(self, why: str, folder: Path) -> None:
        """Print the last line of a run that did not end normally."""
        here = [path.name for path in self.written if path.parent == folder]
        below = Counter(path.parent.name for path in self.written if path.parent != folder)
        names = ", ".join(
            [*here, *(f"{name} ({count} file{'s' * (count > 1)})" for name, count in below.items())]
        )
        written = f"written to {folder}: {names}" if names else "nothing was written"
        self.say(f"superpos-tui: {why}; {written}")

    def say_how_to_continue(self, folders: Iterable[Path]) -> None:
        """Name the run that was left unfinished, if there is one, and how it is continued."""
        for folder in folders:
            status = read_status(folder)
            if status is not None and status.state != "finished":
                name = shlex.quote(str(folder))
                self.say(f"superpos-tui --resume {name} --export {name} continues it")
