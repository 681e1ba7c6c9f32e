"""One table of keys: the bindings, the footer, the help screen and README's list come from it."""

from dataclasses import dataclass
from typing import Literal

from superpos_tui.views import VIEWS

Group = Literal["views", "look", "cursor", "experiments", "train", "time", "screen"]

GROUP_TITLES: dict[Group, str] = {
    "views": "Views",
    "look": "Look at",
    "cursor": "Point and probe",
    "experiments": "Experiments",
    "train": "Training",
    "time": "Timeline and events",
    "screen": "Screen",
}


@dataclass(frozen=True)
class Key:
    """A key, or several that do the same, and what it does.

    ``keys`` are Textual's names, separated by commas; ``shown`` is what people read. ``action`` is
    a method of the app, without ``action_``. Only keys with ``in_footer`` stand in the footer,
    under their ``label``; some only where one panel is shown at a time. Keys with ``views`` stand
    first in the footers of these views, and in no other's; ``exclusive`` ones do nothing elsewhere.
    """

    keys: str
    shown: str
    action: str
    label: str
    description: str
    group: Group
    in_footer: bool = False
    only_with_one_panel: bool = False
    views: tuple[str, ...] = ()
    exclusive: bool = False

    @property
    def action_name(self) -> str:
        """The action without its parameters."""
        return self.action.split("(")[0]

    @property
    def first_shown(self) -> str:
        """The first of the keys, where there is room for one."""
        return self.shown.split()[0]


