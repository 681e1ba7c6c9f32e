"""What the rail offers: each choice with its value, its key and its action."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from superpos_core.task.config import LANES, ExperimentConfig
from superpos_core.task.dictionaries.options import DICTIONARIES
from superpos_core.task.models import MODELS
from superpos_core.task.setting_names import depends_on_sparsity, hidden_text
from superpos_tui.bars.status import Status
from superpos_tui.drawing.numbers import grouped, setting_label, varied_quantity
from superpos_tui.drawing.palette import Ink
from superpos_tui.drawing.text_lines import longest_within
from superpos_tui.drawing.window import start_around
from superpos_tui.scene import TRAINING

WIDTH = 16
"""Columns of a row."""
ROWS_FOR_ALL_MODELS = 32
"""Rows from which models that do not train yet are listed too."""
MIN_SETTINGS, MAX_SETTINGS = 3, 12
SETTINGS_OF_FORM = (
    ("features", "features n"),
    ("hidden", "dimensions m"),
    ("importance", "importance"),
    ("restarts", "restarts"),
)
"""The fields of the config, and what they are called here."""
RECIPE_OF_FORM = (("steps", "steps"), ("batch", "batch"), ("learning_rate", "lr"))
"""More of them, where there is room and a training that they are of."""
RECIPE_OF_MODELS = (("optimiser", "optimiser"), ("weight_decay", "decay"))
"""Dictionaries have an optimiser of their own, which decays nothing."""
OF_DICTIONARIES = (("latents", "latents K"),)


@dataclass(frozen=True)
class Control:
    """One row: a label at the left edge, and at the right one a value or a key.

    ``action`` is what a click does; empty if nothing. A ``chosen`` label is framed.
    """

    label: str = ""
    ink: int = Ink.TEXT
    chosen: bool = False
    right: str = ""
    right_ink: int = Ink.TEXT
    action: str = ""


def controls_of(status: Status, keys: Mapping[str, str], rows: int) -> tuple[Control, ...]:
    """The controls in groups, in no more than about so many rows; ``keys`` are those by action."""
    models = [
        _head(
            "dictionary" if status.config.kind == DICTIONARIES else "model",
            "next_model",
            _can_choose_model(status),
            keys,
        ),
        *_models(status, keys, rows),
    ]
    restart = list(_restart(status, keys))
    form = [_head("settings", "form", True, keys), *_fields(status, SETTINGS_OF_FORM)]
    if status.config.kind == DICTIONARIES:
        form += _fields(status, OF_DICTIONARIES)
    training = list(_training(status, keys))
    others = sum(len(group) + 1 for group in (models, restart, form, training) if group)
    settings = list(_settings(status, keys, rows - others - 1))
    of_models = () if status.config.kind == DICTIONARIES else RECIPE_OF_MODELS
    recipe = list(_fields(status, (*RECIPE_OF_FORM, *of_models)))
    recipe = [] if TRAINING in status.unknown else recipe
    if others + len(settings) + len(recipe) <= rows:
        form += recipe
    groups = [group for group in (models, settings, restart, form, training) if group]
    return tuple(row for group in groups for row in (*group, Control()))[:-1]


def _head(label: str, action: str, is_possible: bool, keys: Mapping[str, str]) -> Control:
    """The first row of a group, with the key that changes what is below."""
    if not is_possible:
        return Control(label, Ink.MUTED, right=keys.get(action, ""), right_ink=Ink.FAINT)
    key = keys.get(action, "")
    return Control(label, Ink.MUTED, right=key, right_ink=Ink.ACCENT, action=action)


def _can_choose_model(status: Status) -> bool:
    is_alone = len(status.models) == 1 and "next_model" in status.refused
    return status.config.has_lanes and not is_alone


def _models(status: Status, keys: Mapping[str, str], rows: int) -> Iterator[Control]:
    """The models: a click chooses one, which joins if it does not train yet.

    Beside the chosen one stands how to leave it out again, if others train.
    """
    can_leave = len(status.config.groups) > 1 and "leave_model" not in status.refused
    can_join = "next_model" not in status.refused and status.config.kind == LANES
    for name in MODELS if can_join and rows >= ROWS_FOR_ALL_MODELS else status.models:
        action = f"model('{name}')" if _can_choose_model(status) else ""
        trains = name in status.models
        is_chosen = name == status.focus.model
        control = _choice(name, is_chosen, action, Ink.TEXT if trains else Ink.FAINT)
        if is_chosen and can_leave:
            key, room = keys.get("leave_model", ""), WIDTH - len(name) - 3
            words = longest_within(room, f"drop {key}", key) if key else ""
            control = replace(control, right=words, right_ink=Ink.MUTED)
        yield control


def _settings(status: Status, keys: Mapping[str, str], rows: int) -> Iterator[Control]:
    """The settings around the one in focus, and how many there are before and after."""
    config = status.config
    if not config.has_lanes:
        return
    count, focus = len(config.settings), status.focus.setting
    yield _head(_kind(config), "sparser", count > 1, keys)
    shown = min(max(rows - 4, MIN_SETTINGS), MAX_SETTINGS)
    shown = count if count <= shown + 2 else shown
    first = start_around(focus, shown, count)
    if first:
        yield Control(f" {grouped(first)} more", Ink.FAINT, action=f"setting({first - 1})")
    for index in range(first, first + min(shown, count)):
        label = setting_label(config, config.settings[index])
        yield _choice(label, index == focus, f"setting({index})")
    after = count - first - shown
    if after > 0:
        yield Control(f" {grouped(after)} more", Ink.FAINT, action=f"setting({first + shown})")
    if depends_on_sparsity(config):
        yield Control(" + add an S", Ink.TEXT, right=keys.get("add_sparsity", ""),
                      right_ink=Ink.ACCENT, action="add_sparsity")  # fmt: skip


def _kind(config: ExperimentConfig) -> str:
    """What the settings are values of."""
    return varied_quantity(config).replace("sparsity", "sparsity S")


def _choice(label: str, chosen: bool, action: str, ink: int = Ink.TEXT) -> Control:
    if chosen:
        return Control(label, Ink.ACCENT, chosen, action=action)
    return Control(f" {label}", ink, action=action)


def _restart(status: Status, keys: Mapping[str, str]) -> Iterator[Control]:
    """Which restart is shown, if there are several."""
    restarts, rank = status.config.restarts, status.focus.rank
    if restarts > 1 and status.config.has_lanes:
        best = " (best)" if rank == 0 else ""
        yield _head("restart", "next_seed", True, keys)
        yield Control(f" {rank + 1} of {restarts}{best}", action="next_seed")


def _fields(status: Status, fields: Sequence[tuple[str, str]]) -> Iterator[Control]:
    """What is trained, and how: a click opens the form at that field."""
    for field, label in fields:
        value = getattr(status.config, field)
        if field == "hidden":
            known = hidden_text(status.config)
        elif isinstance(value, int):
            known = longest_within(WIDTH - len(label) - 2, grouped(value), str(value))
        else:
            known = value if isinstance(value, str) else f"{value:g}"
        text = "—" if field in status.unknown else known
        label = longest_within(WIDTH - len(text) - 2, label, label.split()[-1])
        yield Control(f" {label}", Ink.TEXT, right=text, action=f"form('{field}')")


def _training(status: Status, keys: Mapping[str, str]) -> Iterator[Control]:
    """Pause or resume, the dials, and once more from the start."""
    pause = "resume" if status.state == "paused" else "pause"
    yield Control("training", Ink.MUTED)
    for label, action, is_possible in (
        (pause, "pause", status.can_pause),
        ("dials", "dials", "dials" not in status.refused),
        ("again", "reseed", "reseed" not in status.refused),
    ):
        ink, key_ink = (Ink.TEXT, Ink.ACCENT) if is_possible else (Ink.FAINT, Ink.FAINT)
        key = keys.get(action, "")
        yield Control(f" {label}", ink, right=key, right_ink=key_ink,
                      action=action if is_possible else "")  # fmt: skip
