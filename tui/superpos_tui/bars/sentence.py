"""The first line: what is trained, as a sentence in which the choices stand, and its name."""

from collections.abc import Iterator

from superpos_core.task.config import ExperimentConfig
from superpos_core.task.dictionaries.kinds import KINDS
from superpos_core.task.dictionaries.options import DICTIONARIES
from superpos_core.task.lanes import INSTANCE
from superpos_core.task.models import MODELS
from superpos_core.task.setting_names import setting_parts, shared_sparsity, sparsity_text
from superpos_core.task.sweeps import sweep_named
from superpos_core.training.jobs import job_of
from superpos_tui.bars.pieces import Pieces, length_of, richest, write
from superpos_tui.bars.status import Status
from superpos_tui.drawing.cells import Cells, columns_of
from superpos_tui.drawing.glyphs import LEFT_HALF, RIGHT_HALF
from superpos_tui.drawing.numbers import grouped, setting_label
from superpos_tui.drawing.palette import Ink
from superpos_tui.drawing.text_lines import cut
from superpos_tui.drawing.window import start_around
from superpos_tui.scene import SPARSITY, TRAINING

DOT: Pieces = [(" · ", Ink.FAINT)]
GAP = 3
"""Columns between the sentence and the name."""
MORE = ("…", Ink.FAINT)
NEAR = (7, 5, 3)
"""How many settings around the one in focus are named where not all have room."""
NAME_WIDTH = 20
"""Columns of a name where words would have to go to show it whole."""


def draw(cells: Cells, y: int, status: Status) -> None:
    """Write the sentence at the left edge and the name at the right edge.

    The sentence is shortened before the name is left out; it loses its formula late, and only then
    the words for what is swept.
    """
    width = cells.width - 2
    names = [(name, length_of(name)) for name in _names(status)]
    pairs = (
        (sentence, name)
        for sentence, length in ((each, length_of(each)) for each in _sentences(status, width))
        for name, name_length in names
        if length + GAP + name_length <= width
    )
    sentence, name = next(pairs, None) or (richest(list(_sentences(status, width)), width), [])
    write(cells, 1, y, sentence)
    write(cells, cells.width - 1 - length_of(name), y, name)


def _sentences(status: Status, width: int) -> Iterator[Pieces]:
    """The sentence, from all choices in words to the model and the setting in focus."""
    config, rank = status.config, _rank(status, in_words=True)
    hidden = config.hidden_of(config.settings[status.focus.setting])
    sizes = [(config.features, "feature"), (hidden, "dimension")]
    sizes += [(config.latents, "latent")] if config.kind == DICTIONARIES else []
    words: Pieces = [(" → ".join(_counted(*size) for size in sizes), Ink.TEXT)]
    arrow: Pieces = [("→".join(f"{count}" for count, _ in sizes), Ink.TEXT)]
    focused, formula = status.focus.model, _formula(status)
    model = _choice(focused, True)
    models = [piece for each in status.models for piece in _choice(each, each == focused)]
    settings, counted = _settings(status, width), _setting(status, is_counted=True)
    near = [_settings(status, most) for most in NEAR]
    alone, short_rank = _setting(status, is_counted=False), _rank(status, in_words=False)
    swept, in_words = _swept(config), _setting(status, is_counted=False, in_words=True)
    if status.has_rail:
        yield _sentence(words, model + formula, alone + swept, rank)
    yield _sentence(words, models + formula, settings + swept, rank)
    for choices in (models, model):
        for some in (settings, *near):
            yield _sentence(words, choices + formula, some + swept, short_rank)
    yield _sentence(words, model + formula, alone + swept, short_rank)
    yield _sentence(words, model + formula, in_words, short_rank)
    yield _sentence(arrow, model + formula, counted + swept, short_rank)
    yield _sentence(arrow, model + formula, in_words, short_rank)
    yield _sentence(words, model + formula, in_words)
    yield _sentence(arrow, model + formula, in_words)
    yield _sentence(arrow, model, in_words)
    yield _sentence(arrow, model + formula, alone)
    yield _sentence(arrow, model, counted, short_rank)
    yield _sentence(arrow, model, alone)
    yield _sentence(model, alone)


def _sentence(*parts: Pieces) -> Pieces:
    """The parts that are not empty, with dots between them."""
    filled = [part for part in parts if part]
    return [piece for index, part in enumerate(filled) for piece in (DOT if index else []) + part]


def _counted(count: int, word: str) -> str:
    return f"{grouped(count)} {word}{'' if count == 1 else 's'}"


def _formula(status: Status) -> Pieces:
    """The formula of what is in focus, as wide as the longest of those beside it."""
    if "models" in status.unknown:
        return []
    known = KINDS if status.config.kind == DICTIONARIES else MODELS
    widest = max(columns_of(known[name].formula) for name in status.models)
    formula = known[status.focus.model].formula
    return [(f" {formula}{' ' * (widest - columns_of(formula))}", Ink.TEXT)]


