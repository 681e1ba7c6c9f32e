"""The numbers of the panels with two dictionaries."""

from superpos_tui.measures.dictionaries import best_cosines, is_recovered
from superpos_tui.scene import Scene
from superpos_tui.views.compare.dictionaries.measures import both_errors
from superpos_tui.views.compare.dictionaries.rows import ROWS
from superpos_tui.views.compare.measures import reference_scene, reference_word
from superpos_tui.views.numbers import Numbers


def both_totals(scene: Scene) -> Numbers:
    """One row per number of the table, with its value in both."""
    reference = scene.of(reference_scene)
    rows = [[row.name, row.value(reference), row.value(scene)] for row in ROWS]
    return Numbers(("measure", reference_word(scene), "now"), rows)


def recovery(scene: Scene) -> Numbers:
    """One row per feature of each dictionary: its best |cosine|, its latent, if it is recovered."""
    rows = [
        [lane, feature, cosine, int(latent), int(recovered)]
        for lane, side in _both(scene)
        for feature, (cosine, latent, recovered) in enumerate(
            zip(*side.of(best_cosines), side.of(is_recovered), strict=True)
        )
    ]
    return Numbers(("dictionary", "feature", "best_cosine", "best_latent", "recovered"), rows)


def errors(scene: Scene) -> Numbers:
    """One row per kept step of each dictionary: its smoothed error."""
    rows = [
        [lane, int(step), error]
        for (lane, _), (steps, errors) in zip(_both(scene), scene.of(both_errors), strict=True)
        for step, error in zip(steps, errors, strict=True)
    ]
    return Numbers(("dictionary", "step", "error"), rows)


def _both(scene: Scene) -> list[tuple[str, Scene]]:
    return [(reference_word(scene), scene.of(reference_scene)), ("now", scene)]
