"""Opens the instrument in this terminal, with the choices of last time where none were made."""

import os
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

import click

from superpos_core.errors import InvalidValue
from superpos_core.experiments import DEFAULT_EXPERIMENT, EXPERIMENTS
from superpos_core.training.pacing import PACES
from superpos_tui.command_line.config_file import InvalidPreset
from superpos_tui.command_line.request import Request
from superpos_tui.process.environment import choose_colours, prepare_for_textual
from superpos_tui.process.interpreter import collect_nothing
from superpos_tui.process.terminal import terminal_problem
from superpos_tui.settings.remembered import NOTHING, Memory, Remembered
from superpos_tui.views.registry import can_show

if TYPE_CHECKING:
    from superpos_core.training.journal import Journal


def show(request: Request, preset: Collection[str], bindings: Mapping[str, Collection[str]]) -> int:
    """Open the instrument and return its exit code.

    ``preset`` names the options that were set, but not typed; ``bindings`` are other names of keys,
    by their ids. Raises ``click.UsageError`` if this terminal cannot show it.
    """
    problem = terminal_problem(os.environ)
    if problem is not None:
        raise click.UsageError(problem)
    try:
        prepare_for_textual(os.environ)
    except InvalidValue as error:
        raise InvalidPreset("", error) from None
    choose_colours(request.colour, os.environ)
    collect_nothing()  # until there is a screen
    from superpos_tui.command_line.run import run
    from superpos_tui.settings.start import DEFAULT_PACE, Settings

    memory = Memory.of_user()
    remembered, notice = (NOTHING, "") if memory is None else memory.recall()
    is_first_start = memory is not None and remembered.card is None and is_default(request)
    remembered = without_chosen(request, remembered)
    settings = Settings(
        trial=request.trials[0],
        make_engine=request.engine.make,
        engine=request.engine,
        frames_per_second=request.frames_per_second,
        theme=remembered.theme or request.theme,
        ascii=request.ascii,
        pace=PACES[remembered.pace or request.pace or DEFAULT_PACE],
        view=remembered.view or request.view,
        focus=request.focus,
        formats=request.formats,
        film_width=request.film_width,
        memory=memory,
        preset=frozenset(preset),
        bindings=bindings,
        is_first_start=is_first_start,
        notice=notice,
        source=request.source,
        listed=request.runs,
        journal=_journal_of(request),
        checkpoint=request.checkpoint,
    )
    return run(settings)


def _journal_of(request: Request) -> "Journal | None":
    """What keeps the run, if it is to be kept."""
    if request.run is None:
        return None
    from superpos_core.files.runs.writer import RunWriter

    resumes = request.checkpoint is not None
    return RunWriter(request.run, resumes=resumes, overwrite=request.overwrite)


def is_default(request: Request) -> bool:
    """Whether the default experiment is trained as it is: whoever asks for that may be new here."""
    is_trained = request.source is None and request.runs is None and request.checkpoint is None
    return is_trained and request.trials[0].config == EXPERIMENTS[DEFAULT_EXPERIMENT].config


def without_chosen(request: Request, remembered: Remembered) -> Remembered:
    """What counts of the choices of last time: the view only if it suits what is opened."""
    view = remembered.view
    if view is not None:
        counts = request.may_open_last_view and can_show(view, request.trials[0])
        view = view if counts else None
    return Remembered(
        theme=None if request.theme else remembered.theme,
        pace=None if request.pace else remembered.pace,
        view=view,
    )
