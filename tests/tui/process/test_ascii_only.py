"""``--ascii``: nothing else is on any screen, and every glyph of the program has a stand-in."""

from rich.cells import cell_len
from tests.scripted_engine import ScriptedEngine
from tests.tui.process.test_console_glyphs import drawn_glyphs
from tests.tui.running import SMALL, until, until_finished

from superpos_core.experiments import Trial
from superpos_core.training.pacing import PACES
from superpos_tui.app import SuperposApp
from superpos_tui.drawing.squares import NEGATIVE_GLYPHS, POSITIVE_GLYPHS
from superpos_tui.process.ascii_only import UNKNOWN, in_ascii
from superpos_tui.settings.start import Settings
from superpos_tui.views.registry import VIEWS

WITHOUT_A_WIDTH = {"\u0300", "\u0302", "\u036f"}
"""Combining characters."""


def screen_of(app: SuperposApp) -> list[str]:
    strips = app.screen._compositor.render_strips()
    return ["".join(segment.text for segment in strip) for strip in strips]


async def test_every_view_and_dialog_is_in_ascii_and_as_wide_as_it_was() -> None:
    trial = Trial(SMALL)
    app = SuperposApp(
        Settings(
            trial,
            lambda config, on_news: ScriptedEngine(config),
            ascii=True,
            frames_per_second=50,
            pace=PACES["full"],
        )
    )
    async with app.run_test(size=(120, 40)) as pilot:
        await until_finished(app, pilot)
        screens = []
        for keys in (*(view.key for view in VIEWS.values()), "t", "question_mark", "x", "d", "F"):
            await pilot.press(keys)
            await pilot.pause()
            screens.append(screen_of(app))
            if app.desk.has_dialog:
                await pilot.press("escape")
                await until(pilot, lambda: not app.desk.has_dialog)
    assert len({"\n".join(lines) for lines in screens}) == len(screens), "each was seen"
    for lines in screens:
        assert {len(line) for line in lines} == {120}
        assert [line for line in lines if not line.isascii()] == []
    assert "X = ReLU(x.W.W' + b)" in screens[0][0]


def test_every_glyph_of_the_program_has_a_stand_in() -> None:
    glyphs = [glyph for glyph in drawn_glyphs() - WITHOUT_A_WIDTH if glyph.isprintable()]
    assert [glyph for glyph in glyphs if not in_ascii(glyph).isascii()] == []
    assert [glyph for glyph in glyphs if len(in_ascii(glyph)) != cell_len(glyph)] == []
    assert [glyph for glyph in glyphs if UNKNOWN in in_ascii(glyph) and glyph not in "?¿"] == []


def test_signs_and_strengths_stay_apart() -> None:
    glyphs = in_ascii(POSITIVE_GLYPHS) + in_ascii(NEGATIVE_GLYPHS)[1:]
    assert len(set(glyphs)) == len(glyphs)


def test_names_of_files_keep_their_letters_and_their_width() -> None:
    assert in_ascii("naïve/日本.npz") == "naive/????.npz"
