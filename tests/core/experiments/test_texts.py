"""Numbers in the texts of experiments, the tour and README come from runs.

``tests/seeds --keep`` trains every experiment from several seeds and writes the observations of its
checks to ``seen.json``. A number in a text is either a size of the experiment or listed here: with
the check that measures it, or with the reason why none has to.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import pytest
from tests.seeds.__main__ import SEEN

from superpos_core.experiments import EXPERIMENTS, Experiment
from superpos_core.record.phase_grid import PHASE_MAP
from superpos_core.task.config import LANES
from superpos_core.task.dictionaries.options import DICTIONARIES

ROOT = SEEN.parents[2]
WORDS = dict(
    zip(
        ["three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"],
        range(3, 13),
        strict=True,
    )
) | {
    "two hundred": 200,
    "twenty": 20,
    "forty": 40,
    "eighty": 80,
    "hundred": 100,
    "tenth": 0.1,
    "quarter": 0.25,
}
"""Words for numbers; one, two and half have too many other uses."""
NUMBER_SEEN = re.compile(r"\d+(?:\.\d+)?")
NUMBER = re.compile(
    rf"(?<![\w.₀-₉])(?:\d+(?:[.,/]\d+)*|\b(?:{'|'.join(WORDS)})\b)(?![\w₀-₉])", re.IGNORECASE
)

MIN_RUNS = {LANES: 5, DICTIONARIES: 5, PHASE_MAP: 1}
"""Minimum number of kept runs by kind of experiment: a map is fifty thousand models."""

# ── which check measures which number ─────────────────────────────────────────────────────────

Agrees = Callable[[Sequence[float], float], bool]
"""Whether the stated numbers agree with the number observed in one run."""


def between(stated: Sequence[float], observed: float) -> bool:
    """ "11 to 17"."""
    return min(stated) <= observed <= max(stated)


def exactly(stated: Sequence[float], observed: float) -> bool:
    return observed in stated


def in_pairs(stated: Sequence[float], observed: float) -> bool:
    """The text counts features, the check antipodal pairs."""
    return 2 * observed in stated


def beside_three(stated: Sequence[float], observed: float) -> bool:
    """The check counts three more features than the text."""
    return observed - 3 == stated[-1]


def beside_two(stated: Sequence[float], observed: float) -> bool:
    """The check counts two more features than the text."""
    return observed - 2 == stated[-1]


def up_to(stated: Sequence[float], observed: float) -> bool:
    return observed <= stated[0]


def about(stated: Sequence[float], observed: float) -> bool:
    """ "about a tenth"."""
    return stated[0] / 1.5 <= observed <= 1.5 * stated[0]


def a_little_more(stated: Sequence[float], observed: float) -> bool:
    return stated[0] < observed <= 1.1 * stated[0]


@dataclass(frozen=True)
class Claim:
    """Words in the texts of ``where`` (an experiment, or README), and the check behind them."""

    where: str
    words: str
    check: str
    agrees: Agrees = exactly
    experiment: str = ""
    index: int = 0
    """Index of the number among those in the check's observation."""

    @property
    def observed(self) -> list[float]:
        """What the check observed in each kept run."""
        kept = json.loads(SEEN.read_text())[self.experiment or self.where][self.check]
        return [float(NUMBER_SEEN.findall(text)[self.index]) for text in kept]


CLAIMS = (
    Claim("twenty", "the five most important", "features represented, tied at S = 0"),
    Claim(
        "twenty",
        "11 to 17 of the twenty",
        "features represented, tied at S = 0.999",
        between,
    ),
    Claim("intro", "four features as two antipodal", "geometry, tied at S = 0.7359", in_pairs),
    Claim("intro", "four of them, as antipodal", "geometry, tied at S = 0.7359", in_pairs),
    Claim(
        "open-outputs",
        "a tenth of the linear optimum",
        "L / L_linear, untied at S = 0.99",
        about,
    ),
    Claim("hexagon", "more than 60°", "correlated pairs in the hexagon", a_little_more),
    Claim(
        "absolute-value",
        "18 to 20 features",
        "how |x| is computed at S = 0",
        between,
        index=1,
    ),
    Claim("absolute-value", "up to 1.8 times the loss", "how |x| is computed at S = 0", up_to),
    Claim(
        "absolute-value",
        "0.3 to 0.45 of them",
        "how |x| is computed at S = 0.99",
        between,
        index=2,
    ),
    Claim("absolute-value", "about 0.8 of that", "how |x| is computed at S = 0.9", about),
    Claim("absolute-value", "about 0.4 of it", "how |x| is computed at S = 0.997", about),
    Claim(
        "privileged-basis",
        "the five most important features; at",
        "monosemantic neurons, relu-hidden at S = 0.25",
    ),
    Claim(
        "privileged-basis",
        "At 0.8 three stay monosemantic",
        "monosemantic neurons, relu-hidden at S = 0.8",
    ),
    Claim(
        "privileged-basis",
        "while two neurons share three features",
        "features represented, relu-hidden at S = 0.8",
        beside_three,
    ),
    Claim(
        "privileged-basis",
        "at 0.85 three share five",
        "features represented, relu-hidden at S = 0.85",
        beside_two,
    ),
    Claim(
        "privileged-basis",
        "at 0.94 five share eight",
        "features represented, relu-hidden at S = 0.94",
    ),
    Claim(
        "noise-hysteresis",
        "about three times",
        "σ at which features are lost on the way up, tied at p = 0.3",
        about,
        index=1,
    ),
    Claim(
        "README",
        "at S = 0.999, 11 to 17 of the 20",
        "features represented, tied at S = 0.999",
        between,
        experiment="twenty",
    ),
)

