"""The theme is remembered; whatever happens to the file, the program starts."""

import json
import os
from pathlib import Path

import pytest
from tests.scripted_engine import ScriptedEngine
from tests.tui.running import until

from superpos_core.experiments import Trial
from superpos_core.task.config import ExperimentConfig
from superpos_tui.app import SuperposApp
from superpos_tui.look.theme_names import THEME_NAMES
from superpos_tui.settings.remembered import remember_theme, remembered_theme
from superpos_tui.settings.start import Settings


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "config" / "settings.json"


def test_a_theme_is_remembered(path: Path) -> None:
    assert remembered_theme(path) == (None, "")
    for theme in THEME_NAMES:
        assert remember_theme(path, theme) == ""
        assert remembered_theme(path) == (theme, "")
    assert [each.name for each in path.parent.iterdir()] == ["settings.json"]


def test_other_entries_in_the_file_are_kept(path: Path) -> None:
    path.parent.mkdir()
    path.write_text('{"version": 1, "mine": [1, 2]}')
    assert remember_theme(path, "paper") == ""
    assert json.loads(path.read_text()) == {"version": 1, "mine": [1, 2], "theme": "paper"}


@pytest.mark.parametrize(
    "content",
    [b"", b"\xff\xfe", b"[]", b"null", b"{", b'{"theme": "paper"', b"[" * 100_000, bytes(100)],
)
def test_a_damaged_file_is_reported_and_set_aside(path: Path, content: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(content)
    theme, notice = remembered_theme(path)
    assert theme is None
    assert "damaged" in notice
    assert remember_theme(path, "dusk") == ""
    assert remembered_theme(path) == ("dusk", "")
    assert path.with_name("settings.json.damaged").read_bytes() == content


@pytest.mark.parametrize("version", [2, 10**30, "2", None, 1.5])
def test_a_file_of_a_newer_version_is_left_alone(path: Path, version: object) -> None:
    path.parent.mkdir()
    content = json.dumps({"version": version, "theme": {"name": "x"}})
    path.write_text(content)
    theme, notice = remembered_theme(path)
    assert theme is None
    assert "newer" in notice
    assert "newer" in remember_theme(path, "dusk")
    assert path.read_text() == content


@pytest.mark.parametrize("theme", ["neon", 7, ["paper"], {"a": 1}])
def test_an_unknown_theme_is_reported(path: Path, theme: object) -> None:
    path.parent.mkdir()
    path.write_text(json.dumps({"theme": theme}))
    remembered, notice = remembered_theme(path)
    assert remembered is None
    assert "no theme" in notice


def test_a_folder_in_place_of_the_file_and_a_file_in_place_of_the_folder(path: Path) -> None:
    path.mkdir(parents=True)
    assert remembered_theme(path)[0] is None
    assert "cannot be read" in remember_theme(path, "dusk")
    below_a_file = path.parent / "file" / "settings.json"
    below_a_file.parent.touch()
    assert remembered_theme(below_a_file)[0] is None
    assert remember_theme(below_a_file, "dusk") != ""


def test_without_a_home_nothing_is_remembered_and_the_notice_says_so() -> None:
    assert remembered_theme(None) == (None, "")
    assert "home" in remember_theme(None, "dusk")


def test_a_folder_that_cannot_be_written(path: Path) -> None:
    path.parent.mkdir()
    path.parent.chmod(0o500)
    if os.access(path.parent, os.W_OK):
        pytest.skip("this user may write everywhere")
    assert "not remembered" in remember_theme(path, "dusk")
    assert remembered_theme(path) == (None, "")


async def test_the_key_remembers_and_a_notice_is_shown(path: Path) -> None:
    config = ExperimentConfig(
        "small", features=3, hidden=2, models=("tied",), sparsities=(0.5,), steps=5
    )
    settings = Settings(
        Trial(config),
        lambda config, on_news: ScriptedEngine(config),
        settings_path=path,
        notice="the file is damaged",
    )
    app = SuperposApp(settings)
    async with app.run_test(size=(100, 30)) as pilot:
        assert [each.message for each in app._notifications] == ["the file is damaged"]
        await pilot.press("T")
        await until(pilot, path.exists)
        assert remembered_theme(path) == (app.theme, "")
        app.screen_actions.choose_theme("paper")
        assert remembered_theme(path) == ("paper", "")
