"""The version of this program."""


def version() -> str:
    """The installed version, or ``0+unknown`` when running from source without installing."""
    from importlib import metadata  # slow to import: only where the version is asked for

    try:
        return metadata.version("superpos-tui")
    except metadata.PackageNotFoundError:
        return "0+unknown"
