"""The list of runs as cells, and in print."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.tui.runs.runs import NOW, run, table

from superpos_tui.drawing.palette import Ink
from superpos_tui.runs.picture import Shown, draw, draw_details, top_for
from superpos_tui.runs.printed import json_of, text_of
from superpos_tui.runs.table import BY_NAME, Sorting, Table, arranged
from superpos_tui.runs.view import ListView
from superpos_tui.runs.widgets import draw_filter, draw_header, why_empty

RUNS = (
    run("a", seed=1, checks=(3, 4), losses=(1e-4, 2e-2), shapes=("digon",), alive=NOW - 7300),
    run("b", seed=2, stated="training", step=4_500, losses=(2e-4, 2e-4)),
    run("c", seed=3, stated="failed", step=10, losses=None, reason="the disk is full"),
)


def shown(some: Table, **what: object) -> Shown:
    return replace(Shown(some, arranged(some, some.rows, BY_NAME)), **what)  # type: ignore[arg-type]


def test_each_row_is_a_run_and_the_cursor_is_marked() -> None:
    cells = draw(shown(table(*RUNS), cursor=1, pinned=Path("/out/c")), 80, 6)
    assert [cells.row_text(y).rstrip() for y in range(6)] == [
        "   name↑ state     done  min loss  checks  seed  shapes",
        "   a     finished  100%   1.0e−04  3 of 4     1  digon",
        "▸  b     training   45%   2.0e−04       –     2  –",
        " • c     failed      0%         –       –     3  –",
        "",
        "",
    ]
    assert cells.inks[2, 3] == Ink.ACCENT
    assert (cells.inks[1, 9], cells.inks[3, 9]) == (Ink.GOOD, Ink.BAD)
    assert cells.inks[1, cells.row_text(1).index("3 of 4")] == Ink.BAD


def test_the_sorted_column_is_marked_without_moving_anything() -> None:
    plain = draw(shown(table(*RUNS)), 80, 2)
    sorted_by_loss = draw(shown(table(*RUNS), sorting=Sorting("loss", is_reversed=True)), 80, 2)
    assert sorted_by_loss.row_text(0).replace("↓", " ") == plain.row_text(0).replace("↑", " ")
    assert sorted_by_loss.row_text(0).index("↓min loss") < 40


def test_of_the_run_under_the_cursor_all_is_said() -> None:
    def details(cursor: int) -> list[str]:
        cells = draw_details(shown(table(*RUNS), cursor=cursor), NOW, 80, 4)
        return [cells.row_text(y).rstrip() for y in range(4)]

    assert details(0) == [
        "✓ finished  step 10,000 of 10,000  ended 2 h ago",
        "loss 1.0e−04 … 2.0e−02  checks passed 3 of 4  shapes digon",
        "seed 1",
        "/out/a",
    ]
    assert details(1)[:2] == ["● training  step 4,500 of 10,000", "loss 2.0e−04"]
    assert details(2)[0] == "✗ failed  step 10 of 10,000  the disk is full"


def test_without_differing_settings_the_experiment_is_named() -> None:
    cells = draw_details(shown(table(run("a"))), NOW, 80, 4)
    assert cells.row_text(2).rstrip() == "experiment twenty"


@given(st.integers(0, 300), st.integers(0, 100))
def test_pictures_of_any_size_are_drawn(width: int, height: int) -> None:
    some = shown(table(*RUNS), cursor=2)
    for cells in (draw(some, width, height), draw_details(some, NOW, width, height)):
        assert (cells.width, cells.height) == (width, height)


@given(st.data())
def test_scrolling_moves_no_more_than_needed(data: st.DataObject) -> None:
    count = data.draw(st.integers(1, 50))
    visible = data.draw(st.integers(1, 60))
    before = data.draw(st.integers(0, 60))
    cursor = data.draw(st.integers(0, count - 1))
    top = top_for(cursor, before, count, visible)
    assert top <= cursor < top + visible
    assert 0 <= top <= max(count - visible, 0)
    if before <= cursor < before + visible and before <= count - visible:
        assert top == before


# ── the view ──────────────────────────────────────────────────────────────────────────────────────


def current(view: ListView) -> str | None:
    return None if view.shown.row is None else view.shown.row.run.name


def test_the_cursor_stays_at_its_run() -> None:
    view = ListView()
    view.take(table(*RUNS))
    view.move(1)
    view.take(table(run("_first", seed=9), *RUNS))
    assert (view.shown.cursor, current(view)) == (2, "b")
    view.sort("loss")
    assert current(view) == "_first"  # who sorts wants to see the first ones
    view.move(2)
    assert current(view) == "b"
    view.select_matching("finished")
    assert [row.run.name for row in view.shown.rows] == ["_first", "a"]
    view.take(table())
    assert current(view) is None
    view.move(5)
    assert view.shown.cursor == 0


def test_columns_do_not_become_narrower() -> None:
    view = ListView()
    view.take(table(run("a-long-name", seed=1), run("b", seed=2)))
    widths = view.shown.table.widths
    view.take(table(run("b", seed=2), run("c", seed=3)))
    assert view.shown.table.widths == widths


def test_sorting_goes_through_the_columns_and_back() -> None:
    view = ListView()
    view.take(table(*RUNS))
    view.sort_by_next(1)
    assert view.shown.sorting == Sorting("state")
    view.sort_by_next(-1)
    view.sort_by_next(-1)
    assert view.shown.sorting == Sorting("shapes")
    view.sort("shapes")
    assert view.shown.sorting == Sorting("shapes", is_reversed=True)


def test_keys_of_a_filter() -> None:
    view = ListView()
    view.take(table(*RUNS))
    view.is_typing = True
    for key in "finished":
        assert view.type(key, key)
    assert (view.filter, len(view.shown.rows)) == ("finished", 1)
    assert view.type("backspace", "\x08")
    assert view.type("space", " ")
    assert view.type("x", "x")
    assert (view.filter, len(view.shown.rows)) == ("finishe x", 0)
    assert view.type("ctrl+w", "\x17")
    assert (view.filter, len(view.shown.rows)) == ("finishe ", 1)
    assert not view.type("down", None)
    assert view.type("enter", "\r")
    assert (view.is_typing, view.filter) == (False, "finishe ")
    view.is_typing = True
    assert view.type("escape", "\x1b")
    assert (view.is_typing, view.filter, len(view.shown.rows)) == (False, "", 3)


def test_the_lines_around_the_table() -> None:
    view = ListView()
    assert why_empty(view) == "reading the folders"
    view.take(table())
    assert why_empty(view) == "no runs yet: they appear here when they start"
    view.take(table(*RUNS))
    header = draw_header(view, ["/out"], 80).row_text(0)
    assert header.split("  ")[:2] == [" superpos-tui", "runs in /out"]
    assert header.rstrip().endswith("1 training  1 failed  1 finished")
    assert draw_header(view, ["/out", "/in"], 40).row_text(0).strip().endswith("2 paths")
    view.select_matching("xyz")
    assert why_empty(view) == "no run matches xyz: esc shows all"
    assert draw_filter(view, 80).row_text(0).startswith(" / xyz ")
    view.is_typing = True
    assert draw_filter(view, 80).row_text(0).startswith(" / xyz▌")


# ── in print ──────────────────────────────────────────────────────────────────────────────────────


def test_the_printed_table_is_aligned() -> None:
    assert text_of(table(*RUNS, unreadable=2)).splitlines() == [
        "name  state     done  min loss  checks  seed  shapes",
        "a     finished  100%   1.0e−04  3 of 4     1  digon",
        "b     training   45%   2.0e−04       –     2  –",
        "c     failed      0%         –       –     3  –",
        "folders left out: 2 not readable",
    ]


@pytest.mark.parametrize("width", [40, 80, 120])
def test_the_printed_table_fits(width: int) -> None:
    many = table(run("x" * 70, seed=1), run("y", seed=2, features=7, batch=77, restarts=4))
    *lines, last = text_of(many, width).splitlines()
    assert max(map(len, lines)) <= width
    assert width > 40 or last.startswith("3 more settings differ")


def test_the_json_of_a_list() -> None:
    data = json.loads(json_of(table(*RUNS, without_run=1)))
    assert set(data) == {"runs", "without_run", "unreadable", "newer"}
    assert (data["without_run"], data["unreadable"], data["newer"]) == (1, 0, 0)
    assert data["runs"][0] == {
        "path": "/out/a", "name": "a", "experiment": "twenty", "state": "finished",
        "reason": None, "step": 10_000, "steps": 10_000, "share_done": 1.0, "alive": NOW - 7300,
        "loss_low": 1e-4, "loss_high": 2e-2, "checks_passed": 3, "checks_applicable": 4,
        "shapes": ["digon"], "settings": {"seed": 1},
    }  # fmt: skip
    assert data["runs"][2]["loss_low"] is None
    assert data["runs"][2]["reason"] == "the disk is full"
