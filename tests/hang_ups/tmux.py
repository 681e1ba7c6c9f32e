"""A tmux server with the instrument in its only window."""

import os
import shutil
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path

from tests.end_to_end.terminal import PATIENCE, Terminal

HAS_TMUX = shutil.which("tmux") is not None


class TmuxTerminal(Terminal):
    """A terminal with a tmux client; the program runs in its window."""

    def __init__(
        self,
        arguments: Sequence[str],
        *,
        environment: dict[str, str],
        folder: Path,
        ignore_hang_up: bool = False,
        shell: bool = False,
        patience: float = PATIENCE,
    ) -> None:
        self._tmux = ("tmux", "-S", str(folder.parent / "tmux"), "-f", os.devnull)
        super().__init__(
            arguments,
            environment=environment,
            folder=folder,
            ignore_hang_up=ignore_hang_up,
            runner=(*self._tmux, "new-session"),
            patience=patience,
        )
        self.wait_for(lambda: self._ask("#{pane_pid}") > 0)
        self.pid = self.session = self._ask("#{pane_pid}")
        self._server = self._ask("#{pid}")

    def kill_server(self) -> None:
        """Kill the server, as a machine out of memory does."""
        os.kill(self._server, signal.SIGKILL)

    def _ask(self, what: str) -> int:
        """A number from the server; 0 if there is none yet."""
        command = [*self._tmux, "list-panes", "-F", what]
        answer = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
        return int(answer.stdout.split()[0]) if answer.stdout.split() else 0
