"""Features lost as noise rises and found as it falls: measured from weights that are known."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from tests.core.snapshots import with_losses

from superpos_core.analysis.hysteresis import Hysteresis, has_hysteresis, hystereses
from superpos_core.record.lane_group import Mark
from superpos_core.record.lanes import LanesRecord
from superpos_core.record.timeline import Moment, Timeline
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.noise_schedules import STAIRS

CONFIG = ExperimentConfig(
    "x", features=8, hidden=2, models=("tied",), sparsities=(0.0, 0.7), restarts=2,
    hidden_noise=2.0, hidden_noise_schedule="up-and-down", steps=820, weight_decay=0.0,
)  # fmt: skip
NOISE = 2 * np.arange(STAIRS + 1) / STAIRS


def with_counts(
    counts: Sequence[Sequence[float]], config: ExperimentConfig = CONFIG
) -> LanesRecord:
    """Lanes that represent these numbers of features at the end of each plateau, or NaN."""
    record = with_losses(config, np.ones((1, len(config.lanes_of("tied")))))
    cohort = record.cohorts["tied"]
    moments = [Moment(0, cohort.parameters)]
    for end, of_lanes in zip((*config.noise_changes, config.steps), counts, strict=True):
        shown = np.arange(config.features) < np.array(of_lanes)[:, None]
        norms = np.where(np.isnan(of_lanes)[:, None], np.nan, np.where(shown, 0.6, 0.4))
        encoder = np.stack([norms, np.zeros_like(norms)], axis=-1).astype(np.float32)
        moments.append(Moment(end, cohort.parameters.with_arrays(encoder=encoder)))
    last = replace(cohort, timeline=Timeline(tuple(moments)), parameters=moments[-1].parameters)
    return replace(record, cohorts={"tied": last})


def counts_of(lost: int, back: int, before: float = 8, after: float = 6) -> list[float]:
    """The numbers of a lane that loses its features at one stair and has some again at another."""
    up = [before if stair < lost else 0 for stair in range(STAIRS + 1)]
    down = [after if stair <= back else 0 for stair in range(STAIRS)]
    return [*up, *down[::-1]]


def loops(*lanes: Sequence[float]) -> list[Hysteresis]:
    return hystereses(with_counts(np.transpose(lanes).tolist()), "tied")


def test_features_are_lost_and_return_halfway_between_two_stairs() -> None:
    dense, sparse = loops(counts_of(4, 3), counts_of(4, 3), counts_of(14, 3), counts_of(14, 3))
    np.testing.assert_allclose(dense.noise, NOISE)
    assert (dense.lost_at, dense.return_at) == pytest.approx((0.35, 0.35))
    assert (sparse.lost_at, sparse.return_at) == pytest.approx((1.35, 0.35))
    assert (dense.density, sparse.density) == (1.0, 0.3)
    np.testing.assert_array_equal(sparse.up[:, 0], [8.0] * 14 + [0.0] * 7)
    np.testing.assert_array_equal(sparse.down[:, 0], [6.0] * 4 + [0.0] * 17)
    assert sparse.stair == pytest.approx(0.1)


def test_the_mean_over_restarts_decides() -> None:
    """One of two restarts that keeps 4 of 8 is a quarter; with 3 they are lost."""
    few, many = (counts_of(5, 2, after=left) for left in (3, 4))
    lost, kept = loops(few, counts_of(5, -1), many, counts_of(5, -1))
    assert np.isnan(lost.return_at)
    assert kept.return_at == pytest.approx(0.25)


def test_what_is_never_lost_or_never_returns_has_no_such_noise() -> None:
    always, never = loops(
        *[counts_of(STAIRS + 1, STAIRS - 1, after=8)] * 2, *[counts_of(3, -1)] * 2
    )
    assert np.isnan([always.lost_at, always.return_at, never.return_at]).all()
    assert never.lost_at == pytest.approx(0.25)
    empty, unknown = loops(*[counts_of(0, -1)] * 2, *[[np.nan] * (2 * STAIRS + 1)] * 2)
    assert np.isnan([empty.lost_at, empty.return_at, unknown.lost_at, unknown.return_at]).all()


def test_moments_that_are_not_there_are_unknown() -> None:
    record = with_counts(np.transpose([counts_of(4, 3)] * 4).tolist())
    (cohort,) = record.cohorts.values()
    half = replace(cohort, timeline=cohort.timeline.up_to(CONFIG.noise_changes[9]))
    (loop, _) = hystereses(replace(record, cohorts={"tied": half}), "tied")
    assert np.isfinite(loop.up[:10]).all()
    assert np.isnan(loop.up[10:]).all()
    assert np.isnan(loop.down).all()


def test_the_noise_below_which_features_grow_is_the_theory_of_plain_data() -> None:
    counts = np.transpose([counts_of(4, 3)] * 4).tolist()
    dense, sparse = hystereses(with_counts(counts), "tied")
    assert dense.unstable_below**2 == pytest.approx(1 / 6)
    assert sparse.unstable_below**2 == pytest.approx(2 * (0.3 / 3 - 0.09 / 4))
    changes = (
        {"distribution": "signed"},
        {"distribution": "correlated"},
        {"weight_decay": 0.1},
        {"hidden_dropout": 0.1},
        {"dataset_size": 100},
    )
    for change in changes:
        loop, _ = hystereses(with_counts(counts, replace(CONFIG, **change)), "tied")
        assert np.isnan(loop.unstable_below)
        assert loop.lost_at == pytest.approx(0.35)


def test_without_noise_that_rises_and_falls_there_is_no_hysteresis() -> None:
    record = with_counts(np.transpose([counts_of(4, 3)] * 4).tolist())
    assert has_hysteresis(record, "tied")
    for change in ({"hidden_noise": 0.0}, {"hidden_noise_schedule": "constant"}):
        assert not has_hysteresis(replace(record, config=replace(CONFIG, **change)), "tied")
    turned = replace(record.cohorts["tied"], marks=(Mark(5, "batch 1024 → 512"),))
    assert not has_hysteresis(replace(record, cohorts={"tied": turned}), "tied")
