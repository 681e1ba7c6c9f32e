"""`python3 tests [arguments]`: pytest in a checkout that sets itself up (see `.ci/environment.py`).

The arguments are pytest's; paths among them are relative to the root of the checkout.
"""

import os
import sys
from pathlib import Path

if __name__ == "__main__":
    # Replaces this folder: a test file must not shadow a standard module of the same name.
    sys.path[0] = str(Path(__file__).resolve().parent.parent / ".ci")

    from environment import ROOT, start

    os.chdir(ROOT)  # where pytest finds its settings
    start("tests", "pytest", sys.argv[1:])
