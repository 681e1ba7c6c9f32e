"""Header sentences shared by several figures: each note begins with a space, or is empty."""

from collections.abc import Iterable

import numpy as np

from superpos_core.figures.tools.provenance import NO_BREAK
from superpos_core.record.record import Record
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.grid import Grid
from superpos_core.task.lanes import HIDDEN
from superpos_core.task.models import model_named


def model_title(subject: str, model: str) -> str:
    """A figure's subject, and the model with its formula."""
    return f"{subject} — {model}, {unbroken(model_named(model).formula)}"


def matrix_name(model: str) -> str:
    """The name of the matrix whose rows are the feature vectors: W, or V beside a free W₂."""
    return model_named(model).vectors_name


def vectors_note(model: str) -> str:
    """The definition of V, if the scale of W₁ is free."""
    if model_named(model).tied:
        return ""
    if model_named(model).hidden_activation == "identity":
        square = model_named(model)
        return f" Vᵢ: feature i in the product {square.product}, of norm √{square.diagonal}ᵢᵢ."
    return f" Vᵢ: feature i in G = {model_named(model).product}, of norm √Gᵢᵢ."


def added_note(models: Iterable[str]) -> str:
    """What row i, column j of these models' ``product`` is, and of which inputs it is true.

    Behind a hidden ReLU features do not add up.
    """
    what = "what input feature i adds to output j"
    conditions = {model: _condition(model) for model in models}
    if len(set(conditions.values())) == 1:
        return f"{what}{next(iter(conditions.values()))}"
    named = [f"{model}:{condition}" for model, condition in conditions.items() if condition]
    return f"{what} ({'; '.join(named)})"


def _condition(model: str) -> str:
    if model_named(model).hidden_activation == "identity":
        return ""
    if model_named(model).target == "absolute":
        return " when it alone is active, the mean of xᵢ = 1 and xᵢ = −1"
    return " when it alone is active, at xᵢ = 1"


def best_note(grid: Grid) -> str:
    """The choice of lane, if a setting has several."""
    return "" if grid.restarts == 1 else " Best of several seeds by loss."


def some_note(shown: int, all_of_them: int, what: str = "settings") -> str:
    """The number of settings, or of something else, that are drawn, if not all are."""
    return "" if shown == all_of_them else f" {shown:,} of {all_of_them:,} {what} are drawn."


def some_sizes_note(shown: int, config: ExperimentConfig, which: str) -> str:
    """The same for a figure that draws some m only, such as those ``up to 3``."""
    note = some_note(shown, len(config.settings))
    return f"{note[:-1]}, all with m {which}." if note and config.sweep == HIDDEN else note


def importance_note(record: Record) -> str:
    """The order of the features by importance; nothing if it is not known."""
    if "importance" in record.unknown:
        return ""
    config = record.config
    scaled = _scaled_importance(config)
    if config.importance == 1:
        if scaled:
            return f" Feature {config.features - 1} is {scaled} times as important as the others."
        return " All features are equally important."
    first = "most" if config.importance < 1 else "least"
    last = f"; the importance of the last is scaled by {scaled}" if scaled else ""
    return f" Feature 0 is the {first} important{last}."


def _scaled_importance(config: ExperimentConfig) -> str:
    """What the last feature's importance is scaled by, such as 2 or 0.1 … 10; "" if by nothing."""
    lanes = config.lanes_of(config.models[0])[:: config.restarts]
    own = config.feature_importance
    if all(np.array_equal(config.importance_of(lane), own) for lane in lanes):
        return ""
    factors = [lane.swept for lane in lanes if lane.swept is not None]
    return " … ".join(dict.fromkeys(f"{factor:.3g}" for factor in (min(factors), max(factors))))


def listed(text: str) -> str:
    """A list such as "2 digons · 1 ignored", wrapped only between its entries."""
    return unbroken(text).replace(f"·{NO_BREAK}", "· ")


def unbroken(text: str) -> str:
    """A text that stays on one line."""
    return text.replace(" ", NO_BREAK)
