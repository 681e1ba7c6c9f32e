"""The steps worth keeping, and the recorder that keeps them in bounded memory."""

import itertools
import math
from bisect import bisect_right

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.core.record.moments import parameters_of, recorded, steps_of
from tests.core.record.test_timeline import sizes

from superpos_core.record.timeline import PREFERRED, Moment, TimelineRecorder, next_step_to_keep
from superpos_core.task.parameters import Parameters

KEPT = [*range(10), *(p * 10**k for k in range(13) for p in PREFERRED)]
"""All steps worth keeping below 10^14."""


# ── steps worth keeping ───────────────────────────────────────────────────────────────────────


def test_the_first_steps_are_all_kept() -> None:
    steps = list(
        itertools.accumulate(range(20), lambda step, _: next_step_to_keep(step), initial=0)
    )
    assert steps == [*range(14), 15, 16, 18, 20, 22, 24, 27]


@pytest.mark.parametrize("decade", range(1, 12))
def test_a_decade_has_24_steps_to_keep(decade: int) -> None:
    steps = [step := 10**decade]
    while step < 10 ** (decade + 1):
        steps.append(step := next_step_to_keep(step))
    assert len(steps) - 1 == 24
    assert steps[-1] == 10 ** (decade + 1)


def test_the_preferred_numbers_follow_the_24th_root_of_ten() -> None:
    for index, preferred in enumerate(PREFERRED):
        assert abs(24 * math.log10(preferred / 10) - index) < 0.5


@given(st.integers(-5, 10**13))
def test_the_next_step_to_keep_is_the_first_later_one(step: int) -> None:
    assert next_step_to_keep(step) == KEPT[bisect_right(KEPT, step)]


@given(st.integers(0, 300))
def test_the_steps_to_keep_have_no_end(digits: int) -> None:
    following = next_step_to_keep(10**digits)
    assert 10**digits < following <= 2 * 10**digits


# ── recorder ──────────────────────────────────────────────────────────────────────────────────


def test_all_steps_worth_keeping_are_kept_while_there_is_room() -> None:
    steps = KEPT[:150]
    assert steps_of(recorded(steps)) == steps


def test_other_steps_are_kept_only_while_they_are_the_newest() -> None:
    recorder = recorded([0, 10, 14])
    assert steps_of(recorder) == [0, 10, 14]
    recorder.record(15, parameters_of())
    assert steps_of(recorder) == [0, 10, 15]


def test_steps_also_worth_keeping_stay_until_there_is_no_room() -> None:
    recorder = TimelineRecorder(12 * Moment(0, parameters_of()).nbytes, also=[101, 102, 103, 104])
    for step in (0, 100, 101, 102, 103, 104, 107):
        recorder.record(step, parameters_of())
    assert steps_of(recorder) == [0, 100, 101, 102, 103, 104, 107]
    for step in (110, 120, 130, 150, 160, 180, 200):
        recorder.record(step, parameters_of())
    assert steps_of(recorder) == [0, 100, 102, 104, 120, 150, 180, 200]


def test_a_recorder_of_a_timeline_keeps_what_was_kept_but_not_what_was_only_the_newest() -> None:
    recorder = TimelineRecorder(also=[14, 17])
    for step in (10, 14, 17):
        recorder.record(step, parameters_of())
    for also, kept in (([14, 17], [10, 14, 17, 19]), ([], [10, 14, 19])):
        again = TimelineRecorder.of(recorder.view(), also)
        assert steps_of(again) == [10, 14, 17]
        again.record(19, parameters_of())
        assert steps_of(again) == kept


@given(st.lists(st.integers(1, 100), max_size=20))
def test_the_same_moments_are_kept_however_training_was_sliced(pauses: list[int]) -> None:
    wanted = [step for step in KEPT if step <= 100]
    limit = 20 * Moment(0, parameters_of()).nbytes
    sliced = recorded(sorted({*wanted, *pauses}), limit)
    np.testing.assert_array_equal(sliced.view().steps, recorded(wanted, limit).view().steps)


@given(st.lists(st.integers(0, 40), min_size=1, max_size=12))
def test_recording_a_step_again_replaces_everything_after_it(steps: list[int]) -> None:
    recorder = recorded(steps)
    kept = steps_of(recorder)
    assert kept == sorted(set(kept))
    assert kept[-1] == steps[-1]
    newest = recorder.view().moments[-1].parameters.encoder
    np.testing.assert_array_equal(newest, parameters_of(seed=steps[-1]).encoder)


