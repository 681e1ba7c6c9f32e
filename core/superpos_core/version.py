"""The version of this program."""

from importlib import metadata


def version() -> str:
    """The installed version, or ``0+unknown`` when running from source without installing."""
    try:
        return metadata.version("superpos-tui")
    except metadata.PackageNotFoundError:
        return "0+unknown"
