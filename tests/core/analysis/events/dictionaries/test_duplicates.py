"""Latents that begin to repeat others, and cease to."""

import numpy as np
from tests.core.analysis.events.dictionaries.planted import found_in, planted, texts

from superpos_core.arrays import FloatArray

APART, TOGETHER = np.eye(4)[[0, 1, 2, 3]], np.eye(4)[[0, 1, 1, 3]]
BEGINS, ENDS = "latent 2 duplicates latent 1", "latent 2 is no duplicate any more"


def moments(*decoders: FloatArray, silent: tuple[int, ...] = ()) -> list[tuple[int, str]]:
    record = planted(list(decoders), [silent] * len(decoders))
    return texts(record, "duplicate")


def test_a_latent_becomes_a_duplicate_and_is_none_any_more() -> None:
    assert moments(APART, TOGETHER, TOGETHER, TOGETHER, APART, APART) == [(1, BEGINS), (4, ENDS)]
    event = next(
        each for each in found_in(planted([APART, TOGETHER, TOGETHER])) if each.kind == "duplicate"
    )
    assert (event.feature, event.latent) == (None, 2)


def test_one_moment_alone_is_no_event() -> None:
    assert moments(APART, TOGETHER, APART, APART) == []
    assert moments(APART, APART, TOGETHER) == []


def test_a_dead_latent_repeats_nothing() -> None:
    assert moments(APART, TOGETHER, TOGETHER, silent=(2,)) == []


def test_opposite_latents_are_no_duplicates() -> None:
    opposite = np.eye(4)[[0, 1, 1, 3]] * np.array([1, 1, -1, 1])[:, None]
    assert moments(APART, opposite, opposite) == []
