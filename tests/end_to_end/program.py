"""How tests start the program: its command and its environment."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent

ABOUT_THE_TERMINAL = ("TERM", "COLORTERM", "NO_COLOR", "FORCE_COLOR", "COLUMNS", "LINES", "TMUX")
PREFIXES_ABOUT_THE_TERMINAL = ("TEXTUAL_", "SSH_", "SUPERPOS_", "TERM_")
PROGRAM = ("-m", "superpos_tui")
TINY = ("--model", "tied", "--features", "5", "--hidden", "2", "--sparsity", "0.9")


def environment(state: Path, **changes: str) -> dict[str, str]:
    """The environment of a modern terminal, whichever one the tests run in.

    ``state`` is the folder for the program's log and settings. An empty value removes a variable.
    """
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in ABOUT_THE_TERMINAL and not name.startswith(PREFIXES_ABOUT_THE_TERMINAL)
    }
    sources = os.pathsep.join(str(ROOT / source) for source in ("core", "tui"))
    ours = {
        "PYTHONPATH": sources,
        "PYTHONUTF8": "1",
        "TERM": "xterm-256color",
        "COLORTERM": "truecolor",
        "XDG_STATE_HOME": str(state),
        "XDG_CONFIG_HOME": str(state),
    }
    return {name: value for name, value in {**kept, **ours, **changes}.items() if value}


def no_kernels(folder: Path) -> dict[str, str]:
    """Changes to an environment so that no compiled kernel is found: caches lie in ``folder``."""
    cache, temporary = folder / "cache", folder / "temporary"
    temporary.mkdir()
    return {"XDG_CACHE_HOME": str(cache), "TMPDIR": str(temporary), "NUMBA_CACHE_DIR": ""}
