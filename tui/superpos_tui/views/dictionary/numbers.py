"""The numbers of the dictionary view as tables."""

import numpy as np

from superpos_core.record.dictionaries import DictionaryRecord
from superpos_tui.measures.dictionaries import (
    best_cosines,
    cosines,
    is_recovered,
    latent_order,
    matching,
    score,
)
from superpos_tui.scene import Scene
from superpos_tui.views.dictionary.words import mixed
from superpos_tui.views.numbers import Numbers, by_column, check_copyable, with_index


def cosines_of_pairs(scene: Scene) -> Numbers:
    """One row per feature: its cosine with each latent, by the numbers of latents."""
    return with_index("feature", {"cosine": scene.of(cosines)})


def recovery(scene: Scene) -> Numbers:
    """One row per feature: its best |cosine|, its latent, and how well that detects it."""
    best, latent = scene.of(best_cosines)
    found = scene.of(score)
    return with_index(
        "feature",
        {
            "best_cosine": best,
            "best_latent": latent,
            "matched_latent": scene.of(matching).latent_of,
            "matched_cosine": scene.of(matching).cosines,
            "recovered": scene.of(is_recovered).astype(int),
            "precision": found.precision,
            "recall": found.recall,
        },
    )


def latents(scene: Scene) -> Numbers:
    """One row per latent in matched order: what it mixes, and how active it is."""
    found = scene.of(score)
    check_copyable(6 * scene.config.latents)
    lengths = np.linalg.norm(scene.parameters.decoder, axis=1)
    rows = [
        [
            int(latent),
            mixed(scene, int(latent)),
            found.activity.of_latents[latent],
            found.mean_activations[latent],
            lengths[latent],
        ]
        for latent in scene.of(latent_order)
    ]
    return Numbers(("latent", "mixes", "active", "mean_activation", "length"), rows)


def curves(scene: Scene) -> Numbers:
    """One row per kept step: the loss and L0 of the lane in focus."""
    group = scene.snapshot.record_as(DictionaryRecord).cohorts[scene.focus.model]
    losses, active = group.losses, group.active
    return by_column(
        step=losses.steps.tolist(),
        loss=losses.mean[scene.lane_index],
        l0=active.mean[scene.lane_index],
    )
