"""What a panel of a large run shows, and what it is asked for: the picture comes later."""

from dataclasses import dataclass, replace

from superpos_tui.drawing.cells import Cells
from superpos_tui.looking import Focus, Options
from superpos_tui.scene import Scene


@dataclass(frozen=True)
class Drawing:
    """What comes from the drawing room, and how long it took there."""

    title: str
    cells: Cells
    seconds: float


@dataclass(frozen=True)
class Picture:
    """What a panel of a large run shows, or is asked to: ``run`` and ``focus`` say of what."""

    run: tuple[int, str, int, int]
    focus: Focus
    options: Options
    step: int

    @classmethod
    def of(cls, scene: Scene) -> "Picture":
        """What a scene looks at."""
        config = scene.config
        run = (scene.snapshot.generation, config.name, config.features, config.hidden)
        return cls(run, scene.focus, scene.options, scene.step)

    @property
    def question(self) -> tuple[object, ...]:
        """What it answers, whatever the cursor and the step: who holds a key sees all of them."""
        return self.run, replace(self.focus, step=None), replace(self.options, selection=None)