KEYS: tuple[Key, ...] = (
    *(
        Key(view.key, view.key, f"view('{view.name}')", view.title.lower(), view.summary, "views")
        for view in VIEWS.values()
    ),
    Key("v", "v", "next_view", "view", "next view", "views", in_footer=True),
    Key("V", "V", "previous_view", "view", "previous view", "views"),

    Key("m", "m", "next_model", "model", "next model", "look", in_footer=True),
    Key("M", "M", "previous_model", "model", "previous model", "look"),
    # These come before others on the same keys: while the timeline is open they win.
    Key("right", "→", "scrub(1)", "later", "timeline: a moment later", "time"),
    Key("left", "←", "scrub(-1)", "earlier", "timeline: a moment earlier", "time"),
    Key("home", "home", "scrub_to_start", "start", "timeline: to the first moment", "time"),
    Key("end", "end", "scrub_to_end", "now", "timeline: to now, and follow training", "time"),
    Key("enter", "enter", "replay", "replay", "timeline: replay from here, or stop", "time"),

    Key("right", "→", "move_cell(0, 1)", "cell", "phases: the cell to the right", "cursor",
        views=("phase",), exclusive=True),
    Key("left", "←", "move_cell(0, -1)", "cell", "phases: the cell to the left", "cursor",
        views=("phase",), exclusive=True),
    Key("down,j", "↓ j", "move_cell(1, 0)", "cell", "phases: the cell below", "cursor",
        in_footer=True, views=("phase",), exclusive=True),
    Key("up,k", "↑ k", "move_cell(-1, 0)", "cell", "phases: the cell above", "cursor",
        views=("phase",), exclusive=True),
    Key("enter", "enter", "open_cell", "open", "phases: train the model of this cell, live",
        "cursor", in_footer=True, views=("phase",), exclusive=True),

    Key("right,right_square_bracket", "→ ]", "sparser", "sparsity",
        "higher sparsity S (or the next setting)", "look", in_footer=True),
    Key("left,left_square_bracket", "← [", "denser", "sparsity",
        "lower sparsity S (or the setting before)", "look"),
    Key("s", "s", "next_seed", "seed", "next of the restarts, by loss; then the best again",
        "look"),
    Key("c", "c", "next_colouring", "colour", "colour by superposition, importance or group",
        "look", in_footer=True, views=("geometry",)),
    Key("shift+left,left_parenthesis", "shift+← (", "turn(-15)", "turn",
        "turn the 3-D picture, or drag it", "look", views=("geometry",), exclusive=True),
    Key("shift+right,right_parenthesis", "shift+→ )", "turn(15)", "turn",
        "turn it the other way", "look", in_footer=True, views=("geometry",), exclusive=True),
    Key("shift+up,left_curly_bracket", "shift+↑ {", "tilt(10)", "tilt",
        "tilt the 3-D picture", "look", views=("geometry",), exclusive=True),
    Key("shift+down,right_curly_bracket", "shift+↓ }", "tilt(-10)", "tilt",
        "tilt it the other way", "look", views=("geometry",), exclusive=True),
    Key("p", "p", "pin", "pin", "pin what is looked at, to compare with", "look",
        in_footer=True, views=("compare",)),
    Key("l", "l", "toggle_log", "log", "loss on a logarithmic or linear scale", "look"),
    Key("b", "b", "toggle_split", "split", "feature norms, or benefit and interference", "look"),

    Key("down,j", "↓ j", "move_cursor(1, 0)", "feature", "put the cursor on the next feature",
        "cursor", in_footer=True),
    Key("up,k", "↑ k", "move_cursor(-1, 0)", "feature", "the feature before", "cursor"),
    Key("greater_than_sign", ">", "move_cursor(0, 1)", "other",
        "look at it together with the next other feature", "cursor"),
    Key("less_than_sign", "<", "move_cursor(0, -1)", "other", "with the other feature before",
        "cursor"),
    Key("escape", "esc", "step_out", "back", "cursor away, timeline closed, panel small again",
        "cursor"),
    Key("enter", "enter", "switch_feature", "on/off", "probe: switch the feature on or off",
        "cursor", in_footer=True, views=("probe",), exclusive=True),
    Key("shift+right,right_parenthesis", "shift+→ )", "raise_value(0.1)", "value",
        "probe: raise its value", "cursor", in_footer=True, views=("probe",), exclusive=True),
    Key("shift+left,left_parenthesis", "shift+← (", "raise_value(-0.1)", "value",
        "probe: lower its value", "cursor", views=("probe",), exclusive=True),
    Key("a", "a", "attack", "attack", "probe: add the worst-case perturbation, larger each time",
        "cursor", in_footer=True, views=("probe",), exclusive=True),
    Key("backspace", "⌫", "clear_probe", "clear", "probe: everything off", "cursor",
        views=("probe",), exclusive=True),

    Key("x", "x", "gallery", "experiments", "the paper's experiments: begin one", "experiments",
        in_footer=True),
    Key("C", "C", "checks", "checks", "does this run show what it should? expected and seen",
        "experiments"),
    Key("G", "G", "tour", "tour", "guided tour through the experiments that tell the story",
        "experiments"),
    Key("N", "N", "next_stop", "next", "tour: next stop", "experiments"),
    Key("P", "P", "previous_stop", "back", "tour: the stop before", "experiments"),
    Key("X", "X", "end_tour", "end", "tour: end it", "experiments"),

    Key("space", "space", "pause", "pause", "pause or go on", "train", in_footer=True),
    Key("n,full_stop", "n .", "single_step", "step", "take a single step", "train"),
    Key("f", "f", "full_speed", "speed", "full speed, or watchable again", "train",
        in_footer=True),
    Key("plus,equals_sign", "+", "faster", "faster", "train faster", "train"),
    Key("minus", "-", "slower", "slower", "train slower", "train"),
    Key("d", "d", "dials", "dials", "turn the dials while it trains, on the same weights", "train",
        in_footer=True),
    Key("u", "u", "undo", "undo", "undo the last turn of a dial: back to where it branched off",
        "train"),
    Key("F", "F", "form", "form", "set everything at once, sizes too, and start again", "train"),
    Key("r", "r", "reseed", "re-seed", "start again from a new seed", "train", in_footer=True),
    Key("R", "R", "reset", "reset", "start again from the same seed", "train"),

    Key("t", "t", "timeline", "time", "open or close the timeline; training goes on meanwhile",
        "time", in_footer=True),
    Key("w", "w", "events", "events", "what happened, step by step; enter goes there", "time",
        in_footer=True),

    Key("g", "g", "film", "film", "write the timeline of this view as an animated GIF", "time"),

    Key("e", "e", "export", "export", "write this view as figures, and numbers and weights",
        "screen", in_footer=True),
    Key("y", "y", "copy_command", "copy", "copy the command line that recreates this screen",
        "screen"),
    Key("tab", "tab", "next_panel", "panel", "focus the next panel", "screen",
        in_footer=True, only_with_one_panel=True),
    Key("shift+tab", "shift+tab", "previous_panel", "previous panel",
        "focus the previous panel", "screen"),
    Key("z", "z", "maximise", "zoom", "maximise the focused panel, or back", "screen"),
    Key("T", "T", "next_theme", "theme", "next theme", "screen"),
    Key("ctrl+p", "ctrl+p", "command_palette", "commands", "search all commands", "screen"),
    Key("ctrl+z", "ctrl+z", "suspend_process", "stop",
        "stop, and go back to the shell; its fg goes on here", "screen"),
    Key("question_mark,f1", "?", "help", "help", "this help", "screen", in_footer=True),
    Key("q,ctrl+q", "q", "quit", "quit", "quit", "screen", in_footer=True),
)  # fmt: skip

WITH_OPEN_TIMELINE = frozenset({"scrub", "scrub_to_start", "scrub_to_end", "replay"})
"""Actions that there are only while the timeline is open."""
BELONGS_TO_VIEWS: dict[str, tuple[str, ...]] = {
    key.action_name: key.views for key in KEYS if key.exclusive
}
"""Actions that there are in these views only."""


def markdown_table() -> str:
    """The table as README shows it."""
    rows = [f"| `{key.shown}` | {key.description} |" for key in KEYS]
    return "\n".join(["| key | what it does |", "| --- | --- |", *rows])
