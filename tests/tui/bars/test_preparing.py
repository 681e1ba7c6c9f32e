"""The second line while there is nothing to show yet: what is prepared, and what is dimmed."""

from dataclasses import replace

import pytest
from tests.tui.bars.test_header import WIDTHS, waiting

from superpos_tui.bars.header import draw
from superpos_tui.process.source import Life


@pytest.mark.parametrize("width", WIDTHS)
def test_while_a_run_is_prepared_the_line_says_so_and_what_the_dimmed_pictures_are(
    width: int,
) -> None:
    first = replace(waiting("twenty"), waiting_for="compiling the training kernel, once")
    line = draw(first, width).row_text(1)
    assert "preparing the run" in line
    assert "dimmed" not in line
    then = replace(first, keeps_pictures=True)
    if width >= 60:
        assert "preparing the new run" in draw(then, width).row_text(1)
        assert " · dimmed: the run before" in draw(then, width).row_text(1)
    assert "compiling" not in draw(then, width).row_text(1), "a panel says it"
    joins = replace(then, state="training", focus=replace(then.focus, model="linear"))
    assert "preparing linear" in draw(joins, width).row_text(1)


def test_only_a_run_that_trains_here_is_prepared() -> None:
    words = "no run is opened: L lists the runs"
    for status in (
        replace(waiting("twenty"), waiting_for=words, life=Life("loading")),
        replace(waiting("twenty"), waiting_for=words, state="failed"),
    ):
        line = draw(status, 80).row_text(1)
        assert words in line
        assert "preparing" not in line
