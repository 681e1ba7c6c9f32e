"""Checks of shapes: how the features of a lane are arranged."""

import numpy as np

from superpos_core.experiments.checks.check import Check, Observation
from superpos_core.experiments.checks.lanes import MAX_NORM, at_text, trained_at
from superpos_core.geometry.components import geometry_of
from superpos_core.record.lanes import LanesRecord


def geometry_at(
    *texts: str,
    model: str = "tied",
    sparsity: float,
    swept: float | None = None,
    ignored: tuple[int, ...] | None = None,
) -> Check[LanesRecord]:
    """That ``Geometry.text`` is one of ``texts``.

    Angles alone do not make a solution: no feature may be longer than ``MAX_NORM``. If ``ignored``
    is given, exactly those features must be ignored.
    """

    def observe(run: LanesRecord) -> Observation:
        trained = trained_at(run, model, sparsity, swept)
        geometry = geometry_of(trained.vectors)
        longest = float(np.max(trained.norms))
        passed = geometry.text in texts and longest <= MAX_NORM
        seen = (
            geometry.text if longest <= MAX_NORM else f"{geometry.text}, ‖W_i‖ up to {longest:.1f}"
        )
        if ignored is None:
            return Observation(seen, passed)
        return Observation(
            seen + _indices_text(geometry.ignored), passed and geometry.ignored == ignored
        )

    name = f"geometry, {model} {at_text(sparsity, swept)}"
    which = "" if ignored is None else _indices_text(ignored)
    return Check(
        name, f"{' or '.join(texts)}{which}, ‖W_i‖ at most {MAX_NORM:g}", LanesRecord, observe
    )


def _indices_text(features: tuple[int, ...]) -> str:
    """Such as " (2, 3, 4)"; empty for no features."""
    return f" ({', '.join(map(str, features))})" if features else ""
