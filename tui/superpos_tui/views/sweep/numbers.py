"""The three numbers of each box of the sweep panel."""

from superpos_tui.drawing.numbers import fixed
from superpos_tui.drawing.text_lines import longest_within
from superpos_tui.measures.geometry import dimensions_per_feature, represented
from superpos_tui.measures.loss import loss_over_linear
from superpos_tui.scene import Scene

SHORTER = {"represented": "kept"}


def numbers_of(scene: Scene) -> list[tuple[str, str]]:
    """Each number, after its name."""
    features = scene.config.features
    return [
        ("represented", f"{scene.of(represented):>{len(str(features))}} of {features}"),
        ("D*", fixed(scene.of(dimensions_per_feature), 5, 2)),
        ("L/L_linear", fixed(scene.of(loss_over_linear), 5, 3)),
    ]


def name_within(room: int, name: str) -> str:
    """The name of a number, or a shorter one, in so many columns; empty if neither fits."""
    return longest_within(room, name, SHORTER.get(name, ""), "")


def numbers_width(scene: Scene) -> int:
    """The width of the longest number with its name; the first one may lack its name."""
    (_, represented), *others = numbers_of(scene)
    return max(len(f" {name} {value} ") for name, value in [("", represented), *others])