NOT_MEASURED: Mapping[tuple[str, str], str] = {
    ("intro", "one half to a quarter"): "settings",
    ("intro", "a tenth and below"): "a setting",
    ("demonstration-large", "four times as large"): "the sizes",
    ("windmill-5", "a ReLU, four"): "theory",
    ("windmill-5", "72°"): "a fifth of a turn",
    ("windmill-8", "45°"): "an eighth of a turn",
    ("phase", "three phases"): "as many as theory has",
    ("phase-3", "four phases"): "as many as theory has",
    ("pentagon", "ten times sparser"): "a setting",
    ("arena-dictionary", "2,500 steps"): "a setting",
    **{
        (name, words): "a setting"
        for name in ("wrong-l0", "wrong-l0-negative")
        for words in ("two of them active", "k = 2", "k = 1.8")
    },
    ("hexagon", "Three correlated pairs"): "the sizes",
    ("collapse", "Three correlated pairs"): "the sizes",
    ("uniform", "the paper has 400 in 30"): "the paper's sizes",
    ("scaling-skewed", "−2(α − 1), with pᵢ ∝ i^−α and α = 2"): "theory, and a setting",
    ("uniform", "stick at 1 on dense data and near 1/2"): "D_i of shapes",
    ("uniform", "triangles, 2/3, where 1 / (1 − S) is 1.6"): "D_i of a shape, and a setting",
    ("uniform", "antipodal pairs, 1/2, at 3.2"): "D_i of a shape, and a setting",
    ("uniform", "pentagons, 2/5, near 4.4"): "D_i of a shape, and a setting",
    ("uniform", "tetrahedra, 3/4, are not found: at 1.4"): "D_i of a shape, and a setting",
    ("energy-levels", "1/2 or 2/5"): "D_i of shapes",
    ("privileged-basis", "or four share six"): "the same seven features",
    ("k-gons", "(5⁺)"): "the name of a level",
    ("double-descent", "from five rows to two thousand"): "settings",
    ("absolute-value", "could serve 20 features"): "half of the neurons",
}
"""(experiment, words of its texts) → why no check has to measure the number."""

EVERYWHERE = ("step 0", "between 0 and 1", "below 0", "length 1", "always 1", "feature 0")
"""Words whose numbers are not results."""


def texts_of(experiment: Experiment) -> str:
    return f"{experiment.title}\n{experiment.what_to_see}\n{experiment.tour}"


def numbers_in(text: str) -> list[float]:
    """The numbers in a text, in order."""
    return [value_of(match.group()) for match in NUMBER.finditer(text)]


def value_of(number: str) -> float:
    if number.lower() in WORDS:
        return float(WORDS[number.lower()])
    dividend, _, divisor = number.replace(",", "").partition("/")
    return float(dividend) / float(divisor or 1)


def readme() -> str:
    return " ".join((ROOT / "README.md").read_text(encoding="utf-8").split())


def text_of(where: str) -> str:
    return readme() if where == "README" else texts_of(EXPERIMENTS[where])


# ── the tests ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: f"{claim.where}: {claim.words}")
def test_numbers_in_texts_agree_with_runs(claim: Claim) -> None:
    assert claim.words in text_of(claim.where)
    stated, observed = numbers_in(claim.words), claim.observed
    assert observed
    assert all(claim.agrees(stated, value) for value in observed), (stated, observed)


@pytest.mark.parametrize("experiment", EXPERIMENTS.values(), ids=lambda each: each.name)
def test_every_number_in_a_text_is_a_size_or_measured(experiment: Experiment) -> None:
    text = texts_of(experiment)
    listed = [claim.words for claim in CLAIMS if claim.where == experiment.name]
    listed += [words for where, words in NOT_MEASURED if where == experiment.name]
    assert all(words in text for words in listed)
    for words in (*listed, *EVERYWHERE):
        text = text.replace(words, "")
    config = experiment.config
    sizes = {config.features, config.hidden, config.restarts, config.dataset_size}
    assert [
        number for number in numbers_in(text) if number not in sizes | set(config.sparsities)
    ] == []


def test_kept_observations_belong_to_the_current_checks() -> None:
    """After a check is renamed or added, the kept runs have to be updated."""
    kept = json.loads(SEEN.read_text())
    assert {name: list(seen) for name, seen in kept.items()} == {
        name: [check.name for check in experiment.checks]
        for name, experiment in EXPERIMENTS.items()
    }
    for name, seen in kept.items():
        minimum = MIN_RUNS[EXPERIMENTS[name].config.kind]
        assert all(len(observations) >= minimum for observations in seen.values())


@pytest.mark.parametrize(
    ("agrees", "words", "right", "wrong"),
    [
        (between, "11 to 17 of them", (11, 14, 17), (10, 18)),
        (exactly, "the five", (5,), (4, 6)),
        (in_pairs, "four features as pairs", (2,), (4, 1)),
        (beside_two, "three share five", (7,), (5, 6, 8)),
        (about, "about a tenth", (0.07, 0.12), (0.05, 0.2)),
        (a_little_more, "more than 60°", (61, 65), (60, 75)),
    ],
)
def test_words_agree_only_with_the_numbers_they_state(
    agrees: Agrees, words: str, right: tuple[float, ...], wrong: tuple[float, ...]
) -> None:
    stated = numbers_in(words)
    assert all(agrees(stated, value) for value in right)
    assert not any(agrees(stated, value) for value in wrong)
