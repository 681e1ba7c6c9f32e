"""A large matrix that changes altogether is redrawn as seldom as its bytes demand."""

from dataclasses import replace

from tests.core.dictionary_records import SMALL_DICTIONARIES
from tests.scripted_dictionaries import scripted_engines
from tests.tui.running import panel, running, until, until_finished

from superpos_tui.drawing.cells import BYTES_PER_GLYPH, BYTES_PER_STYLE, Cells
from superpos_tui.drawing.palette import Ink
from superpos_tui.views.panel_view import BYTES_PER_SECOND

LARGE = replace(
    SMALL_DICTIONARIES, features=70, hidden=20, latents=70, directions="random",
    dictionaries=("relu",), restarts=1, steps=4,
)  # fmt: skip


def test_bytes_of_a_row_are_those_of_its_styles_and_characters() -> None:
    cells = Cells.blank(10, 2)
    cells.write(0, 1, "ab", Ink.TEXT)
    cells.write(2, 1, "cd", Ink.ACCENT)
    assert cells.bytes_up_to(1, 2) == BYTES_PER_STYLE + 2 * BYTES_PER_GLYPH
    assert cells.bytes_up_to(1, 4) == 2 * BYTES_PER_STYLE + 4 * BYTES_PER_GLYPH


async def test_another_picture_waits_for_the_bytes_of_this_one() -> None:
    async with running(config=LARGE, make_engine=scripted_engines) as (app, pilot):
        await until_finished(app, pilot)
        await pilot.press("9")
        cosines = panel(app, "cosines", "dictionary")
        await until(pilot, lambda: cosines._drawn is not None)
        await pilot.press("right")  # another lane: every square changes
        await until(pilot, lambda: cosines._bytes_of_change > BYTES_PER_SECOND / 2)
        assert cosines._rest >= cosines._bytes_of_change / BYTES_PER_SECOND
