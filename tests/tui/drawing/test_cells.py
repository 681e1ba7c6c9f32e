"""What a view sends of a picture: nothing that looks as before, in as few runs as possible."""

from typing import get_args

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from superpos_core.arrays import FloatArray
from superpos_tui.drawing.cells import Cells
from superpos_tui.drawing.palette import INKS, Ink, Palette, diverging_inks, steadied_inks
from superpos_tui.drawing.shades import DIVERGING_LEVELS, Depth

LIMIT = 1.3
sizes = st.tuples(st.integers(0, 4), st.integers(0, 12))


@st.composite
def pictures(draw: st.DrawFn) -> Cells:
    shape = draw(sizes)
    inks = arrays(np.uint16, shape, elements=st.integers(0, INKS - 1))
    glyphs = arrays("<U1", shape, elements=st.sampled_from(" a▀▇"))
    return Cells(draw(glyphs), draw(inks), draw(inks))


def look(cells: Cells, palette: Palette) -> list[tuple[str, str | None, bool, str | None]]:
    """What is seen of every cell."""
    seen = []
    for glyph, ink, ground in zip(
        cells.glyphs.ravel().tolist(),
        cells.inks.ravel().tolist(),
        cells.grounds.ravel().tolist(),
        strict=True,
    ):
        is_drawn = glyph != " "
        colour = palette.colour(ink) if is_drawn else None
        seen.append((glyph, colour, is_drawn and ink == Ink.ACCENT, palette.colour(ground)))
    return seen


@given(pictures(), st.sampled_from(get_args(Depth)), st.booleans())
def test_fewer_inks_and_longer_runs_look_the_same(cells: Cells, depth: Depth, dark: bool) -> None:
    palette = Palette(depth, dark)
    seen = cells.as_seen(palette)
    assert look(seen, palette) == look(cells, palette)
    for y in range(cells.height):
        assert len(seen.runs(y)) <= len(cells.runs(y))


def test_words_of_one_colour_are_one_run_and_lone_grounds_stay_apart() -> None:
    cells = Cells.blank(9, 1)
    cells.write(0, 0, "one", Ink.MUTED)
    cells.write(4, 0, "two", Ink.MUTED)
    cells.grounds[0, 7:] = Ink.POSITIVE
    runs = cells.as_seen(Palette()).runs(0)
    assert [text for text, _, _ in runs] == ["one two", "  "]


def picture_of(values: FloatArray) -> Cells:
    inks = diverging_inks(values, LIMIT)
    return Cells(np.full(values.shape, "▀"), inks, inks)


@given(
    arrays(np.float64, (3, 8), elements=st.floats(-2, 2)),
    arrays(np.float64, (3, 8), elements=st.floats(-2, 2)),
)
def test_a_steadied_picture_is_at_most_one_level_off_and_zero_is_exact(
    before: FloatArray, now: FloatArray
) -> None:
    exact = picture_of(now)
    steadied = exact.steadied(picture_of(before))
    off = np.abs(steadied.inks.astype(int) - exact.inks)
    assert off.max() <= 1
    assert not off[(exact.inks == Ink.ZERO) | (steadied.inks == Ink.ZERO)].any()
    signs = exact.inks >= Ink.NEGATIVE
    assert np.array_equal(steadied.inks >= Ink.NEGATIVE, signs)


def test_noise_of_less_than_a_level_sends_nothing() -> None:
    random = np.random.default_rng(0)
    level = LIMIT / DIVERGING_LEVELS
    values = random.uniform(0.1, 1.2, (10, 20)) * random.choice([-1, 1], (10, 20))
    first = picture_of(values)
    drawn = picture_of(values + random.uniform(-0.9, 0.9, values.shape) * level)
    assert len(list(drawn.changes_since(first))) == 10
    assert list(drawn.steadied(first).changes_since(first)) == []


def test_inks_that_are_no_levels_are_never_steadied() -> None:
    """They have neighbouring numbers, but other meanings: good, warning, bad."""
    meanings = [ink for ink in Ink if ink < Ink.ZERO]
    shape = (len(meanings), len(meanings))
    now = np.broadcast_to(np.array(meanings, dtype=np.uint16), shape)
    assert np.array_equal(steadied_inks(now, now.T), now)


def test_only_the_part_of_a_row_up_to_its_last_change_is_sent() -> None:
    before, now = (Cells.blank(30, 3) for _ in range(2))
    now.write(4, 1, "new")
    assert list(now.changes_since(before)) == [(1, 7)]
