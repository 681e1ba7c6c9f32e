"""The list of runs as a table: columns, order, filter, and what fits."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.tui.runs.runs import NOW, run, table

from superpos_core.files.runs.listing import Listing
from superpos_tui.runs.columns import natural, setting_text
from superpos_tui.runs.placing import GAP, MIN_NAME, placing_of
from superpos_tui.runs.table import Sorting, Table, TableMaker, arranged, matching

SOME = table(
    run("sweep-10", features=5, losses=(3e-4, 3e-4), checks=(4, 4), shapes=("pentagon",)),
    run("sweep-9", features=20, losses=None, stated="training", alive=NOW, step=4_500),
    run("sweep-2", features=5, losses=(2e-5, 1.0), checks=(3, 4), shapes=("digon", "dedicated")),
    run("other", features=8, losses=(1e-5, 2e-5), stated="failed", reason="the disk is full"),
)


def names(shown: Table, sorting: Sorting) -> list[str]:
    return [row.run.name for row in arranged(shown, shown.rows, sorting)]


def test_only_settings_that_differ_are_columns() -> None:
    titles = [column.title for column in SOME.columns]
    assert titles == ["name", "state", "done", "min loss", "checks", "n", "shapes"]
    assert SOME.rows[0].texts == (
        "sweep-10", "finished", "100%", "3.0e−04", "4 of 4", "5", "pentagon",
    )  # fmt: skip
    assert SOME.rows[1].texts == ("sweep-9", "training", " 45%", "–", "–", "20", "–")
    assert SOME.widths == (8, 8, 4, 8, 6, 2, 16)


def test_numbers_stand_at_the_right_and_texts_at_the_left() -> None:
    mixed = table(run("a", seed=1, sweep="none"), run("b", seed=20, sweep="first-density"))
    sides = {column.name: column.at_right for column in mixed.settings}
    assert sides == {"seed": True, "sweep": False}


def test_the_experiment_is_no_column_if_runs_are_named_after_it() -> None:
    named = table(run("twenty"), replace(run("intro", name="intro"), experiment="intro"))
    assert named.settings == ()
    other = table(run("mine"), replace(run("intro", name="intro"), experiment="intro"))
    assert [column.name for column in other.settings] == ["experiment"]


def test_names_are_sorted_by_their_numbers() -> None:
    assert names(SOME, Sorting()) == ["other", "sweep-2", "sweep-9", "sweep-10"]
    assert names(SOME, Sorting("name", is_reversed=True))[0] == "sweep-10"


@pytest.mark.parametrize(
    ("column", "order"),
    [
        ("state", ["sweep-9", "other", "sweep-2", "sweep-10"]),
        ("done", ["sweep-9", "other", "sweep-2", "sweep-10"]),
        ("loss", ["other", "sweep-2", "sweep-10", "sweep-9"]),
        ("checks", ["sweep-2", "sweep-10", "other", "sweep-9"]),
        ("features", ["sweep-2", "sweep-10", "other", "sweep-9"]),
        ("shapes", ["sweep-2", "sweep-10", "other", "sweep-9"]),
        ("a column that is gone", ["other", "sweep-2", "sweep-9", "sweep-10"]),
    ],
)
def test_rows_are_sorted_by_a_column_and_equal_ones_by_name(column: str, order: list[str]) -> None:
    assert names(SOME, Sorting(column)) == order


def test_what_is_unknown_comes_last_in_both_directions() -> None:
    assert names(SOME, Sorting("loss", is_reversed=True)) == [
        "sweep-10", "sweep-2", "other", "sweep-9",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("", ["sweep-10", "sweep-9", "sweep-2", "other"]),
        ("sweep", ["sweep-10", "sweep-9", "sweep-2"]),
        ("SWEEP -2", ["sweep-2"]),
        ("training", ["sweep-9"]),
        ("features=5", ["sweep-10", "sweep-2"]),
        ("digon", ["sweep-2"]),
        ("twenty", ["sweep-10", "sweep-9", "sweep-2", "other"]),
        ("nothing like it", []),
    ],
)
def test_a_filter_matches_name_state_settings_and_shapes(typed: str, found: list[str]) -> None:
    assert [row.run.name for row in matching(SOME.rows, typed)] == found


@given(st.text(max_size=10))
def test_more_words_match_fewer_rows(typed: str) -> None:
    some = matching(SOME.rows, typed)
    assert set(map(id, matching(SOME.rows, f"{typed} sweep"))) <= set(map(id, some))


@given(st.lists(st.text(alphabet="a1-9", min_size=1, max_size=6), unique=True))
def test_any_names_have_an_order(listed: list[str]) -> None:
    assert sorted(listed, key=natural) == sorted(sorted(listed, reverse=True), key=natural)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "–"),
        (20, "20"),
        (0.001, "0.001"),
        ("adamw", "adamw"),
        ([0.5, 0.9], "0.5 0.9"),
        ([0, 0.7, 0.9, 0.99, 0.999], "0…0.999 (5)"),
        ([], "none"),
        ("two\nlines\x1b[31m", "two\\nlines\\x1b[31m"),
        ("日本", "??"),
    ],
)
def test_settings_are_short(value: object, text: str) -> None:
    assert setting_text(value) == text


def test_a_setting_of_mixed_kinds_can_be_sorted() -> None:
    values = [0.9, [0.5, 0.9], "auto", None, 10**400, float("nan"), True, {"a": 1}]
    mixed = table(*(run(f"run-{k}", importance=value) for k, value in enumerate(values)))
    assert len(names(mixed, Sorting("importance"))) == len(values)
    assert names(mixed, Sorting("importance"))[0] == "run-0"


def test_rows_of_runs_that_have_not_changed_are_kept() -> None:
    maker = TableMaker()
    still, running = run("still"), run("running", stated="training", alive=NOW)
    before = maker.table_of(Listing((still, running)), NOW)
    after = maker.table_of(Listing((still, running)), NOW + 60)
    assert after.rows[0] is before.rows[0]
    assert [row.state for row in before.rows] == ["finished", "training"]
    assert [row.state for row in after.rows] == ["finished", "silent"]
    assert maker.table_of(Listing((still, running)), NOW + 60).rows[1] is after.rows[1]
    with_one_more = maker.table_of(Listing((run("one more"), still, running)), NOW)
    assert with_one_more.rows[1] is before.rows[0]
    with_seeds = maker.table_of(Listing((still, run("seed", seed=3))), NOW)
    assert with_seeds.rows[0].texts != before.rows[0].texts


def test_a_table_that_would_be_equal_is_the_same() -> None:
    maker = TableMaker()
    listing = Listing((run("still"), run("running", stated="training", alive=NOW)))
    before = maker.table_of(listing, NOW)
    assert maker.table_of(listing, NOW + 1) is before
    after = maker.table_of(listing, NOW + 60)
    assert [row.state for row in after.rows] == ["finished", "silent"]
    assert maker.table_of(listing, NOW + 90) is after


# ── what fits ─────────────────────────────────────────────────────────────────────────────────────

MANY: dict[str, Any] = {
    "features": 7, "hidden": 3, "sparsities": [0.1, 0.2], "importance": 0.5, "steps": 7,
    "learning_rate": 0.25, "batch": 77, "seed": 3, "restarts": 4, "optimiser": "sgd",
}  # fmt: skip
WIDE = table(run("a-rather-long-name-of-a-run"), run("b", shapes=("digon", "pentagon"), **MANY))


@given(st.integers(1, 260), st.sampled_from([column.name for column in WIDE.columns]))
def test_columns_never_overlap_nor_leave_the_width(width: int, sorted_by: str) -> None:
    placing = placing_of(WIDE, width, sorted_by)
    for left, right in zip(placing.columns, placing.columns[1:], strict=False):
        assert left.x + left.width + GAP == right.x
    last = placing.columns[-1]
    assert last.x + last.width <= width
    settings = [placed.column.name for placed in placing.columns if placed.column.setting]
    assert placing.settings_hidden == len(MANY) - len(settings)
    if width >= 80 and WIDE.column_named(sorted_by).setting:
        assert sorted_by in settings


def test_with_enough_room_everything_is_shown() -> None:
    placing = placing_of(WIDE, 260, "name")
    assert placing.settings_hidden == 0
    assert len(placing.columns) == len(WIDE.columns)
    assert [placed.width for placed in placing.columns] == list(WIDE.widths)


def test_a_narrow_list_is_one_of_names_and_states() -> None:
    shown = [placed.column.name for placed in placing_of(WIDE, 38, "name").columns]
    assert shown[:2] == ["name", "state"]
    assert placing_of(WIDE, 38, "name").columns[0].width >= MIN_NAME
