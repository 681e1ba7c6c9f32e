"""All events of dictionaries, sorted by step; found again as those of models are."""

from collections.abc import Iterable

from superpos_core.analysis.events.dictionaries.duplicates import DUPLICATE
from superpos_core.analysis.events.dictionaries.recovered import LOST, RECOVERED
from superpos_core.analysis.events.dictionaries.silent import ALIVE, DEAD, RESAMPLED
from superpos_core.analysis.events.dictionaries.sparsity import L0
from superpos_core.analysis.events.dictionaries.trace import DictionaryTrace, trace_of
from superpos_core.analysis.events.divergence import DIVERGED
from superpos_core.analysis.events.event import Event, events_found
from superpos_core.analysis.events.loss_levels import LOSS_FALLS
from superpos_core.analysis.events.trace import Rule
from superpos_core.record.dictionaries import DictionaryRecord


def events_of_dictionaries(
    record: DictionaryRecord, kind: str, lanes: Iterable[int]
) -> list[Event]:
    """The events of these lanes of a kind so far."""
    found = [
        event
        for lane in lanes
        for event in events_found(lane, trace_of(record, kind, lane), RULES.values())
    ]
    return sorted(found, key=lambda event: event.step)


RULES: dict[str, Rule[DictionaryTrace]] = {
    rule.kind: rule
    for rule in (
        RECOVERED, LOST, DUPLICATE, DEAD, ALIVE, RESAMPLED, L0, LOSS_FALLS, DIVERGED,
    )
}  # fmt: skip
