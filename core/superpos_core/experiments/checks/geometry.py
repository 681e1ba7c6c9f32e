"""Checks of shapes: how the features of a lane lie."""

import numpy as np

from superpos_core.experiments.checks.check import Check, Seen
from superpos_core.experiments.checks.lanes import LONGEST, at_text, trained_at
from superpos_core.geometry.components import geometry_of
from superpos_core.record.lanes import LanesRecord


def geometry_at(
    *texts: str,
    model: str = "tied",
    sparsity: float,
    swept: float | None = None,
    ignored: tuple[int, ...] | None = None,
) -> Check[LanesRecord]:
    """That the features lie as one of ``texts`` says, in the words of ``Geometry.text``.

    Angles alone do not make a solution: no feature may be longer than ``LONGEST``. Where they are
    given, exactly the features ``ignored`` are.
    """

    def look(run: LanesRecord) -> Seen:
        trained = trained_at(run, model, sparsity, swept)
        geometry = geometry_of(trained.vectors)
        longest = float(np.max(trained.norms))
        passed = geometry.text in texts and longest <= LONGEST
        seen = (
            geometry.text if longest <= LONGEST else f"{geometry.text}, ‖W_i‖ up to {longest:.1f}"
        )
        if ignored is None:
            return Seen(seen, passed)
        return Seen(
            seen + _which_are_ignored(geometry.ignored), passed and geometry.ignored == ignored
        )

    name = f"geometry, {model} {at_text(sparsity, swept)}"
    which = "" if ignored is None else _which_are_ignored(ignored)
    return Check(name, f"{' or '.join(texts)}{which}, ‖W_i‖ at most {LONGEST:g}", LanesRecord, look)


def _which_are_ignored(features: tuple[int, ...]) -> str:
    """Such as " (2, 3, 4)"; nothing where no feature is ignored."""
    return f" ({', '.join(map(str, features))})" if features else ""
