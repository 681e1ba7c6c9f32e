"""Runs without an interface train with the scripted engine."""

import pytest
from tests.tui.headless.scripted import scripted_train

from superpos_tui.headless import runs


@pytest.fixture
def _scripted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "train", scripted_train)
    monkeypatch.setattr(runs, "usable_cores", lambda: 1)
