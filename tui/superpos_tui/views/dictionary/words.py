"""Latents and features of a dictionary in words."""

import numpy as np

from superpos_core.analysis.dictionaries.duplicates import NO_LATENT
from superpos_core.analysis.dictionaries.matching import RECOVERED_COSINE
from superpos_core.ticks import with_minus
from superpos_tui.drawing.numbers import hundredths
from superpos_tui.drawing.text_lines import longest_within
from superpos_tui.measures.dictionaries import (
    best_cosines,
    cosines,
    duplicates,
    is_recovered,
    mixture,
    score,
)
from superpos_tui.scene import Scene
from superpos_tui.views.dictionary.state import DictionaryState

SEPARATOR = " · "
LEAST_COSINE = 0.1
"""Below this |cosine| a latent has nothing to do with a feature."""
MOST_LATENTS = 3
"""Maximum number of latents that are named for a feature."""


def read_latent(scene: Scene, latent: int) -> str:
    """Such as ``latent 3: 0.71 of feature 1 + 0.71 of feature 0 · active in 5.0 % of rows``."""
    return f"latent {latent}: {mixed(scene, latent)}{SEPARATOR}{activity(scene, latent)}"


def mixed(scene: Scene, latent: int, of: str = " of feature ") -> str:
    """Such as ``0.71 of feature 1 + 0.71 of feature 0``, the largest first."""
    found = scene.of(mixture, latent)
    if not found.features:
        return "no feature"
    text = ""
    for feature, coefficient in zip(found.features, found.coefficients, strict=True):
        sign = (" − " if coefficient < 0 else " + ") if text else ("−" if coefficient < 0 else "")
        text += f"{sign}{abs(coefficient):.2f}{of}{feature}"
    return text if found.cosine >= RECOVERED_COSINE else f"{text} + other"


def activity(scene: Scene, latent: int) -> str:
    """How often a latent is active, and which other one it duplicates, if it does."""
    share = float(scene.of(score).activity.of_latents[latent])
    if not share:
        return "dead"
    other = int(scene.of(duplicates)[latent])
    duplicated = "" if other == NO_LATENT else f"{SEPARATOR}duplicate of latent {other}"
    return f"active in {share:.1%} of rows{duplicated}"


def read_feature(scene: Scene, feature: int, most: int = MOST_LATENTS) -> str:
    """Such as ``feature 1: latent 3 (0.99) · recovered``, with at most so many latents."""
    row = scene.of(cosines)[feature]
    sizes = np.abs(np.nan_to_num(row))
    order = np.argsort(-sizes, kind="stable")[:most]
    named = [
        f"{latent} ({_cosine(row[latent])})" for latent in order if sizes[latent] >= LEAST_COSINE
    ]
    if most and not named:
        return f"feature {feature}: no latent"
    verdict = "recovered" if scene.of(is_recovered)[feature] else "not recovered"
    latents = f"latent {', '.join(named)}{SEPARATOR}" if named else ""
    return f"feature {feature}: {latents}{verdict}"


def read_entry(scene: Scene, feature: int, latent: int) -> str:
    """The cosine of a latent with a feature, and what else the latent mixes."""
    cosine = _cosine(scene.of(cosines)[feature, latent])
    return (
        f"cos(feature {feature}, latent {latent}) = {cosine}{SEPARATOR}{read_latent(scene, latent)}"
    )


def read_selected(scene: Scene, columns: int) -> str:
    """The selected latent and the selected feature, in so many columns; empty if neither is.

    In few columns feature 7 is ``·7``, fewer latents are named, and at last none; nor is it said
    how often this one is active.
    """
    latent, cursor = scene.options.of(DictionaryState).latent, scene.options.cursor
    of_latent, of_feature = [""] * 5, [""] * 5
    if latent is not None:
        short = f"latent {latent}: {mixed(scene, latent, of='·')}"
        with_activity = f"{short}{SEPARATOR}{activity(scene, latent)}"
        of_latent = [read_latent(scene, latent), with_activity, with_activity, short, short]
    if cursor is not None:
        named = [MOST_LATENTS, MOST_LATENTS, 1, 1, 0]
        of_feature = [read_feature(scene, cursor.feature, most) for most in named]
    lines = ("   ".join(filter(None, both)) for both in zip(of_latent, of_feature, strict=True))
    return longest_within(columns, *lines)


def best_latent(scene: Scene, feature: int) -> int:
    """The latent with the largest |cosine| with a feature."""
    return int(scene.of(best_cosines)[1][feature])


def nearest_feature(scene: Scene, latent: int) -> int:
    """The feature with the largest |cosine| with a latent."""
    return int(np.abs(np.nan_to_num(scene.of(cosines)[:, latent])).argmax())


def _cosine(value: float) -> str:
    """Two decimals; one more where they would read as recovered, and it is not."""
    size = abs(float(value))
    if size < RECOVERED_COSINE <= round(size, 2):
        return with_minus(f"{value:.3f}")
    return hundredths(float(value)).strip()
