"""`python3 tests [arguments]`: pytest in a checkout that sets itself up.

How it does that is in `.ci/environment.py`. The arguments are pytest's; paths among them count from
the top of the checkout.
"""

import os
import sys
from pathlib import Path

if __name__ == "__main__":
    # Instead of this folder: a test file named like a module of Python's must not hide that one.
    sys.path[0] = str(Path(__file__).resolve().parent.parent / ".ci")

    from environment import ROOT, start

    os.chdir(ROOT)  # where pytest finds its settings
    start("tests", "pytest", sys.argv[1:])
