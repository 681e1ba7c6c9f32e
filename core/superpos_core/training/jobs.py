"""The registry of jobs, by the kind that a config names. A new one is one more entry here."""

from superpos_core.errors import lookup
from superpos_core.record.phase_grid import PHASE_MAP
from superpos_core.task.config import LANES, ExperimentConfig
from superpos_core.training.job import Job
from superpos_core.training.lanes import LanesJob
from superpos_core.training.phase_maps import PhaseMapJob

JOBS: dict[str, type[Job]] = {LANES: LanesJob, PHASE_MAP: PhaseMapJob}


def job_of(config: ExperimentConfig) -> type[Job]:
    """What trains a config; raises ``InvalidValue`` for a kind that there is not."""
    return lookup("kind", JOBS, config.kind)


def check_trainable(config: ExperimentConfig) -> None:
    """Raise ``InvalidValue`` for a config that is valid, but that its job cannot train.

    A phase diagram, for one, is that of a tied model with certain sizes. Whoever changes a config
    for somebody asks here, so that the answer comes before anything is begun.
    """
    job_of(config).check(config)
