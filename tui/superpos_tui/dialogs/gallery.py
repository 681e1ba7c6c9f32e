"""The gallery: the paper's experiments, what each should show, and how long it takes."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from superpos_core.experiments import EXPERIMENTS, Experiment
from superpos_core.experiments.expected_time import expected_seconds, lane_count
from superpos_core.machine.cores import usable_cores
from superpos_tui.dialogs.frame import frame_css
from superpos_tui.drawing.numbers import grouped, rough_duration
from superpos_tui.process.sturdy import Choices, Dialog
from superpos_tui.views.registry import view_of_experiment


class GalleryDialog(Dialog[str | None]):
    """Returns the name of the experiment to start, or ``None``."""

    DEFAULT_CSS = (
        frame_css("GalleryDialog", width=110, max_width="98%", height="30", padding="0 1")
        + """
    GalleryDialog OptionList, GalleryDialog OptionList:focus {
        width: 26; height: 1fr; border: none; background: $surface; padding: 0;
    }
    GalleryDialog VerticalScroll { width: 1fr; height: 1fr; padding: 0 1; }
    """
    )
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,x,q", "dismiss(None)")]

    def __init__(self, current: str) -> None:
        super().__init__()
        self._current_experiment = current

    def compose(self) -> ComposeResult:
        with Vertical() as box:
            box.border_title = "experiments"
            box.border_subtitle = "↑↓ move · enter starts · esc closes"
            with Horizontal():
                yield Choices(*(Option(name, id=name) for name in EXPERIMENTS), markup=False)
                with VerticalScroll(can_focus=False):
                    yield Static(id="about")

    def on_mount(self) -> None:
        choices = self.query_one(Choices)
        choices.focus()
        names = list(EXPERIMENTS)
        choices.highlighted = (
            names.index(self._current_experiment) if self._current_experiment in names else 0
        )

    def on_option_list_option_highlighted(self, message: OptionList.OptionHighlighted) -> None:
        experiment = EXPERIMENTS[str(message.option_id)]
        self.query_one("#about", Static).update(about(experiment))

    def on_option_list_option_selected(self, message: OptionList.OptionSelected) -> None:
        self.dismiss(str(message.option_id))


def about(experiment: Experiment) -> Content:
    """Title, section, size and expected time, what to look for, and the checks."""
    lines: list[Content] = [
        Content.styled(experiment.title, "bold"),
        Content.styled(experiment.section, "$text-muted"),
        Content.styled(size_of(experiment), "$text-muted"),
        Content(""),
        Content(experiment.what_to_see),
    ]
    if experiment.checks:
        lines += [Content(""), Content.styled("checks and expected results:", "$text-muted")]
        lines += [Content(f"· {check.name}: {check.expected}") for check in experiment.checks]
    return Content("\n").join(lines)


def size_of(experiment: Experiment) -> str:
    """Such as ``20→5 · 10 lanes · 10,000 steps · about 2 s · view live``."""
    config, lanes = experiment.config, lane_count(experiment.config)
    seconds = expected_seconds(config, usable_cores())
    view = view_of_experiment(experiment).name
    return (
        f"{config.features}→{config.hidden} · {grouped(lanes)} lane{'s' * (lanes > 1)} · "
        f"{grouped(config.steps)} steps · {rough_duration(seconds)} · view {view}"
    )
