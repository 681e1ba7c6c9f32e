"""The numbers that are shown of both dictionaries."""

import numpy as np

from superpos_core.analysis.dictionaries.matching import RECOVERED_COSINE
from superpos_tui.drawing.numbers import fixed, short_loss, signed
from superpos_tui.measures.dictionaries import (
    error_over_truth,
    is_recovered,
    matching,
    score,
)
from superpos_tui.scene import Scene
from superpos_tui.views.compare.texts import Row


def _mcc(scene: Scene) -> float:
    return scene.of(matching).mcc


def _mean_max_cosine(scene: Scene) -> float:
    return scene.of(score).mean_max_cosine_of_features


def _recovered(scene: Scene) -> float:
    return float(scene.of(is_recovered).sum())


def _dead(scene: Scene) -> float:
    return float(scene.of(score).activity.is_dead.sum())


def _duplicates(scene: Scene) -> float:
    return float(scene.of(score).is_duplicate.sum())


def _l0(scene: Scene) -> float:
    return scene.of(score).activity.l0


def _true_l0(scene: Scene) -> float:
    return scene.of(score).activity.true_l0


def _error(scene: Scene) -> float:
    return scene.of(score).reconstruction.error


def _of_truth(scene: Scene) -> float:
    return scene.of(error_over_truth)


def _plain(value: float, decimals: int) -> str:
    return fixed(value, decimals + 6, decimals).strip()


ROWS = (
    Row(
        "MCC",
        "MCC: the mean |cosine| of features and the latents matched with them, one to one",
        _mcc,
        lambda scene: _plain(_mcc(scene), 3),
        "{:+.3f}".format,
    ),
    Row(
        "mean max cos",
        "mean max cosine: the mean over features of the largest |cosine| with any latent",
        _mean_max_cosine,
        lambda scene: _plain(_mean_max_cosine(scene), 3),
        "{:+.3f}".format,
    ),
    Row(
        "recovered",
        f"features with a latent of their own, of |cosine| ≥ {RECOVERED_COSINE:g}",
        _recovered,
        lambda scene: f"{_recovered(scene):.0f} of {scene.config.features}",
        "{:+.0f}".format,
    ),
    Row(
        "dead",
        "latents that are active on no row",
        _dead,
        lambda scene: f"{_dead(scene):.0f} of {scene.config.latents}",
        "{:+.0f}".format,
    ),
    Row(
        "duplicates",
        "active latents that lie along a feature which another latent has already",
        _duplicates,
        lambda scene: f"{_duplicates(scene):.0f} of {scene.config.latents}",
        "{:+.0f}".format,
    ),
    Row(
        "L0",
        "L0: active latents per row, beside the active features per row",
        _l0,
        lambda scene: f"{_plain(_l0(scene), 2)}, true {_plain(_true_l0(scene), 2)}",
        signed,
    ),
    Row(
        "error",
        "the reconstruction error E‖h − ĥ‖², summed over dimensions, without the penalty",
        _error,
        lambda scene: short_loss(_error(scene)).strip(),
        "{:+.1e}".format,
    ),
    Row(
        "× truth's",
        "the error as a multiple of that of the true directions with as many active",
        _of_truth,
        lambda scene: _plain(_of_truth(scene), 2) if np.isfinite(_of_truth(scene)) else "truth ≈ 0",
        signed,
    ),
)
