"""The gallery: the paper's experiments, what each should show, and how long it takes."""

from collections.abc import Collection
from typing import ClassVar

from rich.table import Table
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from superpos_core.experiments import EXPERIMENTS, Experiment
from superpos_core.experiments.expected_time import expected_seconds, lane_count
from superpos_core.machine.cores import usable_cores
from superpos_core.task.setting_names import hidden_text
from superpos_tui.dialogs.frame import MUTED, frame_css
from superpos_tui.dialogs.thumbnails import HEIGHT, WIDTH, thumbnail
from superpos_tui.drawing.cell_view import CellView
from superpos_tui.drawing.numbers import grouped, rough_duration
from superpos_tui.drawing.palette import Palette
from superpos_tui.process.sturdy import Choices, Dialog
from superpos_tui.views.registry import view_of_experiment

FIRST_SECTION = "Introduction"


def by_section() -> dict[str, list[str]]:
    """The names of the experiments under their sections, in the paper's order."""
    sections: dict[str, list[str]] = {FIRST_SECTION: []}
    for name, experiment in EXPERIMENTS.items():
        sections.setdefault(experiment.section, []).append(name)
    return {section: names for section, names in sections.items() if names}


def found(typed: str) -> list[str]:
    """The names of the experiments whose texts contain all typed words.

    First those whose names begin with what is typed, then those whose names contain it, those whose
    titles or sections do, and those that only mention it.
    """
    words = typed.casefold().split()
    ranked = []
    for name, experiment in EXPERIMENTS.items():
        heading = f"{name} {experiment.title} {experiment.section}".casefold()
        if all(word in f"{heading} {experiment.what_to_see.casefold()}" for word in words):
            rank = (
                name.startswith(typed.strip().casefold()),
                all(word in name for word in words),
                all(word in heading for word in words),
            )
            ranked.append((rank, name))
    return [name for _, name in sorted(ranked, key=lambda each: each[0], reverse=True)]


