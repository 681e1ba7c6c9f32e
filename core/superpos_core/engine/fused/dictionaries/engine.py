"""The CPU engine for dictionaries."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from superpos_core.engine.dictionaries.engine import Backend, EngineOfCohorts, LanesOfKind, Progress
from superpos_core.engine.fused.dictionaries.cohort import FusedDictionaries
from superpos_core.engine.fused.threads import Threads
from superpos_core.task.config import ExperimentConfig


def fused_dictionary_engine(
    config: ExperimentConfig,
    threads: int | None = None,
    on_news: Callable[[str], None] = lambda news: None,
) -> EngineOfCohorts[FusedDictionaries]:
    """The engine; ``threads`` by default the number of usable cores."""
    workers = Threads(threads)

    def cohort(given: LanesOfKind) -> FusedDictionaries:
        made = FusedDictionaries(given)
        made.compile(on_news)
        return made

    def advance(work: Sequence[tuple[FusedDictionaries, int]]) -> list[Progress]:
        planned = [cohort.work(steps) for cohort, steps in work]
        workers.do([piece for _, pieces in planned for piece in pieces])
        return [progress for progress, _ in planned]

    return EngineOfCohorts(
        config, Backend("fused", lambda: workers.where, cohort, advance, workers.close)
    )
