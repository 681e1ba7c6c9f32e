"""The counter-based random numbers of the torch engine: SplitMix64, anywhere in its stream."""

import math

import numpy as np
import pytest
import torch
from scipy import stats
from tests.core.reference import GOLDEN_GAMMA, SplitMix64, as_int64, split_mix
from tests.core.task.draws import CPU, IMPROBABLE

from superpos_core.arrays import FloatArray
from superpos_core.engine.torch.counter_random import CounterRandom, mix
from superpos_core.engine.torch.devices import available_devices
from superpos_core.task.lanes import Lane

# SplitMix64 from seed 0, as its authors' code and Java's SplittableRandom give it.
PUBLISHED = (0xE220A8397B1DCDAF, 0x6E789E6AA1B965F4, 0x06C45D188009454F, 0xF88BB8A8724C81EC)


def test_the_reference_matches_published_numbers() -> None:
    stream = SplitMix64(start=0, gamma=GOLDEN_GAMMA)
    assert tuple(stream.draw(counter) for counter in (1, 2, 3, 4)) == PUBLISHED


def test_mix_matches_published_numbers() -> None:
    states = [as_int64(counter * GOLDEN_GAMMA) for counter in (1, 2, 3, 4)]
    mixed = mix(torch.tensor(states)).tolist()
    assert [value % (1 << 64) for value in mixed] == list(PUBLISHED)


def test_mix_matches_the_reference_on_all_kinds_of_words() -> None:
    words = [0, 1, (1 << 63) - 1, 1 << 63, (1 << 64) - 1, 0x0123456789ABCDEF, 0xFEDCBA9876543210]
    random = np.random.default_rng(0)
    words += [int(word) for word in random.integers(0, 1 << 64, 500, dtype=np.uint64)]
    mixed = mix(torch.tensor([as_int64(word) for word in words])).tolist()
    assert [value % (1 << 64) for value in mixed] == [split_mix(word) for word in words]


class TestCounterRandom:
    LANES = (Lane("tied", 0.0, 0), Lane("tied", 0.9, 0), Lane("mlp", 0.9, 0), Lane("tied", 0.9, 1))

    def draws(self, count: int, begin: int = 0) -> tuple[FloatArray, FloatArray]:
        counters = torch.arange(begin, begin + count)
        first, second = CounterRandom(self.LANES, CPU).uniform_pairs(counters)
        return first.numpy(), second.numpy()

    def test_it_draws_the_two_24_bit_words_of_each_lane_s_own_stream(self) -> None:
        begin = 10**12
        first, second = self.draws(50, begin)
        for index, lane in enumerate(self.LANES):
            stream = SplitMix64.of(lane)
            expected = [stream.uniform_pair(begin + count) for count in range(50)]
            np.testing.assert_array_equal(first[index], [pair[0] for pair in expected])
            np.testing.assert_array_equal(second[index], [pair[1] for pair in expected])

    def test_draws_are_uniform_from_zero_to_below_one(self) -> None:
        for draws in self.draws(1 << 16):
            assert draws.dtype == np.float32
            assert draws.min() >= 0
            assert draws.max() < 1
            for stream in draws:
                assert stats.kstest(stream, "uniform").pvalue > IMPROBABLE

    def test_the_last_bits_are_as_random_as_the_first(self) -> None:
        for draws in self.draws(1 << 16):
            low_byte = (draws.astype(np.float64) * 2**24).astype(np.int64) & 0xFF
            for stream in low_byte:
                counts = np.bincount(stream, minlength=256)
                assert stats.chisquare(counts).pvalue > IMPROBABLE

    def test_the_two_draws_of_a_pair_are_independent(self) -> None:
        for first, second in zip(*self.draws(1 << 16), strict=True):
            table, _, _ = np.histogram2d(first, second, bins=16, range=((0, 1), (0, 1)))
            assert stats.chi2_contingency(table).pvalue > IMPROBABLE

    def test_draws_that_follow_each_other_are_independent(self) -> None:
        for stream in self.draws(1 << 16)[0]:
            for lag in (1, 2, 20, 1024):
                table, _, _ = np.histogram2d(
                    stream[:-lag], stream[lag:], bins=16, range=((0, 1), (0, 1))
                )
                assert stats.chi2_contingency(table).pvalue > IMPROBABLE

    def test_lanes_are_uncorrelated_at_every_small_shift(self) -> None:
        count = 1 << 15
        first, _ = self.draws(count)
        for one in range(len(self.LANES)):
            for other in range(one):
                for shift in range(-20, 21):
                    ours = first[one, 20 : count - 20]
                    others = first[other, 20 + shift : count - 20 + shift]
                    correlation = np.corrcoef(ours, others)[0, 1]
                    assert abs(correlation) < 5 / math.sqrt(count)

    def test_lanes_draw_the_same_whatever_is_drawn_beside_them(self) -> None:
        counters = torch.arange(100)
        together, _ = CounterRandom(self.LANES, CPU).uniform_pairs(counters)
        for index, lane in enumerate(self.LANES):
            alone, _ = CounterRandom([lane], CPU).uniform_pairs(counters)
            assert torch.equal(alone[0], together[index])

    @pytest.mark.skipif(len(available_devices()) == 1, reason="there is only the CPU here")
    def test_every_device_draws_the_same(self) -> None:
        counters = torch.arange(1000)
        here = CounterRandom(self.LANES, CPU).uniform_pairs(counters)
        for name in available_devices()[1:]:
            device = torch.device(name)
            there = CounterRandom(self.LANES, device).uniform_pairs(counters.to(device))
            for ours, others in zip(here, there, strict=True):
                assert torch.equal(ours, others.cpu())
