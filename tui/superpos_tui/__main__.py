"""``python -m superpos_tui``."""

from superpos_tui.cli import main

if __name__ == "__main__":
    main()
