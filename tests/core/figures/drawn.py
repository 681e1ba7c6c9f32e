"""Figures as tests see them: drawn by name, with their matrices, words and boxes."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from superpos_core.arrays import FloatArray
from superpos_core.figures.registry import drawings
from superpos_core.record.lanes import LanesRecord


def drawn(record: LanesRecord, name: str) -> Figure:
    return dict(drawings(record))[name]()


def images(figure: Figure) -> list[FloatArray]:
    """The matrices that a figure shows, without its colour scale."""
    shown = [image.get_array() for axes in figure.axes for image in axes.get_images()]
    return [array for array in shown if array is not None][:-1]


def texts(figure: Figure) -> list[str]:
    """The texts on the page, each on one line."""
    return [" ".join(text.get_text().split()) for text in figure.texts]


def words(figure: Figure) -> str:
    """All texts on the page, on one line."""
    return " ".join(texts(figure))


def box(axes: Axes) -> tuple[float, float, float, float]:
    """Left, bottom, width and height in inches."""
    figure = axes.get_figure(root=True)
    assert figure is not None
    width, height = figure.get_size_inches()
    position = axes.get_position()
    return (
        position.x0 * width,
        position.y0 * height,
        position.width * width,
        position.height * height,
    )
