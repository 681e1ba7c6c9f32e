"""One table of keys: the bindings, the footer, the help screen and README's list come from it."""

from dataclasses import dataclass
from typing import Literal

Group = Literal["look", "train", "screen"]

GROUP_TITLES: dict[Group, str] = {
    "look": "Look at",
    "train": "Training",
    "screen": "Screen",
}


@dataclass(frozen=True)
class Key:
    """A key, or several that do the same, and what it does.

    ``keys`` are Textual's names, separated by commas; ``shown`` is what people read. ``action`` is
    a method of the app, without ``action_``. Only keys with ``in_footer`` stand in the footer,
    under their ``label``; some only where one panel is shown at a time.
    """

    keys: str
    shown: str
    action: str
    label: str
    description: str
    group: Group
    in_footer: bool = False
    only_with_one_panel: bool = False

    @property
    def first_shown(self) -> str:
        """The first of the keys, where there is room for one."""
        return self.shown.split()[0]


KEYS: tuple[Key, ...] = (
    Key("m", "m", "next_model", "model", "next model", "look", in_footer=True),
    Key("M", "M", "previous_model", "model", "previous model", "look"),
    Key(
        "right,right_square_bracket", "→ ]", "sparser", "sparsity", "higher sparsity S", "look",
        in_footer=True,
    ),
    Key("left,left_square_bracket", "← [", "denser", "sparsity", "lower sparsity S", "look"),
    Key("l", "l", "toggle_log", "log", "loss on a logarithmic or linear scale", "look"),
    Key("space", "space", "pause", "pause", "pause or go on", "train", in_footer=True),
    Key("n,full_stop", "n .", "single_step", "step", "take a single step", "train"),
    Key("f", "f", "full_speed", "speed", "full speed, or watchable again", "train",
        in_footer=True),
    Key("plus,equals_sign", "+", "faster", "faster", "train faster", "train"),
    Key("minus", "-", "slower", "slower", "train slower", "train"),
    Key("r", "r", "reseed", "re-seed", "start again from a new seed", "train", in_footer=True),
    Key("R", "R", "reset", "reset", "start again from the same seed", "train"),
    Key("e", "e", "export", "export", "write figures, numbers and weights now", "screen",
        in_footer=True),
    Key("tab", "tab", "next_panel", "panel", "focus the next panel", "screen",
        in_footer=True, only_with_one_panel=True),
    Key("shift+tab", "shift+tab", "previous_panel", "previous panel",
        "focus the previous panel", "screen"),
    Key("z", "z", "maximise", "zoom", "maximise the focused panel, or back", "screen"),
    Key("T", "T", "next_theme", "theme", "next theme", "screen"),
    Key("question_mark,f1", "?", "help", "help", "this help", "screen", in_footer=True),
    Key("q,ctrl+q", "q", "quit", "quit", "quit", "screen", in_footer=True),
)  # fmt: skip


def markdown_table() -> str:
    """The table as README shows it."""
    rows = [f"| `{key.shown}` | {key.description} |" for key in KEYS]
    return "\n".join(["| key | what it does |", "| --- | --- |", *rows])
