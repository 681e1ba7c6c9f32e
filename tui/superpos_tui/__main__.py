"""The program's entry: ``superpos-tui`` and ``python -m superpos_tui``."""

from superpos_tui.process.import_path import forget_current_folder


def main() -> None:
    """Run the program and exit: 0 done, 1 training failed, 2 bad usage, 128 + n for signal n."""
    forget_current_folder()
    try:
        from superpos_tui.command_line.start import start  # only now: it imports more
    except KeyboardInterrupt:
        raise SystemExit(130) from None
    start()


if __name__ == "__main__":
    main()
