"""The footer: which keys it shows at each width."""

from itertools import pairwise

import pytest

from superpos_tui.bars.keys import draw, place_keys
from superpos_tui.keys import FOOTER, WITH_OPEN_TIMELINE, table_of_keys
from superpos_tui.views.registry import VIEWS

KEYS = table_of_keys(VIEWS.values())
WIDTHS = (60, 80, 120, 160, 200)


def shown(width: int, view: str = "live", *, timeline: bool = False) -> str:
    """The row as text."""
    return draw(place_keys(KEYS, width, False, view, timeline), width).row_text(0)


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
        assert "space pause  G tour  x experiments" in shown(width)
    for width in WIDTHS[2:]:
        assert "t time  F settings  e export" in shown(width)
    for width in WIDTHS[3:]:
        assert "C checks  d dials  f speed  r again" in shown(width)


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


def test_a_views_own_keys_come_first() -> None:
    spans = place_keys(KEYS, 200, one_panel=False, view="probe")
    assert [key.action_name for _, key in spans][:2] == ["switch_feature", "raise_value"]
    assert not any(key.view for _, key in place_keys(KEYS, 200, one_panel=False, view="live"))
