"""Help: panels, glossary and keys, searched as the user types; or one panel alone."""

import sys
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.rule import Rule
from rich.style import Style
from rich.table import Table
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.widgets import Input, Label, Static

from superpos_tui.dialogs.frame import frame_css
from superpos_tui.dialogs.glossary import GLOSSARY, words_in
from superpos_tui.dialogs.word import Word
from superpos_tui.drawing.palette import Ink, Palette
from superpos_tui.keys import GROUP_TITLES
from superpos_tui.process.sturdy import Dialog
from superpos_tui.scene import Scene
from superpos_tui.views.key import Key
from superpos_tui.views.panel import Panel
from superpos_tui.views.view import View

OF_ANY_PANEL, OF_ZOOMED = ("maximise", "next_panel"), ("zoom", "pan")
"""Actions of common keys that the help about one panel repeats, the latter if it can zoom."""
INDENT = 2
ASIDE_COLUMNS = 60
"""A longer aside gets its own rows."""
NOTHING_FOUND = "Nothing contains all of these words."
HINT = "/ search · ↑↓ scroll · esc closes"
HINT_WHILE_SEARCHING = "type words to search for · ↑↓ scroll · esc shows all"


@dataclass(frozen=True)
class Passage:
    """A few lines of help: a key, word or panel, what it means, and an aside in a quiet tone."""

    head: str
    text: str
    aside: str = ""
    is_key: bool = False

    def contains(self, words: Iterable[str]) -> bool:
        """Whether it contains all of these words, in any case."""
        searched = f"{self.head} {self.text} {self.aside}".casefold()
        return all(word in searched for word in words)


@dataclass(frozen=True)
class Chapter:
    """Passages under a title."""

    title: str
    passages: tuple[Passage, ...]


# ── what there is to read ─────────────────────────────────────────────────────────────────────────


def help_chapters(
    keys: Collection[Key], views: Collection[View], view: View, titles: Mapping[str, str]
) -> tuple[Chapter, ...]:
    """All help: the open view's panels, the glossary, keys by group, the other views' panels.

    ``titles`` are the titles of the open view's panels, by name, as they are on the screen.
    """
    others = [other for other in views if other.name != view.name]
    return (
        Chapter(f"{view.title}: {view.summary}", _panels(view, titles)),
        glossary_chapter(GLOSSARY),
        *key_chapters(keys, (view, *others)),
        *(Chapter(f"{other.title} ({other.key}): {other.summary}", _panels(other, {}))
          for other in others),
    )  # fmt: skip


def panel_chapters(
    panel: Panel, scene: Scene | None, title: str, keys: Iterable[Key], view: View
) -> tuple[Chapter, ...]:
    """Help about a panel of a view: its reading and story, its colours, its keys, its words.

    ``scene`` is the current one, if there is one; ``title`` is the panel's current title.
    """
    is_shown = scene is not None and isinstance(scene.snapshot.record, panel.takes)
    reading = panel.reading_within(sys.maxsize, scene if is_shown else None)
    of_moving = OF_ZOOMED if panel.zoom else ("pan",) if panel.turn else ()
    common = (*OF_ANY_PANEL, *of_moving)
    own = [
        key
        for key in keys
        if (key.view == view.name and (not key.panels or panel.name in key.panels))
        or (key.action_name in common and not key.view)
    ]
    words = words_in((title, reading, panel.story, *panel.colours))
    chapters = (
        Chapter(f"{view.title} ({view.key})", (Passage(title, panel.story, reading),)),
        Chapter("Colours", _colours(panel)),
        Chapter("Keys", key_passages(own)),
        glossary_chapter(words),
    )
    return tuple(chapter for chapter in chapters if chapter.passages)


def glossary_chapter(words: Iterable[Word]) -> Chapter:
    """Words with their meanings and the paper's sections."""
    return Chapter(
        "Glossary",
        tuple(Passage(word.name, word.meaning, word.section) for word in words),
    )


def key_chapters(keys: Collection[Key], views: Iterable[View]) -> tuple[Chapter, ...]:
    """Keys by group; those that work in one of ``views`` alone under its name."""
    common = [key for key in keys if not key.exclusive]
    groups = [
        Chapter(f"Keys: {title.lower()}", key_passages(key for key in common if key.group == group))
        for group, title in GROUP_TITLES.items()
    ]
    of_views = [
        Chapter(
            f"Keys: in {view.title} ({view.key}) alone",
            key_passages(key for key in keys if key.exclusive and key.view == view.name),
        )
        for view in views
    ]
    return tuple(chapter for chapter in (*groups, *of_views) if chapter.passages)


def _panels(view: View, titles: Mapping[str, str]) -> tuple[Passage, ...]:
    """The panels of a view, each followed by its colours."""
    return tuple(
        passage
        for name, panel in view.panels.items()
        for passage in (
            Passage(titles.get(name, name.replace("-", " ")), panel.story, panel.readings[0]),
            *_colours(panel),
        )
    )


def _colours(panel: Panel) -> tuple[Passage, ...]:
    """What each colour of a panel means, with its formula."""
    split = (text.partition(": ") for text in panel.colours)
    return tuple(Passage(f"colour: {what}", meaning) for what, _, meaning in split)


