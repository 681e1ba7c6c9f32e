"""The torch engine for dictionaries on the device against the same on the CPU."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from tests.core.engine.dictionaries.examples import move_from_start
from tests.gpu.engines import assert_equal_states
from tests.gpu.parts import Finding, Target, checked

from superpos_core.engine.dictionaries import DictionaryEngine
from superpos_core.engine.torch.dictionaries.engine import torch_dictionary_engine
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.dictionaries.kinds import KINDS
from superpos_core.task.dictionaries.options import DICTIONARIES
from superpos_core.task.dictionaries.truth import made_directions

MAX_GAP = 1e-3
"""Maximum gap between devices, relative to how far an array moved."""
CONFIG = ExperimentConfig(
    "gpu", kind=DICTIONARIES, features=12, hidden=4, latents=12, dictionaries=tuple(KINDS),
    directions="random", sparsities=(0.6, 0.95), batch=64, steps=60, active_latents=2.5,
    resample_every=7, learning_rate=1e-3,
)  # fmt: skip
OTHERS = {"tied": {"encoder": "tied"}, "without bias": {"decoder_bias": "zero"},
          "of any length": {"decoder_norm": "free"}}  # fmt: skip


def check(target: Target) -> Iterator[Finding]:
    """Check every kind, other options, and states."""
    steps = 8 if target.tiny else 20
    for kind in KINDS:
        config = replace(CONFIG, dictionaries=(kind,))
        yield checked(kind, _against_the_cpu, target, config, steps)
    for what, options in OTHERS.items():
        config = replace(CONFIG, dictionaries=("relu", "gated"), **options)  # type: ignore[arg-type]
        yield checked(what, _against_the_cpu, target, config, steps)
    yield checked("from a saved state", _from_a_state, target, steps)


def _reading(config: ExperimentConfig, device: str) -> DictionaryEngine:
    engine = torch_dictionary_engine(config, device)
    engine.read(made_directions(config, config.lanes_of(config.dictionaries[0])))
    return engine


def _against_the_cpu(target: Target, config: ExperimentConfig, steps: int) -> str:
    there, here = (_reading(config, device) for device in (target.device, "cpu"))
    gap = 0.0
    for engine in (there, here):
        move_from_start(engine, config)
    starts = {kind: here.parameters(kind).arrays for kind in config.dictionaries}
    for engine in (there, here):
        engine.advance(dict.fromkeys(config.dictionaries, steps))
    for kind, start in starts.items():
        found = there.parameters(kind).arrays
        for name, array in here.parameters(kind).arrays.items():
            moved = float(np.linalg.norm(array - start[name]))
            gap = max(gap, float(np.linalg.norm(found[name] - array)) / max(moved, 1e-6))
    assert gap <= MAX_GAP, f"arrays {gap:.0e} apart, more than {MAX_GAP:g}"
    return f"arrays {gap:.0e} apart"


def _from_a_state(target: Target, steps: int) -> str:
    first, second = (_reading(CONFIG, target.device) for _ in range(2))
    first.advance(dict.fromkeys(KINDS, steps))
    second.load_state(first.state())
    for engine in (first, second):
        engine.advance(dict.fromkeys(KINDS, steps))
    return assert_equal_states(first.state(), second.state())
