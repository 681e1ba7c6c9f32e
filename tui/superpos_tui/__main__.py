"""What ``superpos-tui`` and ``python -m superpos_tui`` run."""

import signal


def main() -> None:
    """Run the program, and exit."""
    # There is nothing to restore yet, and in the middle of an import Python may lose a Ctrl-C.
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)

    from superpos_tui.cli import main

    main()


if __name__ == "__main__":
    main()
