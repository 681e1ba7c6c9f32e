"""The numbers of a dictionary in two rows: what it found, and how sparse and exact it is."""

import math

from superpos_core.analysis.dictionaries.score import DictionaryScore
from superpos_tui.drawing.cells import Cells
from superpos_tui.drawing.numbers import fixed, short_loss
from superpos_tui.drawing.palette import Ink
from superpos_tui.drawing.text_lines import longest_within
from superpos_tui.measures.dictionaries import error_over_truth, score
from superpos_tui.scene import Scene


def write_totals(cells: Cells, y: int, scene: Scene) -> None:
    """Write them from row ``y`` on, in a width that stays while it trains."""
    found = scene.of(score)
    for row, text in enumerate(
        (_found(scene, found, cells.width), _cost(scene, found, cells.width))
    ):
        cells.write(0, y + row, text, Ink.TEXT)


def _found(scene: Scene, found: DictionaryScore, width: int) -> str:
    """Such as ``MCC 0.981 · 4 of 5 features recovered · of 5 latents 1 dead, 0 duplicate``."""
    n, latents = scene.config.features, scene.config.latents
    recovered = f"{int(found.is_recovered.sum()):>{len(str(n))}} of {n}"
    digits = len(str(latents))
    dead = f"{int(found.activity.is_dead.sum()):>{digits}}"
    duplicate = f"{int(found.is_duplicate.sum()):>{digits}}"
    of_latents = f"of {latents} latent{'s' * (latents != 1)}"
    mcc, wasted = f"MCC {fixed(found.mcc, 5, 3)}", f"{dead} dead, {duplicate} duplicate"
    return longest_within(
        width,
        f"{mcc} · {recovered} features recovered · {of_latents} {wasted}",
        f"{mcc} · recovered {recovered} · {of_latents} {wasted}",
        f"{mcc} · recovered {recovered} · dead {dead} of {latents}",
        f"{mcc} · {recovered} found · {dead} dead",
        f"{mcc} · {recovered}",
    )


def _cost(scene: Scene, found: DictionaryScore, width: int) -> str:
    """Such as ``on fresh rows: L0 1.02, true 1.00 · error 3.1e−03, 1.04 × truth's``."""
    l0, true_l0 = (
        fixed(value, 5, 2).strip() for value in (found.activity.l0, found.activity.true_l0)
    )
    ratio = scene.of(error_over_truth)
    times = f"{ratio:.2f} × truth's" if math.isfinite(ratio) else "truth's ≈ 0"
    both = f"error {short_loss(found.reconstruction.error).strip()}, {times}"
    return longest_within(
        width,
        f"on fresh rows: L0 {l0}, true {true_l0} active features · {both}",
        f"on fresh rows: L0 {l0}, true {true_l0} · {both}",
        f"fresh rows: L0 {l0}, true {true_l0} · {both}",
        f"L0 {l0}, true {true_l0} · {both}",
        f"L0 {l0}, true {true_l0} · {times}",
        f"L0 {l0}, true {true_l0}",
    )