def _settings(status: Status, most: int) -> Pieces:
    """At most so many settings, those around the one in focus, which is framed.

    It is only counted if two quantities vary.
    """
    config, count, focus = status.config, len(status.config.settings), status.focus.setting
    if not config.has_lanes:
        return _job(config)
    if len(config.sparsities) > 1 and len(config.sweep_values) > 1:
        return _setting(status, is_counted=True)
    first = start_around(focus, min(most, count), count)
    shown = config.settings[first : first + most]
    pieces = _kind(config)
    pieces += [MORE] if first else []
    for index, setting in enumerate(shown, start=first):
        pieces += _choice(setting_label(config, setting), index == focus)
    return [*pieces, MORE] if first + len(shown) < count else pieces


def _setting(status: Status, *, is_counted: bool, in_words: bool = False) -> Pieces:
    """The setting in focus, and which it is of all; ``in_words`` what it is a value of."""
    config, index = status.config, status.focus.setting
    if not config.has_lanes:
        return _job(config)
    kind = _kind(config, in_words=in_words)
    pieces = [*kind, *_choice(setting_label(config, config.settings[index]), True)]
    if is_counted and len(config.settings) > 1:
        pieces.append((f" {index + 1} of {grouped(len(config.settings))}", Ink.MUTED))
    return pieces


def _kind(config: ExperimentConfig, *, in_words: bool = False) -> Pieces:
    """What the settings are values of: symbols, of which that of a sweep may be said in words."""
    *symbols, last = (part.symbol for part in setting_parts(config, config.settings[0]))
    kind = ", ".join([*symbols, _meaning(config) if in_words and _meaning(config) else last])
    return [(f"{kind} ", Ink.MUTED)] if kind else []


def _swept(config: ExperimentConfig) -> Pieces:
    """What the symbol of a swept quantity stands for."""
    meaning = _meaning(config)
    return [(f" ({meaning})", Ink.MUTED)] if meaning else []


def _meaning(config: ExperimentConfig) -> str:
    """The same in words alone; empty if there is no such symbol."""
    is_swept = config.has_lanes and len(config.sweep_values) > 1 and config.sweep != INSTANCE
    return sweep_named(config.sweep).factor_of if is_swept else ""


def _job(config: ExperimentConfig) -> Pieces:
    """What is trained instead of lanes, such as a diagram of so many cells."""
    title = job_of(config).record_type.title
    rows, columns = len(config.sweep_values), len(config.sparsities)
    cells = f" of {columns} × {rows} cells" if rows else ""
    return [(title + cells, Ink.TEXT)]


def _rank(status: Status, *, in_words: bool) -> Pieces:
    """Which restart of the setting is in focus, if there are several."""
    rank, restarts = status.focus.rank, status.config.restarts
    if restarts == 1 or not status.config.has_lanes:
        return []
    best = " (best by loss)"
    of = f"restart {rank + 1:>{len(str(restarts))}} of {restarts}"
    ranked = best if rank == 0 else " " * len(best)
    return [(of + ranked if in_words else of, Ink.TEXT)]


def _choice(text: str, chosen: bool) -> Pieces:
    if chosen:
        return [(RIGHT_HALF, Ink.ACCENT), (text, Ink.ACCENT), (LEFT_HALF, Ink.ACCENT)]
    return [(f" {text} ", Ink.MUTED)]


def _names(status: Status) -> Iterator[Pieces]:
    """What the run is called, and the way back to another if there is one; then fewer words."""
    if status.back is None:
        yield from _own_names(status)
        return
    key, name = status.back
    back: Pieces = [(key, Ink.ACCENT), (f" back to {cut(name, NAME_WIDTH)}", Ink.TEXT)]
    for own in _own_names(status):
        yield [*own, *DOT, *back]
    yield back


def _own_names(status: Status) -> Iterator[Pieces]:
    """What the run is called, from all that names it to its name alone."""
    config, unknown = status.config, status.unknown
    is_weights = TRAINING in unknown
    name = config.name if is_weights else status.run or config.name
    kind = "weights" if is_weights else "run" if status.run else "experiment"
    called: Pieces = [(f"{kind} ", Ink.MUTED), (name, Ink.TEXT)]
    seed: Pieces = [] if "seed" in unknown else [(f" · seed {config.seed}", Ink.MUTED)]
    of_run: Pieces = []
    if name != config.name:
        of_run = [(" · experiment ", Ink.MUTED), (config.name, Ink.TEXT)]
    sparsity = shared_sparsity(config)
    if config.has_lanes and SPARSITY not in unknown and sparsity is not None:
        yield [(f"S {sparsity_text(sparsity)}   ", Ink.MUTED), *called, *of_run, *seed]
    yield [*called, *of_run, *seed]
    yield [*called, *seed]
    yield [(name, Ink.TEXT), *seed]
    yield [(cut(name, NAME_WIDTH), Ink.TEXT)]
