"""The table of keys, and everything that is made from it."""

import io
from collections import Counter
from itertools import pairwise
from pathlib import Path

from rich.console import Console
from textual.binding import Binding

from superpos_tui.app import SuperposApp
from superpos_tui.dialogs import help_table, panel_table
from superpos_tui.key_bar import ALWAYS_SHOWN, place_keys
from superpos_tui.keys import KEYS, markdown_table
from superpos_tui.panels import PANELS

README = Path(__file__).parents[2] / "README.md"


def test_no_key_means_two_things() -> None:
    names = Counter(name for key in KEYS for name in key.keys.split(","))
    assert max(names.values()) == 1


def test_digits_stay_free_for_the_views() -> None:
    assert not any(name.isdigit() for key in KEYS for name in key.keys.split(","))


def test_the_app_binds_the_table() -> None:
    bound = {b.key: b.action for b in SuperposApp.BINDINGS if isinstance(b, Binding)}
    assert {key.keys: key.action for key in KEYS}.items() <= bound.items()


def test_help_shows_every_key_and_panel() -> None:
    console = Console(width=100, record=True, file=io.StringIO())
    console.print(help_table(), panel_table())
    text = console.export_text()
    for key in KEYS:
        assert f"{key.shown}  {key.description}" in text
    for panel in PANELS.values():
        assert panel.readings[0][:60] in " ".join(text.split())


def test_readme_lists_the_keys() -> None:
    assert markdown_table() in README.read_text(encoding="utf-8")


def test_the_footer_fits_and_always_names_help_and_quit() -> None:
    for width in range(20, 200):
        for one_panel in (False, True):
            spans = place_keys(width, one_panel)
            assert {key.action for _, key in spans} >= set(ALWAYS_SHOWN)
            assert spans[-1][0].stop <= width
            for (before, _), (after, _) in pairwise(spans):
                assert before.stop < after.start


def test_the_whole_footer_fits_into_80_columns() -> None:
    shown = {key.action for _, key in place_keys(80, one_panel=False)}
    assert shown == {key.action for key in KEYS if key.in_footer and not key.only_with_one_panel}
