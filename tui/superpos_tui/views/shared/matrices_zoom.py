"""Zooming into matrices with one row per feature: which part of them is shown, and the changes."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Self

from superpos_tui.drawing.palette import Palette
from superpos_tui.drawing.span import Span, zoomed_size
from superpos_tui.scene import Scene
from superpos_tui.selection import Change, Cursor, Selection, ViewState
from superpos_tui.views.panel import Cell, Zoom
from superpos_tui.views.shared.matrices_layout import MatricesLayout


@dataclass(frozen=True)
class PartState(ViewState):
    """The rows and columns of matrices that are shown; ``None`` for all of them.

    Each view has its own subclass, which knows of how many columns.
    """

    features: Span | None = None
    columns: Span | None = None

    @property
    def shows_all(self) -> bool:
        """Whether nothing is left out."""
        return self.features is None and self.columns is None

    def showing(self, cursor: Cursor) -> Self:
        """Moved no further than needed to show the cursor's feature."""
        if self.features is None:
            return self
        return replace(self, features=self.features.around(cursor.feature))


@dataclass(frozen=True)
class ShowPart:
    """The change to other rows and columns in a ``kind`` of state; ``None`` for all of them."""

    kind: type[PartState]
    features: Span | None
    columns: Span | None

    def __call__(self, selection: Selection) -> Selection:
        """Show them."""
        state = selection.options.of(self.kind)
        return selection.with_state(replace(state, features=self.features, columns=self.columns))


@dataclass(frozen=True)
class Part:
    """The rows and columns that are shown, of so many."""

    features: Span
    columns: Span
    feature_count: int
    column_count: int

    @classmethod
    def of(cls, state: PartState, counts: tuple[int, int]) -> "Part":
        """That of a state, of so many rows and columns."""
        return cls(_shown(state.features, counts[0]), _shown(state.columns, counts[1]), *counts)

    def note(self, columns: str) -> str:
        """What a title adds if only a part is shown, such as `` · features 40–79 of 200``."""
        parts = (
            ("features", self.features, self.feature_count),
            (columns, self.columns, self.column_count),
        )
        return "".join(
            f" · {name} {span.items[0]}–{span.items[-1]} of {count}"
            for name, span, count in parts
            if span.size < count
        )


def _one_of(span: Span, item: int | None) -> int:
    """The item, if it is shown, or else the middle."""
    return span.middle if item is None or item not in span.items else item


def _feature_at_cursor(scene: Scene) -> tuple[int | None, int | None]:
    cursor = scene.options.cursor
    return (None if cursor is None else cursor.feature), None


def _shown(span: Span | None, count: int) -> Span:
    return Span.whole(count) if span is None else span.within(count)


@dataclass(frozen=True)
class MatricesZoom:
    """How a panel zooms into its matrices.

    ``part`` is what is shown, ``layout`` where it lies in a panel, and ``state`` the kind of state
    that keeps it. ``selected`` are the row and the column to zoom around without a pointer, by
    default the cursor's feature; those that are not shown do not count. Keys and wheel show no
    fewer columns than ``least_columns``.
    """

    part: Callable[[Scene], Part]
    layout: Callable[[Scene, int, int, Palette], MatricesLayout | None]
    state: type[PartState]
    selected: Callable[[Scene], tuple[int | None, int | None]] = _feature_at_cursor
    least_columns: int = 0

    @property
    def zoom(self) -> Zoom:
        """The same for a panel."""
        return Zoom(self._at, self._whole, self._pan, self._onto)

    def _at(
        self, scene: Scene, width: int, height: int, at: Cell | None, steps: int, palette: Palette
    ) -> Change | None:
        """Zoom around the entry at a cell, else around what is selected, else the middle."""
        layout = self.layout(scene, width, height, palette)
        if layout is None:
            return None
        part, features, columns = self.part(scene), layout.features, layout.units
        if at is not None:
            feature = layout.nearest_features(at[1]).start
            column = layout.nearest_units(at[0]).start
        else:
            chosen = self.selected(scene)
            feature, column = _one_of(features, chosen[0]), _one_of(columns, chosen[1])
        down = zoomed_size(features.size, steps, part.feature_count, layout.most_features)
        across = zoomed_size(columns.size, steps, part.column_count, layout.most_units)
        across = max(across, min(self.least_columns, columns.size))
        return self._change(
            scene,
            features.resized(down, feature, part.feature_count),
            columns.resized(across, column, part.column_count),
        )

    def _onto(
        self, scene: Scene, width: int, height: int, start: Cell, end: Cell, palette: Palette
    ) -> Change | None:
        """Show the entries between two cells."""
        layout = self.layout(scene, width, height, palette)
        if layout is None:
            return None
        part = self.part(scene)
        rows = [layout.nearest_features(y) for _, y in (start, end)]
        columns = [layout.nearest_units(x) for x, _ in (start, end)]
        return self._change(
            scene,
            Span.spanning(rows[0], rows[1], part.feature_count),
            Span.spanning(columns[0], columns[1], part.column_count),
        )

    def _pan(self, scene: Scene, right: int, down: int) -> Change | None:
        part = self.part(scene)
        features = part.features.moved(down, part.feature_count)
        return self._change(scene, features, part.columns.moved(right, part.column_count))

    def _whole(self, scene: Scene) -> Change | None:
        shows_all = scene.options.of(self.state).shows_all
        return None if shows_all else ShowPart(self.state, None, None)

    def _change(self, scene: Scene, features: Span, columns: Span) -> Change | None:
        """The change to these rows and columns; ``None`` if they are shown already."""
        part = self.part(scene)
        if (features, columns) == (part.features, part.columns):
            return None
        return ShowPart(
            self.state,
            None if features.size >= part.feature_count else features,
            None if columns.size >= part.column_count else columns,
        )
