"""One table of keys: the bindings, the footer, the help screen and README's list come from it.

It is made of the common keys and those of the views. Where several keys have the same name, Textual
takes the first whose action there is now: so what counts only now and then stands before what
always does.
"""

from collections.abc import Collection

from superpos_tui.views.key import Group, Key
from superpos_tui.views.view import View

GROUP_TITLES: dict[Group, str] = {
    "views": "Views",
    "look": "Look at",
    "cursor": "Point and probe",
    "experiments": "Experiments",
    "train": "Training",
    "time": "Timeline and events",
    "screen": "Screen",
}

CHOOSING: tuple[Key, ...] = (
    Key("v", "v", "next_view", "view", "next view", "views", in_footer=True),
    Key("V", "V", "previous_view", "view", "previous view", "views"),

    Key("m", "m", "next_model", "model", "next model", "look", in_footer=True),
    Key("M", "M", "previous_model", "model", "previous model", "look"),
)  # fmt: skip
WITH_OPEN_TIMELINE: tuple[Key, ...] = (
    Key("right", "→", "scrub(1)", "later", "timeline: a moment later", "time"),
    Key("left", "←", "scrub(-1)", "earlier", "timeline: a moment earlier", "time"),
    Key("home", "home", "scrub_to_start", "start", "timeline: to the first moment", "time"),
    Key("end", "end", "scrub_to_end", "now", "timeline: to now, and follow training", "time"),
    Key("enter", "enter", "replay", "replay", "timeline: replay from here, or stop", "time"),
)  # fmt: skip
"""These there are only while the timeline is open."""
LOOKING: tuple[Key, ...] = (
    Key("right,right_square_bracket", "→ ]", "sparser", "sparsity",
        "higher sparsity S (or the next setting)", "look", in_footer=True),
    Key("left,left_square_bracket", "← [", "denser", "sparsity",
        "lower sparsity S (or the setting before)", "look"),
    Key("s", "s", "next_seed", "seed", "next of the restarts, by loss; then the best again",
        "look"),
)  # fmt: skip
POINTING: tuple[Key, ...] = (
    Key("down,j", "↓ j", "move_cursor(1, 0)", "feature", "put the cursor on the next feature",
        "cursor", in_footer=True),
    Key("up,k", "↑ k", "move_cursor(-1, 0)", "feature", "the feature before", "cursor"),
    Key("greater_than_sign", ">", "move_cursor(0, 1)", "other",
        "look at it together with the next other feature", "cursor"),
    Key("less_than_sign", "<", "move_cursor(0, -1)", "other", "with the other feature before",
        "cursor"),
    Key("escape", "esc", "step_out", "back", "cursor away, timeline closed, panel small again",
        "cursor"),
)  # fmt: skip
DOING: tuple[Key, ...] = (
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


def table_of_keys(views: Collection[View]) -> tuple[Key, ...]:
    """All keys in the order in which people read them, and in which the first one wins.

    A view's keys stand at the end of their group, or, where they replace common ones, before those.
    """
    of_views = [key for view in views for key in view.own_keys]
    common = frozenset[str]().union(*(key.names for key in (*LOOKING, *POINTING)))
    replacing = {key.view for key in of_views if key.names & common}
    before = [key for key in of_views if key.view in replacing]
    after = [key for key in of_views if key.view not in replacing]
    after.sort(key=_works_quietly_everywhere)
    return (
        *(view.opening_key for view in views),
        *CHOOSING,
        *WITH_OPEN_TIMELINE,
        *before,
        *LOOKING,
        *(key for key in after if key.group == "look"),
        *POINTING,
        *(key for key in after if key.group != "look"),
        *DOING,
    )


def _works_quietly_everywhere(key: Key) -> bool:
    """Those that their view has no more use for than others come last."""
    return not key.in_footer and not key.exclusive


def markdown_table(keys: Collection[Key]) -> str:
    """The table as README shows it."""
    rows = [f"| `{key.shown}` | {key.description} |" for key in keys]
    return "\n".join(["| key | what it does |", "| --- | --- |", *rows])
