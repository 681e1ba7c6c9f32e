"""Help: what there is to read, in which order, how it is searched, and the screens that show it."""

import io
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console
from tests.run_folders import make_run
from tests.tui.running import running, until, until_finished
from tests.tui.runs.test_screen import listing
from textual.widgets import Static

from superpos_core.experiments import EXPERIMENTS
from superpos_core.geometry import measures
from superpos_tui.app import SuperposApp
from superpos_tui.dialogs.glossary import GLOSSARY, words_in
from superpos_tui.dialogs.help import (
    Chapter,
    HelpDialog,
    help_chapters,
    matching,
    panel_chapters,
    written,
)
from superpos_tui.drawing.palette import Ink, Palette
from superpos_tui.keys import GROUP_TITLES, table_of_keys
from superpos_tui.views.panel import Panel
from superpos_tui.views.registry import VIEWS
from superpos_tui.views.shared.colour_meanings import SUPERPOSITION
from superpos_tui.views.view import View

KEYS = table_of_keys(VIEWS.values())
PANELS = [(view, panel) for view in VIEWS.values() for panel in view.panels.values()]
TITLES = {"matrix": "W·Wᵀ and b"}
HELP = help_chapters(KEYS, VIEWS.values(), VIEWS["live"], TITLES)


def text_of(chapters: tuple[Chapter, ...], width: int = 100) -> str:
    console = Console(width=width, record=True, file=io.StringIO())
    console.print(written(chapters, Palette()))
    return console.export_text()


def test_help_begins_with_the_open_view_and_the_glossary() -> None:
    assert [chapter.title.split(":")[0] for chapter in HELP][:3] == ["Live", "Glossary", "Keys"]
    heads = [each.head for each in HELP[0].passages if not each.head.startswith("colour: ")]
    assert heads[:2] == ["W·Wᵀ and b", "loss"]


def test_help_has_every_key_and_every_panel_once() -> None:
    passages = [passage for chapter in HELP for passage in chapter.passages]
    assert sorted(each.text for each in passages if each.is_key) == sorted(
        key.description for key in KEYS
    )
    for _, panel in PANELS:
        assert [each.text for each in passages].count(panel.story) == 1


def test_keys_that_work_in_one_view_alone_are_not_among_the_common_ones() -> None:
    """Such as the arrows of the phase diagram, which were under "Point and probe"."""
    groups = {f"Keys: {title.lower()}" for title in GROUP_TITLES.values()}
    common = {each.text for chapter in HELP if chapter.title in groups for each in chapter.passages}
    assert common == {key.description for key in KEYS if not key.exclusive}


def test_keys_are_coloured_as_in_the_footer() -> None:
    accent = Palette().colour(Ink.ACCENT)
    pieces = Console(width=100, file=io.StringIO()).render(written(HELP, Palette()))
    coloured = {  # so are titles
        piece.text.strip()
        for piece in pieces
        if piece.style and piece.style.color and piece.style.color.name == accent
    }
    assert coloured >= {key.shown for key in KEYS}


@pytest.mark.parametrize("width", [36, 74, 100])
def test_every_word_of_help_is_written_at_any_width(width: int) -> None:
    shown = "".join(text_of(HELP, width).split())
    for chapter in HELP:
        for passage in chapter.passages:
            for text in (passage.head, passage.text, passage.aside):
                assert "".join(text.split())[:20] in shown


def test_a_search_finds_passages_with_all_its_words_in_any_case() -> None:
    found = matching(HELP, "ANTIPODAL digon")
    assert any(
        each.head == "antipodal pair, digon" for chapter in found for each in chapter.passages
    )
    for chapter in found:
        for each in chapter.passages:
            text = f"{each.head} {each.text} {each.aside}".lower()
            assert "antipodal" in text
            assert "digon" in text
    assert matching(HELP, "") == HELP
    assert matching(HELP, "no-such-word") == ()
    assert "Nothing contains" in text_of(())


@pytest.mark.parametrize(
    "term",
    ["S", "1 − S", "D*", "ΣD", "L / L_linear", "superposition", "antipodal pair", "lane", "setting",
     "restart", "seed", "n → m", "pace", "engine", "digon"],
)  # fmt: skip
def test_the_glossary_has_the_words_that_newcomers_asked_about(term: str) -> None:
    assert any(term in word.name for word in GLOSSARY)


def test_words_of_the_paper_name_one_of_its_sections() -> None:
    sections = {experiment.section for experiment in EXPERIMENTS.values()}
    assert {word.section for word in GLOSSARY} <= sections | {""}
    assert len({word.name for word in GLOSSARY}) == len(GLOSSARY)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("D* = m/‖W‖²", ["D*"]),
        ("Digons are shapes.", ["antipodal pair, digon", "pentagon and other shapes"]),
        ("db, Dx and lanes", ["lane"]),
        ("", []),
    ],
)
def test_words_are_found_whole(text: str, names: list[str]) -> None:
    assert [word.name for word in words_in([text])] == names


