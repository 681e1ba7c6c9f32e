"""Stand-ins for what the launchers run, and what they leave behind."""

import sys
from pathlib import Path

import environment
from environment import SetUpError

SOURCES = [".ci/environment.py", "tui/__main__.py", "tests/__main__.py"]


class Commands(list[list[str]]):
    """Replaces running commands: records each, and creates what `python -m venv` would."""

    def __init__(self) -> None:
        super().__init__()
        self.failing = ""

    def __call__(self, command: list[str]) -> None:
        self.append(command)
        if self.failing and self.failing in command:
            raise SetUpError(f"no {self.failing} today")
        if "venv" in command:
            make_interpreter(Path(command[-1]))

    @property
    def tools(self) -> list[str]:
        """The modules that were run."""
        return [command[command.index("-m") + 1] for command in self]


def make_interpreter(folder: Path) -> None:
    """Create the interpreter of an environment: a link to the current one."""
    (folder / "bin").mkdir(parents=True, exist_ok=True)
    (folder / "bin/python").unlink(missing_ok=True)
    (folder / "bin/python").symlink_to(sys.executable)
    version = "python{}.{}".format(*sys.version_info[:2])
    (folder / "lib" / version / "site-packages").mkdir(parents=True, exist_ok=True)


def is_complete(root: Path, level: str) -> bool:
    """Whether the checkout's `.venv` would be used as it is."""
    return environment._is_complete(root / ".venv", environment._wanted(level, root))
