"""A config file of the user, for tests."""

from pathlib import Path

import pytest


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's config file, not there yet; nothing is remembered either."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    path = tmp_path / "superpos-tui" / "config.toml"
    path.parent.mkdir()
    return path
