"""The registry of jobs by the kind that a config names. A new job is one more entry here."""

from superpos_core.errors import lookup
from superpos_core.record.phase_grid import PHASE_MAP
from superpos_core.task.config import LANES, ExperimentConfig
from superpos_core.task.dictionaries.options import DICTIONARIES
from superpos_core.training.dictionaries import DictionariesJob
from superpos_core.training.job import Job
from superpos_core.training.lanes import LanesJob
from superpos_core.training.phase_maps import PhaseMapJob

JOBS: dict[str, type[Job]] = {
    LANES: LanesJob,
    PHASE_MAP: PhaseMapJob,
    DICTIONARIES: DictionariesJob,
}


def job_of(config: ExperimentConfig) -> type[Job]:
    """The type of job that trains a config; raises ``InvalidValue`` for an unknown kind."""
    return lookup("kind", JOBS, config.kind)


def check_trainable(config: ExperimentConfig) -> None:
    """Raise ``InvalidValue`` for a valid config that its job cannot train.

    A phase diagram, for example, needs a tied model of certain sizes. Call this when a user changes
    a config, so that the error is reported before anything starts.
    """
    job_of(config).check(config)
