"""One table of keys: the bindings, the footer, the help screen and README's list come from it.

It consists of the common keys and those of the views. If several keys have the same name, Textual
uses the first whose action is currently available, so conditional keys precede permanent ones.
"""

from collections.abc import Collection
from dataclasses import replace

from superpos_core.task.config import LANES, ExperimentConfig
from superpos_core.task.setting_names import depends_on_sparsity
from superpos_tui.drawing.numbers import varied_quantity
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


def _has_lanes(config: ExperimentConfig) -> bool:
    return config.has_lanes


def _has_sparsities(config: ExperimentConfig) -> bool:
    return _has_lanes(config) and depends_on_sparsity(config)


def _has_settings(config: ExperimentConfig) -> bool:
    return not _has_lanes(config) or len(config.settings) > 1


def _has_models(config: ExperimentConfig) -> bool:
    return _has_lanes(config) and len(config.groups) > 1


def _has_other_models(config: ExperimentConfig) -> bool:
    return _is_of_models(config) or len(config.groups) > 1


def _trained(config: ExperimentConfig) -> str:
    return "model" if _is_of_models(config) else "kind"


def _is_of_models(config: ExperimentConfig) -> bool:
    return config.kind == LANES


LIST_OF_RUNS = Key("L", "L", "runs", "runs", "back to the list of runs", "views")
CHOOSING: tuple[Key, ...] = (
    Key("v", "v", "next_view", "view", "next view", "views"),
    Key("V", "V", "previous_view", "view", "previous view", "views"),

    Key("m", "m", "next_model", "model", "next model, or kind of dictionary", "look",
        in_footer=True, suits=_has_other_models, label_in=_trained),
    Key("M", "M", "previous_model", "model", "previous model", "look"),
    Key("D", "D", "leave_model", "drop model", "leave this model out of the run; m joins it again",
        "look", in_footer=True, suits=_has_models),
)  # fmt: skip
WITH_OPEN_TIMELINE: tuple[Key, ...] = (
    Key("right", "→", "scrub(1)", "later", "timeline: next moment", "time",
        in_footer=True, name="later-moment"),
    Key("left", "←", "scrub(-1)", "earlier", "timeline: previous moment", "time",
        in_footer=True, name="earlier-moment"),
    Key("home", "home", "scrub_to_start", "start", "timeline: first moment", "time",
        in_footer=True),
    Key("end", "end", "scrub_to_end", "now", "timeline: back to live", "time", in_footer=True),
    Key("enter", "enter", "replay", "replay", "timeline: replay from here / stop", "time",
        in_footer=True),
)  # fmt: skip
"""These keys work only while the timeline is open."""
SELECTING: tuple[Key, ...] = (
    Key("right,right_square_bracket", "→ ]", "sparser", "sparsity",
        "higher sparsity S (or the next setting)", "look", in_footer=True,
        suits=_has_settings, label_in=varied_quantity),
    Key("left,left_square_bracket", "← [", "denser", "sparsity",
        "lower sparsity S (or the previous setting)", "look"),
    Key("s", "s", "next_seed", "restart", "next restart by loss, then the best again",
        "look"),
)  # fmt: skip
POINTING: tuple[Key, ...] = (
    Key("down,j", "↓ j", "move_cursor(1, 0)", "feature", "cursor: next feature",
        "cursor", in_footer=True, name="next-feature"),
    Key("up,k", "↑ k", "move_cursor(-1, 0)", "feature", "cursor: previous feature",
        "cursor", name="previous-feature"),
    Key("greater_than_sign", ">", "move_cursor(0, 1)", "other",
        "compare with the next feature", "cursor", name="next-other"),
    Key("less_than_sign", "<", "move_cursor(0, -1)", "other", "compare with the previous feature",
        "cursor", name="previous-other"),
    Key("plus,equals_sign", "+", "zoom(1)", "closer", "zoom into the focused panel",
        "cursor", name="zoom-in"),
    Key("minus", "-", "zoom(-1)", "farther", "zoom out of the focused panel",
        "cursor", name="zoom-out"),
    Key("shift+right,right_parenthesis", "shift+→ )", "pan(1, 0)", "move",
        "zoomed: move right", "cursor", name="pan-right"),
    Key("shift+left,left_parenthesis", "shift+← (", "pan(-1, 0)", "move",
        "zoomed: move left", "cursor", name="pan-left"),
    Key("shift+down,right_curly_bracket", "shift+↓ }", "pan(0, 1)", "move",
        "zoomed: move down", "cursor", name="pan-down"),
    Key("shift+up,left_curly_bracket", "shift+↑ {", "pan(0, -1)", "move",
        "zoomed: move up", "cursor", name="pan-up"),
    Key("escape", "esc", "step_out", "back",
        "zoom out, close timeline, clear cursor, restore panel", "cursor"),
)  # fmt: skip
DOING: tuple[Key, ...] = (
    Key("x", "x", "gallery", "experiments", "choose one of the paper's experiments", "experiments",
        in_footer=True),
    Key("C", "C", "checks", "checks", "checks: expected vs. observed",
        "experiments", in_footer=True),
    Key("G", "G", "tour", "tour", "guided tour through the key experiments",
        "experiments", in_footer=True),
    Key("N", "N", "next_stop", "next", "tour: next stop", "experiments"),
    Key("P", "P", "previous_stop", "back", "tour: previous stop", "experiments"),
    Key("X", "X", "end_tour", "end", "tour: quit", "experiments"),

    Key("space", "space", "pause", "pause", "pause / resume", "train", in_footer=True),
    Key("n", "n", "single_step", "step", "train a single step", "train"),
    Key("f", "f", "full_speed", "speed", "toggle full speed", "train",
        in_footer=True),
    Key("full_stop", ".", "faster", "faster", "train faster", "train"),
    Key("comma", ",", "slower", "slower", "train slower", "train"),
    Key("d", "d", "dials", "dials", "turn dials while training, keeping the weights", "train",
        in_footer=True),
    Key("u,backspace", "u ⌫", "undo", "undo",
        "back: undo the last dial change, or bring back the run that was left", "train"),
    Key("A", "A", "add_sparsity", "add S", "add a sparsity S, such as 0.95, and restart", "train",
        in_footer=True, suits=_has_sparsities),
    Key("F", "F", "form", "settings", "change n, m and all other settings, and restart", "train",
        in_footer=True),
    Key("W", "W", "train_these", "train", "train from the weights shown, with settings to choose",
        "train"),
    Key("S", "S", "attach_dictionary", "SAE",
        "train a dictionary (sparse autoencoder) of the model shown; u goes back", "train",
        in_footer=True, suits=_is_of_models),
    Key("r", "r", "reseed", "again", "restart with a new seed", "train", in_footer=True),
    Key("R", "R", "reset", "reset", "restart with the same seed", "train"),

    Key("t", "t", "timeline", "time", "open or close the timeline; training continues",
        "time", in_footer=True),
    Key("w", "w", "events", "events", "events, step by step; enter shows one", "time",
        in_footer=True),
    Key("g", "g", "film", "film", "write the timeline of this view as an animated GIF", "time"),

    Key("e", "e", "export", "export", "export figures (PNG, SVG, …), numbers and weights",
        "screen", in_footer=True),
    Key("y", "y", "copy_command", "copy", "copy the command line that recreates this screen",
        "screen"),
    Key("Y", "Y", "copy_numbers", "numbers", "copy the numbers of the focused panel, as a table",
        "screen"),
    Key("tab", "tab", "next_panel", "panel", "focus the next panel", "screen",
        in_footer=True, only_with_one_panel=True),
    Key("shift+tab", "shift+tab", "previous_panel", "previous panel",
        "focus the previous panel", "screen"),
    Key("z", "z", "maximise", "maximise", "maximise / restore the focused panel", "screen"),
    Key("T", "T", "next_theme", "theme", "next theme", "screen"),
    Key("ctrl+p", "ctrl+p", "command_palette", "all", "search all commands", "screen",
        in_footer=True),
    Key("ctrl+z", "ctrl+z", "suspend_process", "stop",
        "suspend to the shell; fg resumes", "screen"),
    Key("question_mark,f1", "?", "help", "help",
        "help: panels, glossary and keys, with / to search", "screen", in_footer=True),
    Key("i", "i", "panel_help", "about panel",
        "about the focused panel: how to read it, the formulas of its colours", "screen",
        in_footer=True),
    Key("q,ctrl+q", "q", "quit", "quit", "quit", "screen", in_footer=True),
)  # fmt: skip

