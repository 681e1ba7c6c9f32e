"""The footer: which keys it shows at each width."""

from dataclasses import replace
from itertools import pairwise

import pytest
from tests.tui.bars.test_header import training

from superpos_core.experiments import experiment_named
from superpos_core.task.config import ExperimentConfig
from superpos_tui.bars.keys import KeyBar, draw, place_keys
from superpos_tui.bars.status import COMMANDS, Status
from superpos_tui.drawing.palette import Palette
from superpos_tui.keys import FOOTER, WITH_OPEN_TIMELINE, table_of_keys
from superpos_tui.views.registry import VIEWS

KEYS = table_of_keys(VIEWS.values())
WIDTHS = (60, 80, 120, 160, 200)


TWENTY = experiment_named("twenty").config


def shown(
    width: int,
    view: str = "live",
    *,
    timeline: bool = False,
    config: ExperimentConfig | None = None,
) -> str:
    """The row as text."""
    spans = place_keys(KEYS, width, False, view, timeline, config)
    return draw(spans, width, config).row_text(0)


@pytest.mark.parametrize("view", VIEWS)
def test_it_fits_and_always_ends_with_the_keys_that_find_all_others(view: str) -> None:
    for width in (*range(20, 200, 7), 99, 100, 119, 120):
        for one_panel in (False, True):
            for timeline in (False, True):
                spans = place_keys(KEYS, width, one_panel, view, timeline)
                row = draw(spans, width).row_text(0)
                end = "ctrl+p all  ? help  q quit " if width >= 100 else "ctrl+p all  ? help "
                assert row.endswith(end)
                for (before, _), (after, _) in pairwise(spans):
                    assert before.stop < after.start


def test_the_first_things_to_do_are_shown_at_every_width() -> None:
    for width in WIDTHS:
        assert "→ sparsity  m model  " in shown(width)
    for width in WIDTHS[1:]:
        assert "A add S  x experiments  space pause" in shown(width)
    for width in WIDTHS[2:]:
        assert "F settings  e export  G tour" in shown(width)
    for width in WIDTHS[3:]:
        assert "t time  C checks  d dials  f speed" in shown(width)
    assert "r again  i about panel" in shown(WIDTHS[-1])


def test_without_another_setting_there_is_none_to_go_to() -> None:
    alone = replace(TWENTY, sparsities=(0.9,))
    assert "→ sparsity" in shown(120, config=TWENTY)
    assert "→" not in shown(120, config=alone)


def test_every_action_of_the_footer_is_in_it_if_there_is_room() -> None:
    named = {key.action_name for _, key in place_keys(KEYS, 300, False, "live")}
    assert named == {*FOOTER, "command_palette", "help", "quit"} - {"runs"}


def test_with_an_open_timeline_it_shows_what_the_keys_do_then() -> None:
    for width in WIDTHS[1:]:
        row = shown(width, timeline=True)
        assert "→ later  ← earlier  home start  end now  enter replay" in row
        assert "sparsity" not in row, "the arrows are taken"
    assert not any(key in WITH_OPEN_TIMELINE for _, key in place_keys(KEYS, 200, False, "live"))


def test_keys_taken_by_an_open_timeline_are_not_shown_for_the_view() -> None:
    closed, opened = shown(200, "probe"), shown(200, "probe", timeline=True)
    assert "enter on/off" in closed
    assert "enter replay" in opened
    assert "on/off" not in opened


@pytest.mark.parametrize("width", WIDTHS)
def test_the_arrows_are_labelled_by_what_varies(width: int) -> None:
    """In a sweep → moves to another swept value."""
    swept = replace(TWENTY, sparsities=(0.9,), sweep="last-importance", sweep_values=(1.0, 2.0))
    assert "→ sparsity" in shown(width, config=TWENTY)
    assert "→ I₁₉" in shown(width, config=swept)
    assert "sparsity" not in shown(width, config=swept)


def test_keys_that_do_nothing_in_a_run_are_left_out() -> None:
    """Only three dimensions can be turned; a phase diagram has no single sparsities."""
    assert "turn" not in shown(200, "geometry", config=TWENTY)
    assert "shift+→ turn" in shown(200, "geometry", config=replace(TWENTY, hidden=3))
    several = replace(TWENTY, sparsities=(0.9,), hidden=8, sweep="hidden", sweep_values=(3.0, 8.0))
    assert "shift+→ turn" in shown(200, "geometry", config=several)
    assert "A add S" in shown(200, config=TWENTY)
    assert "A add S" not in shown(200, config=experiment_named("phase").config)


def test_what_a_run_cannot_do_now_is_left_out() -> None:
    """Nothing is left to pause at the end; a run that is only followed takes no orders."""
    bar = KeyBar(Palette(), KEYS)
    bar.set_view("live")

    def row(status: Status) -> str:
        bar.show_status(status)
        return bar.picture(200, 1).row_text(0)

    running = training()
    assert "space pause" in row(running)
    assert "space resume" in row(replace(running, state="paused"))
    finished = row(replace(running, state="finished"))
    assert "space" not in finished
    assert "r again" in finished
    followed = row(replace(running, refused=frozenset(COMMANDS)))
    assert not any(words in followed for words in ("pause", "dials", "again"))
    assert "m model" in followed, "the models that are there"


def test_a_views_own_keys_come_first() -> None:
    spans = place_keys(KEYS, 200, one_panel=False, view="probe")
    assert [key.action_name for _, key in spans][:2] == ["switch_feature", "raise_value"]
    assert not any(key.view for _, key in place_keys(KEYS, 200, one_panel=False, view="live"))