@given(
    st.integers(0, 4000),
    st.booleans(),
    st.lists(
        st.tuples(st.one_of(st.integers(0, 10**12), st.sampled_from(KEPT)), sizes), max_size=60
    ),
)
def test_memory_is_bounded_whatever_is_recorded(
    limit: int, tied: bool, records: list[tuple[int, tuple[int, int, int]]]
) -> None:
    recorder = TimelineRecorder(limit)
    for step, size in records:
        recorder.record(step, parameters_of(*size, tied=tied))
        moments = recorder.view().moments
        held = sum(
            array.nbytes for moment in moments for array in moment.parameters.arrays.values()
        )
        assert held == recorder.view().nbytes
        assert held <= limit or len(moments) <= 2
        assert moments[-1].step == step


@given(st.integers(0, 7), st.integers(10, 200), st.integers(3, 60))
def test_a_thinned_timeline_keeps_the_first_the_newest_and_even_gaps(
    first: int, count: int, room: int
) -> None:
    steps = KEPT[first : first + count]
    recorder = recorded(steps, bytes_limit=room * Moment(0, parameters_of()).nbytes)
    ranks = [KEPT.index(step) for step in steps_of(recorder)]
    assert (ranks[0], ranks[-1]) == (first, first + count - 1)
    assert min(count, room // 2) <= len(ranks) <= room
    # The gaps at the ends may be shorter: the first and the newest moment are always kept.
    inner = np.diff(ranks[1:-1])
    assert np.unique(inner).size <= 1
    assert all(gap <= max(inner, default=count) for gap in np.diff(ranks))


def test_the_first_and_the_newest_stay_even_without_room() -> None:
    assert steps_of(recorded(KEPT[:40], bytes_limit=0)) == [KEPT[0], KEPT[39]]


def test_a_view_is_not_a_copy_and_does_not_change() -> None:
    recorder = recorded([0, 1])
    view = recorder.view()
    assert recorder.view() is view
    recorder.record(2, parameters_of())
    assert view.steps.tolist() == [0, 1]
    later = recorder.view()
    assert later.steps.tolist() == [0, 1, 2]
    assert all(one is other for one, other in zip(view.moments, later.moments, strict=False))


def test_copies_are_independent_but_share_the_past() -> None:
    limit = 6 * Moment(0, parameters_of()).nbytes
    original = recorded(KEPT[:12], limit)
    copy = original.copy()
    before = original.view()
    assert copy.view().moments == before.moments
    for step in KEPT[12:40]:
        copy.record(step, parameters_of(seed=step))
    assert original.view() is before
    assert steps_of(copy) == steps_of(recorded(KEPT[:40], limit))


def test_going_back_forgets_what_came_after() -> None:
    original = recorded([0, 1, 2, 3, 5])
    back = original.truncated(3)
    assert steps_of(back) == [0, 1, 2, 3]
    back.record(4, parameters_of())
    assert steps_of(back) == [0, 1, 2, 3, 4]
    assert steps_of(original) == [0, 1, 2, 3, 5]
    assert steps_of(original.truncated(-1)) == steps_of(TimelineRecorder().copy()) == []


def test_kept_weights_do_not_change_with_the_source_array() -> None:
    parameters = parameters_of(tied=False)
    looked_at = Parameters(encoder=parameters.encoder[:1], bias=parameters.bias[:1])
    looked_at.encoder.setflags(write=False)
    recorder = TimelineRecorder()
    recorder.record(0, parameters)
    recorder.record(1, looked_at)
    before = parameters.encoder.copy()
    parameters.encoder[:] = 7
    for moment in recorder.view().moments:
        kept = moment.parameters.encoder
        np.testing.assert_array_equal(kept, before[: len(kept)])
        assert not kept.flags.writeable
    assert not recorder.view().moments[0].parameters.arrays["decoder"].flags.writeable


def test_frozen_weights_are_shared_not_copied() -> None:
    parameters = parameters_of(tied=False)
    for array in parameters.arrays.values():
        array.setflags(write=False)
    recorder = TimelineRecorder()
    recorder.record(0, parameters)
    kept = recorder.view().moments[0].parameters
    assert [*kept.arrays] == ["encoder", "decoder", "bias"]
    for name, array in parameters.arrays.items():
        assert kept.arrays[name] is array


def test_weights_of_any_precision_are_kept_in_32_bits() -> None:
    encoder = np.array([[[0.1, np.nan]], [[1e300, -np.inf]]])
    recorder = TimelineRecorder()
    recorder.record(0, Parameters(encoder=encoder, bias=np.zeros((2, 1))))
    kept = recorder.view().moments[0].parameters
    assert kept.encoder.dtype == kept.bias.dtype == np.float32
    np.testing.assert_array_equal(
        kept.encoder, np.array([[[0.1, np.nan]], [[np.inf, -np.inf]]], dtype=np.float32)
    )
