"""The views, in the order of their keys. To add one, add its folder and a line here."""

from typing import TYPE_CHECKING

from superpos_core.experiments import Experiment, Trial
from superpos_core.record.record import Record
from superpos_core.task.config import LANES
from superpos_tui.views.compare import view as compare
from superpos_tui.views.dictionary import view as dictionary
from superpos_tui.views.dimensionality import view as dimensionality
from superpos_tui.views.geometry import view as geometry
from superpos_tui.views.live import view as live
from superpos_tui.views.phase import view as phase
from superpos_tui.views.probe import view as probe
from superpos_tui.views.sweep import view as sweep
from superpos_tui.views.view import View
from superpos_tui.views.weights import view as weights

if TYPE_CHECKING:
    from superpos_tui.selection import ViewState


VIEWS: dict[str, View] = {
    view.name: view
    for view in (
        live.VIEW,
        sweep.VIEW,
        geometry.VIEW,
        dimensionality.VIEW,
        weights.VIEW,
        probe.VIEW,
        compare.VIEW,
        phase.VIEW,
        dictionary.VIEW,
    )
}


def state_kinds() -> set[type["ViewState"]]:
    """The kinds of state that the keys and clicks of views change."""
    return {kind for view in VIEWS.values() for kind in view.load_states()}


def view_of_figure(figure: str) -> View:
    """The view that is the live counterpart of a figure; the first view if there is none."""
    views = list(VIEWS.values())
    return next((view for view in views if figure in view.figures), views[0])


def counterpart_of(figure: str) -> str:
    """The name of that view."""
    return view_of_figure(figure).name


def kept_in(view: str) -> type[Record] | None:
    """The kind of record that a view, by name, keeps showing while others train."""
    return VIEWS[view].keeps


def view_of_record(kind: type[Record]) -> View | None:
    """The first view whose front panel is for this kind of record; ``None`` if there is none."""
    for view in VIEWS.values():
        if next(iter(view.panels.values())).takes is kind:
            return view
    return None


def can_show(view: str, trial: Trial) -> bool:
    """Whether a view, by name, shows the kind of record that a run produces."""
    from superpos_core.training.jobs import job_of  # which --help does without

    return VIEWS[view].shows(job_of(trial.config).record_type)


def view_of_trial(trial: Trial) -> View:
    """The view in which a run opens: that of its experiment, or of its kind."""
    experiment, kind = trial.experiment, trial.config.kind
    if kind != LANES and (experiment is None or experiment.config.kind != kind):
        from superpos_core.training.jobs import job_of  # which --help does without

        return view_of_record(job_of(trial.config).record_type) or view_of_experiment(None)
    return view_of_experiment(experiment)


def view_of_experiment(experiment: Experiment | None) -> View:
    """The view in which an experiment opens: that of its main figure; the first for none."""
    if experiment is None:
        return next(iter(VIEWS.values()))
    return view_of_figure(experiment.main_figure)