def key_passages(keys: Iterable[Key]) -> tuple[Passage, ...]:
    """One passage per key."""
    return tuple(Passage(key.shown, key.description, is_key=True) for key in keys)


# ── how it is shown ───────────────────────────────────────────────────────────────────────────────


def matching(chapters: Iterable[Chapter], typed: str) -> tuple[Chapter, ...]:
    """The passages that contain every typed word: first those with all of them in their heads.

    The others are in their chapters.
    """
    words = typed.casefold().split()
    if not words:
        return tuple(chapters)
    named = [
        passage
        for chapter in chapters
        for passage in chapter.passages
        if not passage.is_key and all(word in passage.head.casefold() for word in words)
    ]
    found = (
        replace(
            chapter,
            passages=tuple(
                each for each in chapter.passages if each.contains(words) and each not in named
            ),
        )
        for chapter in chapters
    )
    first = Chapter("Explained", tuple(sorted(named, key=lambda each: len(each.head))))
    return tuple(chapter for chapter in (first, *found) if chapter.passages)


def written(chapters: Sequence[Chapter], palette: Palette) -> Group:
    """The chapters one below the other; keys in a column beside what they do."""
    if not chapters:
        return Group(NOTHING_FOUND)
    accent = Style(color=palette.colour(Ink.ACCENT), bold=True)
    muted = Style(color=palette.colour(Ink.MUTED))
    rows: list[RenderableType] = []
    for chapter in chapters:
        rows.append(Rule(Text(chapter.title, style=accent), align="left", style=muted))
        keys = [passage for passage in chapter.passages if passage.is_key]
        if keys:
            rows += [_table_of(keys, accent), ""]
        for passage in chapter.passages:
            if not passage.is_key:
                rows += [_explained(passage, muted), ""]
    return Group(*rows)


def _table_of(keys: Iterable[Passage], style: Style) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(style=style, justify="right", no_wrap=True)
    table.add_column()
    for key in keys:
        table.add_row(key.head, key.text)
    return table


def _explained(passage: Passage, muted: Style) -> RenderableType:
    """The head, with a short aside on its row, and the text below it, indented."""
    is_short = len(passage.head + passage.aside) < ASIDE_COLUMNS
    between = "  " if is_short else "\n"
    head = Text.assemble((passage.head, "bold"), between, (passage.aside, muted))
    return Group(head, Padding(passage.text, (0, 0, 0, INDENT))) if passage.text else head


class HelpDialog(Dialog[None]):
    """Shows chapters; ``/`` filters them by the words typed."""

    DEFAULT_CSS = (
        frame_css("HelpDialog", width=100, padding="0 1")
        + """
    HelpDialog.-searching > * { height: 96%; }
    HelpDialog Horizontal { dock: bottom; height: 1; display: none; }
    HelpDialog.-searching Horizontal { display: block; }
    HelpDialog Label { color: $accent; }
    HelpDialog Input, HelpDialog Input:focus { border: none; height: 1; padding: 0; width: 1fr; }
    """
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "step_out", "close"),
        Binding("question_mark,q,f1,i", "dismiss", "close"),
        Binding("slash", "search", "search"),
        Binding("down", "scroll(1)", show=False, priority=True),
        Binding("up", "scroll(-1)", show=False, priority=True),
    ]

    def __init__(self, title: str, chapters: Sequence[Chapter], palette: Palette) -> None:
        super().__init__()
        self._title = title
        self._chapters = chapters
        self._palette = palette

    def compose(self) -> ComposeResult:
        with VerticalScroll() as box:
            box.border_title = self._title
            box.border_subtitle = HINT
            yield Static(written(self._chapters, self._palette), id="help-text")
            with Horizontal():
                yield Label("/ ")
                yield Input(placeholder="words to search for", compact=True)

    def on_mount(self) -> None:
        self.query_one(VerticalScroll).focus()

    def on_input_changed(self, message: Input.Changed) -> None:
        found = matching(self._chapters, message.value)
        self.query_one("#help-text", Static).update(written(found, self._palette))
        self.query_one(VerticalScroll).scroll_home(animate=False)

    def on_input_submitted(self) -> None:
        """Keep the search and scroll with all keys."""
        self.query_one(VerticalScroll).focus()

    def action_search(self) -> None:
        """Type words to search for."""
        self._set_searching(is_searching=True)
        self.query_one(Input).focus()

    def action_step_out(self) -> None:
        """Show everything again, or close."""
        if self.has_class("-searching"):
            self.query_one(Input).value = ""
            self._set_searching(is_searching=False)
            self.query_one(VerticalScroll).focus()
        else:
            self.dismiss()

    def action_scroll(self, rows: int) -> None:
        """Scroll, also while words are typed."""
        self.query_one(VerticalScroll).scroll_relative(y=rows, animate=False)

    def _set_searching(self, *, is_searching: bool) -> None:
        self.set_class(is_searching, "-searching")
        hint = HINT_WHILE_SEARCHING if is_searching else HINT
        self.query_one(VerticalScroll).border_subtitle = hint
