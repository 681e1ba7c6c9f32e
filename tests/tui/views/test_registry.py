"""The registry of views, and look-ups in it."""

import pytest

from superpos_core.experiments import EXPERIMENTS
from superpos_core.figures.registry import FIGURES
from superpos_tui.views.registry import VIEWS, view_of_experiment, view_of_figure

OPENS_IN = {
    "live": ["twenty", "closed-outputs", "open-outputs", "local-bases"],
    "sweep": ["l1"],
    "geometry": ["intro", "windmill-5", "windmill-8", "pentagon", "correlated", "anticorrelated",
                 "hexagon", "collapse", "geometry-dynamics", "k-gons", "k-gons-7", "k-gons-8",
                 "double-descent"],
    "dimensionality": ["uniform", "energy-levels"],
    "weights": ["privileged-basis", "absolute-value-small", "absolute-value"],
    "probe": ["adversarial"],
    "compare": ["demonstration", "demonstration-large", "two-conditions"],
    "phase": ["phase", "phase-3"],
    "dictionary": ["arena-dictionary", "absorption", "hedging", "wrong-l0", "dictionary-zoo"],
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "view"), [(name, view) for view, names in OPENS_IN.items() for name in names]
)
def test_an_experiment_opens_in_the_counterpart_of_its_main_figure(name: str, view: str) -> None:
    assert view_of_experiment(EXPERIMENTS[name]).name == view


def test_no_figure_has_two_counterparts_and_all_of_them_exist() -> None:
    claimed = [figure for view in VIEWS.values() for figure in view.figures]
    assert len(set(claimed)) == len(claimed)
    assert {*claimed, *(view.film for view in VIEWS.values())} <= set(FIGURES)


def test_a_figure_without_a_counterpart_leads_to_the_first_view() -> None:
    assert view_of_figure("loss") is next(iter(VIEWS.values()))


def test_panel_names_are_unique() -> None:
    names = [name for view in VIEWS.values() for name in view.panels]
    assert len(set(names)) == len(names)
