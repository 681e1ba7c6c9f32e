"""What a panel of a large run shows, and what it has ordered: the picture arrives later."""

from dataclasses import dataclass, replace

from superpos_tui.drawing.cells import Cells
from superpos_tui.scene import Scene
from superpos_tui.selection import Focus, Options


@dataclass(frozen=True)
class Drawing:
    """A picture from the drawing room, and how long it took."""

    title: str
    cells: Cells
    seconds: float


@dataclass(frozen=True)
class Picture:
    """What a picture of a large run shows: the run, the focus, the options and the step."""

    run: tuple[int, str, int, int]
    focus: Focus
    options: Options
    step: int

    @classmethod
    def of(cls, scene: Scene) -> "Picture":
        """What a picture of this scene shows."""
        config = scene.config
        run = (scene.snapshot.generation, config.name, config.features, config.hidden)
        return cls(run, scene.focus, scene.options, scene.step)

    @property
    def question(self) -> tuple[object, ...]:
        """What identifies an order: not the cursor or the step, so held keys show every picture."""
        return self.run, replace(self.focus, step=None), replace(self.options, cursor=None)


def subject_of(scene: Scene) -> tuple[object, ...]:
    """What a picture is of, apart from its moment: of another subject all may look different."""
    focus, options = replace(scene.focus, step=None), replace(scene.options, cursor=None)
    return scene.snapshot.generation, focus, options
