"""Where a figure's numbers come from, as one line."""

from superpos_core.experiments import EXPERIMENTS
from superpos_core.record.snapshot import Snapshot
from superpos_core.task.sweeps import sweep_named
from superpos_core.version import version

NO_BREAK = "\N{NO-BREAK SPACE}"


def provenance(snapshot: Snapshot) -> str:
    """Experiment, sizes, seed, steps and program version, to stand small under a figure."""
    config = snapshot.config
    parts = [
        f"experiment {config.name}",
        f"n = {config.features} → m = {config.hidden}",
        f"seed {config.seed}",
        f"step {_steps_taken(snapshot)} of {config.steps:,}",
        f"superpos-tui {version()}",
    ]
    if snapshot.phase_map is not None:
        rows, columns = snapshot.phase_map.grid.shape
        parts[3:3] = [
            f"{rows} × {columns} cells of {config.restarts} restarts",
            # Not the paper's: what is found depends on them.
            f"learning rate {config.learning_rate:g}",
            f"weight decay {config.weight_decay:g}",
        ]
    elif config.restarts > 1:
        parts.insert(3, f"best of {config.restarts} restarts")
    if config.hidden_penalty:
        parts.insert(2, f"penalty λ = {config.hidden_penalty:g}")
    if config.sweep_values and snapshot.phase_map is None:
        parts.insert(2, f"swept: {sweep_named(config.sweep).factor_of}")
    experiment = EXPERIMENTS.get(config.name)
    if experiment is not None and experiment.quick.is_applied_to(config):
        parts.append("quick: smaller than the experiment is")
    # A line may break between parts, not within one.
    return f"{NO_BREAK}· ".join(part.replace(" ", NO_BREAK) for part in parts)


def _steps_taken(snapshot: Snapshot) -> str:
    """By each model, where they differ; a cell of a phase diagram is trained to the end or not."""
    taken = sorted({cohort.step for cohort in snapshot.cohorts.values()})
    return " and ".join(f"{step:,}" for step in taken or [snapshot.config.steps])
