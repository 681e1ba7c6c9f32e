"""A run on the device that is stopped, kept in a folder, and resumed from there."""

import tempfile
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
from tests.gpu.parts import Finding, Target, checked

from superpos_core.engine.choice import EngineChoice
from superpos_core.experiments import EXPERIMENTS
from superpos_core.files.runs.resuming import checkpoint_in
from superpos_core.files.runs.writer import RunWriter
from superpos_core.record.snapshot import Snapshot
from superpos_core.task.config import ExperimentConfig
from superpos_core.training.run import loop_for, train

LANES = replace(EXPERIMENTS["twenty"].config, restarts=2, steps=1500)
MAP = replace(EXPERIMENTS["phase"].quick_config, steps=100)


def check(target: Target) -> Iterator[Finding]:
    """Check that a resumed run ends with the weights of an uninterrupted one."""
    for name, config in (("lanes", LANES), ("a phase map", MAP)):
        small = replace(config, steps=30) if target.tiny else config
        yield checked(name, _resumed, target, small)


def _resumed(target: Target, config: ExperimentConfig) -> str:
    engine = EngineChoice("torch", target.device).make
    expected = train(config, engine=engine).record
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        stop = threading.Event()

        def publish(snapshot: Snapshot) -> None:
            if snapshot.record.share_done > 0.4:
                stop.set()

        loop_for(config, engine, journal=RunWriter(folder)).run(stop, publish)
        checkpoint = checkpoint_in(folder)
        done = checkpoint.state.facts.get("share_done") or (
            min(checkpoint.state.facts["steps"].values()) / config.steps
        )
        assert 0 < done < 1, f"stopped at {done:.0%}"
        journal = RunWriter(folder, resumes=True)
        resumed = train(config, engine=engine, journal=journal, checkpoint=checkpoint).record
    for array_name, array in expected.arrays().items():
        np.testing.assert_array_equal(resumed.arrays()[array_name], array, err_msg=array_name)
    return f"bit for bit, stopped at {done:.0%}"
