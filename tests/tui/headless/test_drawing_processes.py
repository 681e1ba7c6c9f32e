"""Figures drawn by several processes at once."""

from dataclasses import replace
from pathlib import Path

from tests.scripted_engine import ScriptedEngine
from tests.tui.headless.scripted import CONFIG

from superpos_core.figures.drawing import draw_here
from superpos_core.files.export import export
from superpos_core.training.run import train
from superpos_tui.headless.drawing_processes import drawing_processes


def test_processes_draw_the_same_as_one_alone(tmp_path: Path) -> None:
    """The figures of a run come from different processes, one run after another."""
    said: list[str] = []
    with drawing_processes(2, said.append) as draw:
        for number, model in enumerate(("tied", "untied")):
            config = replace(CONFIG, models=(model,), sparsities=(0.9,))
            snapshot = train(config, engine=ScriptedEngine)
            alone = list(export(snapshot, tmp_path / f"alone-{number}", ("svg",), 1.0))
            together = list(
                export(snapshot, tmp_path / f"together-{number}", ("svg",), 1.0, draw=draw)
            )
            assert [path.name for path in together] == [path.name for path in alone]
            for one, other in zip(alone, together, strict=True):
                assert one.read_bytes() == other.read_bytes()
    assert said == []


def test_with_one_thread_there_are_no_processes() -> None:
    with drawing_processes(1, lambda _: None) as draw:
        assert draw is draw_here
