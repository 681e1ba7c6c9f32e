"""Planted falls of the loss are found; noise, drift and slow decay are not."""

import math
from collections.abc import Callable

import numpy as np
import pytest
from tests.core.analysis.events.happenings import (
    TIMES,
    from_losses,
    noise,
)

from superpos_core.arrays import FloatArray


def descending(*falls: tuple[float, float, float], start: float = 100.0) -> FloatArray:
    """Losses that decay from ``start`` to 0.1 and then, at each given step, by a factor.

    The third number is the duration of a fall, as a share of its step.
    """
    logs = np.log(0.1 + start * np.exp(-TIMES / 10))
    for step, factor, duration in falls:
        logs += math.log(factor) * (1 + np.tanh(2 * (TIMES - step) / (step * duration))) / 2
    return np.exp(logs)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(
    ("step", "factor", "duration", "noise_size"),
    [
        (2000, 0.5, 0.001, 0.1),
        (2000, 0.5, 0.2, 0.1),
        (2000, 0.5, 0.5, 0.03),
        (500, 0.3, 0.1, 0.1),
        (6000, 0.94, 0.01, 0.01),
        (1000, 0.9, 0.3, 0.0),
    ],
)
def test_a_fall_between_two_levels_is_found_at_its_step(
    step: int, factor: float, duration: float, noise_size: float, seed: int
) -> None:
    losses = descending((step, factor, duration)) * np.exp(noise_size * noise(seed, TIMES.size))
    (event,) = from_losses(losses)
    assert event.kind == "loss"
    assert event.feature is None
    assert event.step == pytest.approx(step, rel=max(duration / 3, 0.02))
    label, _, sizes = event.text.partition(": ")
    assert label == "loss falls a level"
    before, after = (float(size.replace("−", "-")) for size in sizes.split(" → "))
    assert before == pytest.approx(0.1, rel=0.12)
    assert after == pytest.approx(0.1 * factor, rel=0.12)
    assert after < before


def test_each_of_several_falls_is_reported() -> None:
    falls = [(300, 0.6, 0.05), (1000, 0.5, 0.05), (1500, 0.8, 0.01), (4000, 0.9, 0.1)]
    events = from_losses(descending(*falls) * np.exp(0.01 * noise(0, TIMES.size)))
    assert [e.step for e in events] == pytest.approx([step for step, _, _ in falls], rel=0.05)
    assert [e.text.partition(": ")[2] for e in events] == [
        "1.0e−01 → 6.0e−02",
        "6.0e−02 → 3.0e−02",
        "3.0e−02 → 2.4e−02",
        "2.4e−02 → 2.2e−02",
    ]


def test_a_small_fall_is_reported_with_enough_digits() -> None:
    (event,) = from_losses(1.14 * descending((3000, 0.96, 0.001)))
    assert event.text == "loss falls a level: 1.14e−01 → 1.09e−01"


DECAYS: dict[str, Callable[[FloatArray], FloatArray]] = {
    "constant": np.ones_like,
    "slow power law": lambda t: t**-0.1,
    "power law": lambda t: t**-0.5,
    "inverse": lambda t: 1 / (1 + t / 300),
    "exponential": lambda t: np.exp(-t / 3000),
    "exponential to a level": lambda t: 0.01 + np.exp(-t / 300),
    "two exponentials": lambda t: 0.9 * np.exp(-t / 50) + 0.1 * np.exp(-t / 3000) + 0.002,
    "stretched exponential": lambda t: np.exp(-((t / 500) ** 0.4)),
    "linear": lambda t: 1 - 0.9 * t / t[-1],
    "rise": lambda t: t**0.3,
    "rise to another level": lambda t: 2 - np.exp(-((t / 1000) ** 4)),
}

NOISES: dict[str, Callable[[np.random.Generator], FloatArray]] = {
    "none": lambda _: np.zeros(TIMES.size),
    "little": lambda random: 0.005 * random.standard_normal(TIMES.size),
    "much": lambda random: 0.3 * random.standard_normal(TIMES.size),
    "heavy-tailed": lambda random: 0.1 * random.standard_t(3, TIMES.size),
    "spikes": lambda random: (
        0.02 * random.standard_normal(TIMES.size) + 1.5 * (random.random(TIMES.size) < 0.002)
    ),
    "growing": lambda random: np.linspace(0, 0.3, TIMES.size) * random.standard_normal(TIMES.size),
}


@pytest.mark.parametrize("noise_name", NOISES)
@pytest.mark.parametrize("decay", DECAYS)
def test_steady_decay_and_noise_are_not_falls(decay: str, noise_name: str) -> None:
    for seed in range(3):
        disturbance = NOISES[noise_name](np.random.default_rng(seed))
        assert from_losses(DECAYS[decay](TIMES) * np.exp(disturbance)) == ()


@pytest.mark.parametrize("length", [1, 2, 11, 12, 13, 40, 200])
def test_a_short_run_of_noise_has_no_falls(length: int) -> None:
    for seed in range(10):
        assert from_losses(np.exp(0.1 * noise(seed, length))) == ()


def test_a_short_rise_is_not_a_level_to_fall_from() -> None:
    bump = 1 + 2 * ((TIMES > 2000) & (TIMES < 2150))
    assert from_losses(descending() * bump) == ()


def test_a_fall_is_found_at_nearly_the_same_step_as_the_run_continues() -> None:
    losses = descending((700, 0.5, 0.05)) * np.exp(0.02 * noise(0, TIMES.size))
    steps = [
        [event.step for event in from_losses(losses[:end])] for end in range(1000, 10_001, 500)
    ]
    assert all(found == [pytest.approx(700, rel=0.03)] for found in steps)