FOOTER = (
    "runs", "sparser", "next_model", "add_sparsity", "gallery", "pause", "form", "export", "tour",
    "attach_dictionary", "timeline", "checks", "dials", "full_speed", "reseed", "panel_help",
    "move_cursor", "events", "leave_model",
)  # fmt: skip
"""The actions of common keys in the footer, the most important first: the last may not fit."""


def table_of_keys(views: Collection[View], *, lists_runs: bool = False) -> tuple[Key, ...]:
    """All keys in reading order, which is also the order of precedence.

    If the program ``lists_runs``, the way back to the list is in the footer.
    A view's keys come last in their group, or, if they replace common keys, before those.
    """
    of_views = [key for view in views for key in view.own_keys]
    common = frozenset[str]().union(*(key.names for key in (*SELECTING, *POINTING)))
    replacing = {key.view for key in of_views if key.names & common}
    before = [key for key in of_views if key.view in replacing]
    after = [key for key in of_views if key.view not in replacing]
    after.sort(key=_works_quietly_everywhere)
    return (
        *(view.opening_key for view in views),
        replace(LIST_OF_RUNS, in_footer=lists_runs),
        *CHOOSING,
        *WITH_OPEN_TIMELINE,
        *before,
        *SELECTING,
        *(key for key in after if key.group == "look"),
        *POINTING,
        *(key for key in after if key.group != "look"),
        *DOING,
    )


def importance(key: Key) -> int:
    """Where a key comes in a list with the most used ones first."""
    actions = list(FOOTER)
    if key.in_footer and key.action_name in actions:
        return actions.index(key.action_name)
    return len(actions) + (key.group != "views")


def _works_quietly_everywhere(key: Key) -> bool:
    """Whether a key of a view is neither in the footer nor exclusive: such keys come last."""
    return not key.in_footer and not key.exclusive


def markdown_table(keys: Collection[Key]) -> str:
    """The key table in README."""
    rows = [f"| `{key.shown}` | {key.description} |" for key in keys]
    return "\n".join(["| key | what it does |", "| --- | --- |", *rows])
