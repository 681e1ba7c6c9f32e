"""Texts of figures: they fit the page, cover no other text, and say what is true."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox
from tests.core.figures.drawn import words
from tests.core.snapshots import with_losses

from superpos_core.figures.registry import drawings
from superpos_core.figures.tools import style
from superpos_core.figures.tools.notes import added_note, importance_note, listed
from superpos_core.figures.tools.wrapping import MIN_LAST_LINE, text_width, wrapped
from superpos_core.record.lanes import LanesRecord
from superpos_core.task.config import ExperimentConfig

LONG_NAMES = ExperimentConfig(
    "experiment-with-a-long-name",
    features=8,
    hidden=2,
    models=("absolute",),
    sparsities=(0.9312,),
    importance=1,
    restarts=4,
    hidden_penalty=0.123,
    steps=10_000,
)
NARROW_BLOCKS = ExperimentConfig(
    "narrow",
    features=40,
    hidden=8,
    models=("untied",),
    sparsities=(0.9312, 0.9876),
    sweep="first-density",
    sweep_values=(0.125, 2.25, 4.5),
)
SENTENCES_TOGETHER = r"[a-zᵢ]\.[A-ZŴ‖●]|[.,;] ?[.,;]"
OFF_PAGE = 0.5
"""Dots that rounding may put a text beyond the edge of the page."""


def written(record: LanesRecord) -> LanesRecord:
    return replace(record, remarks=("quick: smaller than the experiment is",))


def shown_texts(figure: Figure) -> list[tuple[str, Bbox]]:
    """Every text that is drawn, with its box in dots."""
    with style.house_style():
        figure.draw_without_rendering()
    hidden = {id(text) for text in _ticks_off_the_axes(figure)}
    found = [text for text in figure.findobj(Text) if text.get_visible() and id(text) not in hidden]
    named = [(text.get_text(), text.get_window_extent()) for text in found]
    return [(text, box) for text, box in named if text.strip() and box.width > 0]


def _ticks_off_the_axes(figure: Figure) -> Iterator[Text]:
    """Labels of ticks that are not drawn, as they are beyond the ends of their axis."""
    for axes in figure.axes:
        for axis in (axes.xaxis, axes.yaxis):
            low, high = sorted(axis.get_view_interval())
            for tick in (*axis.get_major_ticks(), *axis.get_minor_ticks()):
                if not axes.axison or not low <= tick.get_loc() <= high:
                    yield from (tick.label1, tick.label2)
            if not axes.axison:
                yield axis.label


def faults(figure: Figure) -> list[str]:
    """Texts that leave the page or cover one another."""
    texts, page = shown_texts(figure), figure.bbox
    found = [
        f"{text!r} leaves the page"
        for text, box in texts
        if min(box.x0, box.y0, page.x1 - box.x1, page.y1 - box.y1) < -OFF_PAGE
    ]
    for index, (text, box) in enumerate(texts):
        for other, second in texts[index + 1 :]:
            if Bbox.intersection(_inner(box), _inner(second)) is not None:
                found.append(f"{text!r} and {other!r} overlap")
    return found


def _inner(box: Bbox) -> Bbox:
    """Lines may touch."""
    return box.shrunk(0.98, 0.98)


@pytest.mark.parametrize("config", [LONG_NAMES, NARROW_BLOCKS], ids=lambda config: config.name)
@pytest.mark.sampled(2)
def test_texts_fit_the_page_and_cover_no_other_text(config: ExperimentConfig) -> None:
    lanes = len(config.lanes_of(config.models[0]))
    record = written(with_losses(config, np.full((3, lanes), 0.1)))
    figures = {name: draw() for name, draw in drawings(record)}
    found = {name: faults(figure) for name, figure in figures.items()}
    assert {name: texts for name, texts in found.items() if texts} == {}
    for name, figure in figures.items():
        assert not re.search(SENTENCES_TOGETHER, words(figure)), name


def test_the_check_finds_texts_on_one_another_and_off_the_page() -> None:
    figure = Figure(figsize=(2, 1))
    figure.text(0.3, 0.5, "one text")
    assert faults(figure) == []
    figure.text(0.4, 0.5, "another one")
    figure.text(0.9, 0.1, "too far to the right")
    assert len(faults(figure)) == 2


def test_a_line_ends_without_a_separator_and_not_with_a_lonely_word() -> None:
    entries = " · ".join(f"{count} digons" for count in range(1, 9))
    lines = wrapped(listed(entries), 1.5, style.SMALL_SIZE)
    assert len(lines) > 2
    assert not any(line.endswith("·") or line.startswith("·") for line in lines)
    assert " · ".join(lines).replace("\xa0", " ") == entries
    assert max(text_width(line, style.SMALL_SIZE) for line in lines) <= 1.5
    text = "All features of this model are equally important, so the order says nothing at all."
    for inches in np.arange(1.2, 4.5, 0.3):
        *_, last = lines = wrapped(text, inches, style.TEXT_SIZE)
        if len(lines) > 1:
            assert text_width(last, style.TEXT_SIZE) > MIN_LAST_LINE * inches or " " in last


@pytest.mark.parametrize(
    ("changes", "note"),
    [
        ({}, " Feature 0 is the most important."),
        ({"importance": 1.0}, " All features are equally important."),
        ({"importance": 1.1}, " Feature 0 is the least important."),
        (
            {"importance": 1.0, "sweep": "last-importance", "sweep_values": (2.0,)},
            " Feature 4 is 2 times as important as the others.",
        ),
        (
            {"importance": 1.0, "sweep": "last-importance", "sweep_values": (0.1, 1.0, 10.0)},
            " Feature 4 is 0.1 … 10 times as important as the others.",
        ),
        (
            {"importance": 1.0, "sweep": "last-importance", "sweep_values": (1.0,)},
            " All features are equally important.",
        ),
        (
            {"importance": 1.0, "sweep": "first-density", "sweep_values": (2.0,)},
            " All features are equally important.",
        ),
    ],
)
def test_the_note_on_importance_knows_of_the_sweep(changes: dict[str, Any], note: str) -> None:
    config = replace(
        ExperimentConfig("test", features=5, hidden=2, sparsities=(0.5,), importance=0.9), **changes
    )
    lanes = len(config.lanes_of("tied"))
    assert importance_note(with_losses(config, np.full((1, lanes), 0.1))) == note


@pytest.mark.parametrize(
    ("models", "condition"),
    [
        (("tied", "untied", "linear"), ""),
        (("relu-hidden",), " when it alone is active, at xᵢ = 1"),
        (("absolute",), " when it alone is active, the mean of xᵢ = 1 and xᵢ = −1"),
        (("tied", "relu-hidden"), " (relu-hidden: when it alone is active, at xᵢ = 1)"),
    ],
)
def test_behind_a_hidden_relu_a_feature_adds_only_what_it_adds_alone(
    models: tuple[str, ...], condition: str
) -> None:
    assert added_note(models) == f"what input feature i adds to output j{condition}"
