"""Which part of the product is shown, in every view that draws it as a square."""

from dataclasses import dataclass

from superpos_core.experiments import Trial
from superpos_core.task.config import ExperimentConfig
from superpos_tui.drawing.matrix_layout import MatrixLayout
from superpos_tui.drawing.window import Window
from superpos_tui.scene import Scene
from superpos_tui.selection import Change, Cursor, Selection, ViewState


@dataclass(frozen=True)
class MatrixZoom(ViewState):
    """The window on the product; ``None`` shows all of it."""

    window: Window | None = None

    def in_experiment(self, trial: Trial) -> "MatrixZoom":
        """Everything is shown."""
        return MatrixZoom()

    def fitting(self, config: ExperimentConfig) -> "MatrixZoom":
        """As much of the same window as there are features."""
        if self.window is None or self.window.side >= config.features:
            return MatrixZoom()
        return MatrixZoom(self.window.within(config.features))

    def showing(self, cursor: Cursor) -> "MatrixZoom":
        """Moved no further than needed to show the cursor's entry, along the diagonal if it can."""
        if self.window is None:
            return self
        entry, window = (cursor.feature, cursor.other), self.window
        if window.row == window.column:
            window = window.on_diagonal(*entry)
        return MatrixZoom(window.around(*entry))


def window_of(scene: Scene, features: int | None = None) -> Window:
    """The window on the product of a model with as many features as the scene's, or others."""
    features = features or scene.config.features
    window = scene.options.of(MatrixZoom).window
    return Window.whole(features) if window is None else window.within(features)


def window_note(scene: Scene) -> str:
    """What a title adds if only a part is shown, such as `` · features 40–79 of 200``."""
    window, features = scene.options.of(MatrixZoom).window, scene.config.features
    if window is None:
        return ""
    rows, columns = (f"{each[0]}–{each[-1]}" for each in (window.rows, window.columns))
    if rows == columns:
        return f" · features {rows} of {features}"
    return f" · rows {rows}, columns {columns} of {features}"


def merged_note(block: int) -> str:
    """What a reading begins with: ``each cell: the largest of 4×4`` if entries are merged."""
    return f"each cell: the largest of {block}×{block}" if block > 1 else ""


# ── changes ───────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class ShowWindow:
    """The change to another window; ``None`` shows everything."""

    window: Window | None

    def __call__(self, selection: Selection) -> Selection:
        """Show it."""
        return selection.with_state(MatrixZoom(self.window))


def zoom_around(
    scene: Scene, layout: MatrixLayout | None, at: tuple[int, int] | None, steps: int
) -> Change | None:
    """Zoom around the entry at a cell of the layout, else around the cursor, else the middle.

    Around the cursor, a window on the diagonal stays there if both features have room.
    """
    if layout is None:
        return None
    window, features, unmerged = layout.window, scene.config.features, layout.most_unmerged
    if at is not None:
        rows, columns = layout.nearest_entries(*at)
        return _change(scene, window.zoomed(steps, (rows.start, columns.start), features, unmerged))
    cursor = scene.options.cursor
    if cursor is None or not window.has(cursor.feature, cursor.other):
        return _change(scene, window.zoomed(steps, window.middle, features, unmerged))
    entry = cursor.feature, cursor.other
    zoomed = window.zoomed(steps, entry, features, unmerged)
    return _change(scene, zoomed.on_diagonal(*entry) if window.row == window.column else zoomed)


def zoom_onto(
    scene: Scene, layout: MatrixLayout | None, start: tuple[int, int], end: tuple[int, int]
) -> Change | None:
    """Show the entries between two cells of the layout."""
    if layout is None:
        return None
    blocks = layout.nearest_entries(*start), layout.nearest_entries(*end)
    return _change(scene, Window.spanning(*blocks, scene.config.features))


def pan(scene: Scene, right: int, down: int) -> Change | None:
    """Move the window, if not everything is shown."""
    window = scene.options.of(MatrixZoom).window
    if window is None:
        return None
    return ShowWindow(window.moved(right, down, scene.config.features))


def show_whole(scene: Scene) -> Change | None:
    """Show everything again."""
    return None if scene.options.of(MatrixZoom).window is None else ShowWindow(None)


def _change(scene: Scene, window: Window) -> Change | None:
    if window == window_of(scene):
        return None
    return ShowWindow(None if window.side >= scene.config.features else window)