class GalleryDialog(Dialog[str | None]):
    """Returns the name of the experiment to start, or ``None``. ``done`` ones are marked with ✓.

    What is typed finds experiments.
    """

    DEFAULT_CSS = (
        frame_css("GalleryDialog", width=110, max_width="98%", height="36", padding="0 1")
        + f"""
    GalleryDialog #list {{ width: 28; height: 1fr; }}
    GalleryDialog Input, GalleryDialog Input:focus {{
        border: none; height: 1; padding: 0; margin: 0 0 1 0; color: $accent;
    }}
    GalleryDialog OptionList {{
        width: 1fr; height: 1fr; border: none; padding: 0; background: $surface;
    }}
    GalleryDialog OptionList > .option-list--option-highlighted {{
        color: $block-cursor-foreground; background: $block-cursor-background;
    }}
    GalleryDialog OptionList > .option-list--option-disabled {{
        color: $text-muted; text-style: bold;
    }}
    GalleryDialog #experiment {{ width: 1fr; height: 1fr; padding: 0 0 0 2; }}
    GalleryDialog #head {{ height: {HEIGHT}; margin: 0 0 1 0; }}
    GalleryDialog #thumbnail {{ width: {WIDTH}; height: {HEIGHT}; margin: 0 2 0 0; }}
    GalleryDialog #title {{ width: 1fr; }}
    """
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "step_out", priority=True),
        *(
            Binding(key, f"in_list('{action}')", priority=True)
            for key, action in (
                ("up", "cursor_up"),
                ("down", "cursor_down"),
                ("pageup", "page_up"),
                ("pagedown", "page_down"),
                ("enter", "select"),
            )
        ),
    ]

    def __init__(self, current: str, done: Collection[str], palette: Palette) -> None:
        super().__init__()
        self._current_experiment = current
        self._done = frozenset(done)
        self._palette = palette
        self._listed_for = ""

    def compose(self) -> ComposeResult:
        with Vertical() as box:
            box.border_title = "experiments"
            box.border_subtitle = "type to find · ↑↓ move · enter starts · ✓ run · esc closes"
            with Horizontal():
                with Vertical(id="list"):
                    yield Input(placeholder="find, such as pentagon", compact=True)
                    yield Choices(*self._options(), markup=False)
                with VerticalScroll(id="experiment", can_focus=False):
                    with Horizontal(id="head"):
                        yield CellView(self._palette, id="thumbnail")
                        yield Static(id="title")
                    yield Static(id="about")
                    yield Static(id="checks")

    def on_mount(self) -> None:
        choices = self.query_one(Choices)
        choices.can_focus = False
        self.query_one(Input).focus()
        known = self._current_experiment in EXPERIMENTS
        first = self._current_experiment if known else next(iter(EXPERIMENTS))
        choices.highlighted = choices.get_option_index(first)

    def on_input_changed(self) -> None:
        self._list_found()

    def _list_found(self) -> None:
        """List what is found by what is typed, the best first, or everything again."""
        choices = self.query_one(Choices)
        typed = self.query_one(Input).value.strip()
        if typed == self._listed_for:
            return
        self._listed_for = typed
        names = found(typed)
        options = [Option(self._line(name), id=name) for name in names] if typed else []
        choices.clear_options()
        choices.add_options(options if typed else self._options())
        first = names[0] if names else ""
        if not typed and self._current_experiment in EXPERIMENTS:
            first = self._current_experiment
        choices.highlighted = choices.get_option_index(first) if first else None

    def action_in_list(self, action: str) -> None:
        """Move in the list, or choose, while the field takes all letters.

        What has just been typed may not have been listed yet.
        """
        self._list_found()
        getattr(self.query_one(Choices), f"action_{action}")()

    def action_step_out(self) -> None:
        """List everything again, or close."""
        field = self.query_one(Input)
        if field.value:
            field.value = ""
        else:
            self.dismiss(None)

    def mark(self, done: Collection[str]) -> None:
        """Mark these as done too."""
        self._done |= frozenset(done)
        choices = self.query_one(Choices)
        for name in [option.id for option in choices.options if option.id is not None]:
            choices.replace_option_prompt(name, self._line(name))

    def on_option_list_option_highlighted(self, message: OptionList.OptionHighlighted) -> None:
        experiment = EXPERIMENTS[str(message.option_id)]
        self.query_one(CellView).show_cells(thumbnail(experiment.name, self._palette))
        self.query_one("#title", Static).update(title_of(experiment))
        self.query_one("#about", Static).update(about(experiment))
        self.query_one("#checks", Static).update(checks_of(experiment))
        self.query_one("#experiment").scroll_home(animate=False)

    def on_option_list_option_selected(self, message: OptionList.OptionSelected) -> None:
        self.dismiss(str(message.option_id))

    def _options(self) -> list[Option]:
        """Sections as headings, and under each its experiments."""
        options: list[Option] = []
        for section, names in by_section().items():
            options.append(Option(section, disabled=True))
            options += [Option(self._line(name), id=name) for name in names]
        return options

    def _line(self, name: str) -> str:
        return f"{'✓' if name in self._done else ' '} {name}"


def title_of(experiment: Experiment) -> Content:
    """Title, section, size and expected time."""
    return Content("\n").join(
        [
            Content.styled(experiment.title, "bold"),
            Content(""),
            Content.styled(experiment.section, MUTED),
            Content(""),
            Content.styled(size_of(experiment), MUTED),
        ]
    )


def about(experiment: Experiment) -> Content:
    """What to look for, and a heading for the checks."""
    lines: list[Content] = [Content(experiment.what_to_see)]
    if experiment.checks:
        lines += [Content(""), Content.styled("checks and expected results:", MUTED)]
    return Content("\n").join(lines)


def checks_of(experiment: Experiment) -> Table:
    """A list of the checks; what wraps is indented."""
    table = Table.grid(padding=(0, 1, 0, 0))
    for check in experiment.checks:
        table.add_row("·", Text(f"{check.name}: {check.expected}"))
    return table


def size_of(experiment: Experiment) -> str:
    """Such as ``20→5 · 10 lanes · 10,000 steps``, and below it ``about 2 s · view live``."""
    config, lanes = experiment.config, lane_count(experiment.config)
    seconds = expected_seconds(config, usable_cores())
    view = view_of_experiment(experiment).name
    return (
        f"{config.features}→{hidden_text(config)} · {grouped(lanes)} lane{'s' * (lanes > 1)} · "
        f"{grouped(config.steps)} steps\n{rough_duration(seconds)} · view {view}"
    )
