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
from superpos_tui.settings.remembered import NOTHING, Memory, Remembered
from superpos_tui.settings.start import Settings


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "remembered.json"


@pytest.fixture
def memory(path: Path, tmp_path: Path) -> Memory:
    return Memory(path, earlier=tmp_path / "config" / "settings.json")


def remembered_theme(memory: Memory) -> tuple[str | None, str]:
    remembered, notice = memory.recall()
    return remembered.theme, notice


def remember_theme(memory: Memory, theme: str) -> str:
    return memory.keep(Remembered(theme=theme))


def test_a_theme_is_remembered(memory: Memory) -> None:
    assert remembered_theme(memory) == (None, "")
    for theme in THEME_NAMES:
        assert remember_theme(memory, theme) == ""
        assert remembered_theme(memory) == (theme, "")
    assert [each.name for each in memory.path.parent.iterdir()] == ["remembered.json"]


def test_each_choice_is_remembered_by_itself(memory: Memory) -> None:
    assert memory.keep(Remembered(pace="full")) == ""
    assert memory.keep(Remembered(view="geometry")) == ""
    assert memory.keep(Remembered(theme="paper", view="weights")) == ""
    assert memory.recall() == (Remembered("paper", "full", "weights"), "")


def test_other_entries_in_the_file_are_kept(memory: Memory, path: Path) -> None:
    path.parent.mkdir()
    path.write_text('{"version": 1, "mine": [1, 2]}')
    assert remember_theme(memory, "paper") == ""
    assert json.loads(path.read_text()) == {"version": 1, "mine": [1, 2], "theme": "paper"}


def test_the_theme_moves_from_where_it_used_to_be(memory: Memory) -> None:
    assert memory.earlier is not None
    memory.earlier.parent.mkdir()
    memory.earlier.write_text('{"version": 1, "theme": "dusk"}')
    assert remembered_theme(memory) == ("dusk", "")
    assert memory.keep(Remembered(pace="slow")) == ""
    assert memory.recall() == (Remembered("dusk", "slow"), "")
    assert not memory.earlier.exists()
    memory.earlier.write_text('{"version": 1, "theme": "paper"}')
    assert remembered_theme(memory) == ("dusk", ""), "the newer file counts"


@pytest.mark.parametrize("content", ["{", '{"version": 2}', '{"theme": "neon"}'])
def test_an_unusable_earlier_file_does_not_stand_in_the_way(memory: Memory, content: str) -> None:
    assert memory.earlier is not None
    memory.earlier.parent.mkdir()
    memory.earlier.write_text(content)
    assert memory.recall()[0] == NOTHING
    assert remember_theme(memory, "dusk") == ""
    assert remembered_theme(memory) == ("dusk", "")


@pytest.mark.parametrize(
    "content",
    [b"", b"\xff\xfe", b"[]", b"null", b"{", b'{"theme": "paper"', b"[" * 100_000, bytes(100)],
)
def test_a_damaged_file_is_reported_and_set_aside(memory: Memory, content: bytes) -> None:
    memory.path.parent.mkdir()
    memory.path.write_bytes(content)
    theme, notice = remembered_theme(memory)
    assert theme is None
    assert "damaged" in notice
    assert remember_theme(memory, "dusk") == ""
    assert remembered_theme(memory) == ("dusk", "")
    assert memory.path.with_name("remembered.json.damaged").read_bytes() == content


@pytest.mark.parametrize("version", [2, 10**30, "2", None, 1.5])
def test_a_file_of_a_newer_version_is_left_alone(memory: Memory, version: object) -> None:
    memory.path.parent.mkdir()
    content = json.dumps({"version": version, "theme": {"name": "x"}})
    memory.path.write_text(content)
    theme, notice = remembered_theme(memory)
    assert theme is None
    assert "newer" in notice
    assert "newer" in remember_theme(memory, "dusk")
    assert memory.path.read_text() == content


@pytest.mark.parametrize("name", ["theme", "pace", "view"])
@pytest.mark.parametrize("value", ["neon", 7, ["paper"], {"a": 1}])
def test_an_unknown_choice_is_reported(memory: Memory, name: str, value: object) -> None:
    memory.path.parent.mkdir()
    memory.path.write_text(json.dumps({name: value}))
    remembered, notice = memory.recall()
    assert remembered == NOTHING
    assert f"no {name}" in notice


def test_a_folder_in_place_of_the_file_and_a_file_in_place_of_the_folder(path: Path) -> None:
    path.mkdir(parents=True)
    memory = Memory(path)
    assert remembered_theme(memory)[0] is None
    assert "cannot be read" in remember_theme(memory, "dusk")
    below_a_file = Memory(path.parent / "file" / "remembered.json")
    below_a_file.path.parent.touch()
    assert remembered_theme(below_a_file)[0] is None
    assert remember_theme(below_a_file, "dusk") != ""


def test_a_folder_that_cannot_be_written(memory: Memory, path: Path) -> None:
    path.parent.mkdir()
    path.parent.chmod(0o500)
    if os.access(path.parent, os.W_OK):
        pytest.skip("this user may write everywhere")
    assert "not remembered" in remember_theme(memory, "dusk")
    assert remembered_theme(memory) == (None, "")


def small_app(memory: Memory, notice: str = "") -> SuperposApp:
    config = ExperimentConfig(
        "small", features=3, hidden=2, models=("tied",), sparsities=(0.5,), steps=5
    )
    return SuperposApp(
        Settings(
            Trial(config),
            lambda config, on_news: ScriptedEngine(config),
            memory=memory,
            notice=notice,
        )
    )


async def test_the_key_remembers_and_a_notice_is_shown(memory: Memory) -> None:
    app = small_app(memory, notice="the file is damaged")
    async with app.run_test(size=(100, 30)) as pilot:
        assert [each.message for each in app._notifications] == ["the file is damaged"]
        await pilot.press("T")
        await until(pilot, memory.path.exists)
        assert remembered_theme(memory) == (app.theme, "")
        app.screen_actions.choose_theme("paper")
        assert remembered_theme(memory) == ("paper", "")


async def test_the_pace_and_the_view_at_the_end_are_remembered(memory: Memory) -> None:
    async with small_app(memory).run_test(size=(100, 30)):
        pass
    assert memory.recall() == (NOTHING, ""), "nothing was chosen"
    async with small_app(memory).run_test(size=(100, 30)) as pilot:
        await pilot.press("f", "3")
        await pilot.pause()
    assert memory.recall() == (Remembered(pace="full", view="geometry"), "")
