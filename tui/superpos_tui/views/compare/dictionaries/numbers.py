"""The numbers of the panels with two dictionaries."""

from superpos_tui.measures.dictionaries import best_cosines, is_recovered
from superpos_tui.scene import Scene
from superpos_tui.views.compare.dictionaries.rows import ROWS
from superpos_tui.views.compare.measures import sides_of, smoothed_losses
from superpos_tui.views.numbers import Numbers


def both_totals(scene: Scene) -> Numbers:
    """One row per number of the table, with its value in both."""
    (word, reference), (_, now) = sides_of(scene)
    rows = [[row.name, row.value(reference), row.value(now)] for row in ROWS]
    return Numbers(("measure", word, "now"), rows)


def recovery(scene: Scene) -> Numbers:
    """One row per feature of each dictionary: its best |cosine|, its latent, if it is recovered."""
    rows = [
        [lane, feature, cosine, int(latent), int(recovered)]
        for lane, side in sides_of(scene)
        for feature, (cosine, latent, recovered) in enumerate(
            zip(*side.of(best_cosines), side.of(is_recovered), strict=True)
        )
    ]
    return Numbers(("dictionary", "feature", "best_cosine", "best_latent", "recovered"), rows)


def errors(scene: Scene) -> Numbers:
    """One row per kept step of each dictionary: its smoothed error."""
    rows = [
        [lane, int(step), error]
        for lane, side in sides_of(scene)
        for step, error in zip(*side.of(smoothed_losses), strict=True)
    ]
    return Numbers(("dictionary", "step", "error"), rows)