def test_the_help_about_a_panel_explains_that_panel_alone() -> None:
    view = VIEWS["live"]
    chapters = panel_chapters(view.panels["norms"], None, "feature norms ‖W_i‖", KEYS, view)
    assert [chapter.title for chapter in chapters] == ["Live (1)", "Colours", "Keys", "Glossary"]
    assert chapters[0].passages[0].text == view.panels["norms"].story
    heads = [passage.head for passage in chapters[2].passages]
    assert "b" in heads
    assert "z" in heads
    assert "l" not in heads, "it is a key of the loss"
    assert "superposition" in [passage.head for passage in chapters[3].passages]


@pytest.mark.parametrize(("view", "panel"), PANELS, ids=lambda each: each.name)
def test_the_help_about_a_panel_says_what_its_colours_mean(view: View, panel: Panel) -> None:
    """Each colour by name, with its meaning: a symbol of the model, a limit or a sign."""
    chapters = panel_chapters(panel, None, "", KEYS, view)
    colours = next(chapter for chapter in chapters if chapter.title == "Colours")
    assert colours.passages
    for passage in colours.passages:
        assert passage.head.startswith("colour: ")
        assert len(passage.text) > len("the bias b_i.") - 1


def test_the_formula_of_superposition_is_that_of_the_measure() -> None:
    """Σ_{j≠i} (Ŵ_i·W_j)², spelt out in the help and computed here as it is written."""
    rows = np.array([[1.0, 0.0], [0.6, 0.8], [0.0, 2.0]])
    spelt = [
        sum((row @ rows[j] / np.linalg.norm(row)) ** 2 for j in range(3) if j != i)
        for i, row in enumerate(rows)
    ]
    np.testing.assert_allclose(measures.superposition(rows), spelt)
    assert "Σ_{j≠i} (Ŵ_i·W_j)²" in SUPERPOSITION


def test_a_search_puts_what_is_named_so_first() -> None:
    """Nearly every text says superposition."""
    found = matching(HELP, "superposition")
    heads = [passage.head for passage in found[0].passages]
    assert heads[0] == "superposition"
    assert all("superposition" in head for head in heads)
    both = [passage for chapter in found for passage in chapter.passages]
    assert len(both) == len({id(passage) for passage in both})
    assert len(both) > 2 * len(heads), "the others follow"


@pytest.mark.parametrize(("view", "panel"), PANELS, ids=lambda each: each.name)
def test_every_panel_uses_words_of_the_glossary(view: View, panel: Panel) -> None:
    titles = [chapter.title for chapter in panel_chapters(panel, None, "", KEYS, view)]
    assert titles[-1] == "Glossary"


# ── on the screen ─────────────────────────────────────────────────────────────────────────────────


def found_on(app: SuperposApp) -> str:
    console = Console(width=100, record=True, file=io.StringIO())
    console.print(app.screen.query_one("#help-text", Static).content)
    return console.export_text()


async def test_help_is_searched_as_one_types_and_esc_shows_all_again() -> None:
    async with running() as (app, pilot):
        await until_finished(app, pilot)
        await pilot.press("question_mark")
        assert isinstance(app.screen, HelpDialog)
        await pilot.press("slash", *"square anti")
        await pilot.pause()
        assert "antiprisms" in found_on(app)
        assert "next view" not in found_on(app)
        await pilot.press("escape")
        await pilot.pause()
        assert "next view" in found_on(app)
        await pilot.press("escape")
        assert not isinstance(app.screen, HelpDialog)


async def test_i_explains_the_focused_panel() -> None:
    async with running() as (app, pilot):
        await until_finished(app, pilot)
        await pilot.press("tab", "i")
        assert isinstance(app.screen, HelpDialog)
        assert "closed-form optimum" in found_on(app)
        assert "Entry (i, j)" not in found_on(app).split("Glossary")[0]
        await pilot.press("i")
        assert not isinstance(app.screen, HelpDialog)


async def test_help_works_on_the_list_of_runs(tmp_path: Path) -> None:
    make_run(tmp_path / "one")
    async with listing(tmp_path) as (app, pilot, _):
        await pilot.press("question_mark")
        await until(pilot, lambda: isinstance(app.screen, HelpDialog))
        assert "pin the run for comparison" in found_on(app)
        assert "min loss" in found_on(app)
        await pilot.press("escape")
        assert not isinstance(app.screen, HelpDialog)
