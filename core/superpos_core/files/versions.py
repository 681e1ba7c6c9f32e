"""The versions of this program and of the libraries that a run's numbers depend on."""

import platform

from superpos_core.version import version

LIBRARIES = ("numpy", "torch", "numba", "matplotlib", "safetensors")


def software_versions() -> dict[str, str]:
    """The versions that a run's numbers depend on, found without importing anything."""
    libraries = {name: _installed_version(name) for name in LIBRARIES}
    return {"superpos-tui": version(), "python": platform.python_version(), **libraries}


def _installed_version(library: str) -> str:
    from importlib import metadata  # slow to import: only where versions are asked for

    try:
        return metadata.version(library)
    except metadata.PackageNotFoundError:
        return "not installed"
