"""The events of any run. For another kind of record, add its function here."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Generic

from superpos_core.analysis.events import log
from superpos_core.analysis.events.dictionaries.log import events_of_dictionaries
from superpos_core.analysis.events.event import Event
from superpos_core.record.dictionaries import DictionaryRecord
from superpos_core.record.lanes import LanesRecord
from superpos_core.record.record import Kind, Record


@dataclass(frozen=True)
class Chronicle(Generic[Kind]):
    """How events of one kind of record are found: from a record, a group's name and some lanes."""

    takes: type[Kind]
    find: Callable[[Kind, str, Iterable[int]], list[Event]]


def _events_of_models(record: LanesRecord, model: str, lanes: Iterable[int]) -> list[Event]:
    return log.events_of_lanes(record.cohorts[model], lanes)


CHRONICLES: list[Chronicle[Any]] = [
    Chronicle(LanesRecord, _events_of_models),
    Chronicle(DictionaryRecord, events_of_dictionaries),
]


def events_of(record: Record, group: str, lanes: Iterable[int]) -> list[Event]:
    """The events of these lanes of a group so far, by step; none of a kind that has no rules."""
    for chronicle in CHRONICLES:
        if isinstance(record, chronicle.takes):
            return chronicle.find(record, group, lanes)
    return []
