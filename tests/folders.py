"""What is in a folder."""

from pathlib import Path


def contents(folder: Path) -> dict[str, bytes]:
    """All files by their paths below the folder."""
    paths = [path for path in folder.rglob("*") if path.is_file()]
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}


def files_in(folder: Path) -> set[str]:
    """The names of the files in a folder, without those of folders."""
    return {path.name for path in folder.iterdir() if path.is_file()}
