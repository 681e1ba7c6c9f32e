"""The three numbers of each box of the sweep panel."""

from collections.abc import Callable
from dataclasses import dataclass

from superpos_tui.drawing.numbers import fixed
from superpos_tui.drawing.text_lines import longest_within
from superpos_tui.measures.geometry import dimensions_per_feature, represented
from superpos_tui.measures.loss import loss_over_linear
from superpos_tui.scene import Scene


@dataclass(frozen=True)
class BoxNumber:
    """One number of a setting: ``words`` say what it is.

    ``share`` is how much of a bar it fills, and ``written`` the number itself.
    """

    name: str
    words: str
    share: Callable[[Scene], float]
    written: Callable[[Scene], str]


def _represented(scene: Scene) -> str:
    features = scene.config.features
    return f"{scene.of(represented):>{len(str(features))}} of {features}"


NUMBERS = (
    BoxNumber(
        "represented",
        "features represented",
        lambda scene: scene.of(represented) / scene.config.features,
        _represented,
    ),
    BoxNumber(
        "D*",
        "D*: dimensions per feature",
        lambda scene: scene.of(dimensions_per_feature),
        lambda scene: fixed(scene.of(dimensions_per_feature), 5, 2),
    ),
    BoxNumber(
        "L/L_linear",
        "L/L_linear: 1 is as good as the best linear model",
        lambda scene: scene.of(loss_over_linear),
        lambda scene: fixed(scene.of(loss_over_linear), 5, 3),
    ),
)
SHORTER = {"represented": "kept"}


def numbers_of(scene: Scene) -> list[tuple[str, str]]:
    """Each number, after its name."""
    return [(each.name, each.written(scene)) for each in NUMBERS]


def name_within(room: int, name: str) -> str:
    """The name of a number, or a shorter one, in so many columns; empty if neither fits."""
    return longest_within(room, name, SHORTER.get(name, ""), "")


def numbers_width(scene: Scene) -> int:
    """The width of the longest number with its name; the first one may lack its name."""
    (_, represented), *others = numbers_of(scene)
    return max(len(f" {name} {value} ") for name, value in [("", represented), *others])
