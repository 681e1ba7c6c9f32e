"""`python3 tui [arguments]`: superpos-tui from a checkout that sets itself up.

How it does that is in `.ci/environment.py`.
"""

import sys
from pathlib import Path

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parent.parent / ".ci")

    from environment import start

    start("program", "superpos_tui", sys.argv[1:])
