"""``python -m superpos_tui``."""

import sys

if __name__ == "__main__":
    if not sys.flags.safe_path:
        # Python puts the current folder first: a file that happens to lie there would be run.
        current = sys.path.pop(0)
        if not any(__file__.startswith(entry) for entry in sys.path if entry):
            sys.path.append(current)  # it is where the program itself is

    from superpos_tui.cli import main

    main()
