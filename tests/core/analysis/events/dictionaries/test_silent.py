"""Latents that die, are active again, or start again."""

import numpy as np
from tests.core.analysis.events.dictionaries.planted import found_in, planted, texts

KINDS = ("dead", "alive", "resampled")
DIES, AGAIN = "latent 2 dies: it is active on no row", "latent 2 is active again"
ANEW = "latent 2 is resampled in a new direction"


def moments(*silent: list[int]) -> list[tuple[int, str]]:
    return texts(planted([np.eye(4)] * len(silent), silent), *KINDS)


def test_a_latent_dies_and_is_active_again() -> None:
    assert moments([], [2], [2], [2], [], []) == [(1, DIES), (4, AGAIN)]
    (died, _) = found_in(planted([np.eye(4)] * 5, [[], [2], [2], [], []]))[:2]
    assert (died.feature, died.latent) == (None, 2)


def test_one_moment_alone_is_no_event() -> None:
    assert moments([], [2], [], []) == []
    assert moments([2], [2], [], [2], [2]) == []


def test_the_newest_moment_waits_for_the_next_one() -> None:
    assert moments([], [], [2]) == []
    assert moments([], [], [2], [2]) == [(2, DIES)]


def test_what_is_silent_from_the_start_has_not_died() -> None:
    assert moments([2], [2], [2]) == []
    assert moments([2], [2], [], []) == [(2, AGAIN)]


def turned_anew(moment: int, silent: bool = True) -> list[tuple[int, str]]:
    """Latent 2 has another direction from a moment on; latents start again every 25 steps."""
    decoders = [np.eye(4) for _ in range(5)]
    for each in decoders[moment:]:
        each[2] = [0.6, 0.8, 0, 0]
    record = planted(
        decoders,
        [[2] if silent and index < moment else [] for index in range(5)],
        steps=[0, 10, 20, 30, 40],
        resample_every=25,
    )
    return texts(record, *KINDS)


def test_a_silent_latent_starts_again_where_the_schedule_says_so() -> None:
    assert turned_anew(3) == [(30, ANEW)]
    assert turned_anew(2) == [(20, AGAIN)], "no latent starts again between steps 10 and 20"
    assert turned_anew(3, silent=False) == [], "only silent latents do"


def test_without_a_new_direction_none_has_started_again() -> None:
    silent = [[2], [2], [2], [], []]
    record = planted([np.eye(4)] * 5, silent, steps=[0, 10, 20, 30, 40], resample_every=25)
    assert texts(record, *KINDS) == [(30, AGAIN)]


def test_the_step_of_resampling_belongs_to_the_moment_after_it() -> None:
    """Before step 25, counted from 0: the weights of moment 25 are from before."""
    decoders = [np.eye(4) for _ in range(3)]
    decoders[2][2] = [0.6, 0.8, 0, 0]
    silent = [[2], [2], [2]]
    for steps, found in (([0, 25, 26], [(26, ANEW)]), ([0, 24, 25], [])):
        record = planted(decoders, silent, steps=steps, resample_every=25)
        assert texts(record, "resampled") == found
