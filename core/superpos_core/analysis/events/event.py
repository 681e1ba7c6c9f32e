"""What happened in a lane: the findings of all rules."""

from collections.abc import Iterable
from dataclasses import dataclass

from superpos_core.analysis.events.trace import Rule, Traced


@dataclass(frozen=True)
class Event:
    """Something that happened in one lane.

    ``feature`` is set if it concerns one feature, and ``latent`` if it concerns one latent of a
    dictionary.
    """

    step: int
    lane: int
    kind: str
    feature: int | None
    text: str
    latent: int | None = None


def events_found(lane: int, trace: Traced, rules: Iterable[Rule[Traced]]) -> tuple[Event, ...]:
    """All events of a trace, sorted by step; those of one step in the order of ``rules``.

    ``lane`` only labels them.
    """
    events = [
        Event(found.step, lane, rule.kind, found.feature, found.text, found.latent)
        for rule in rules
        for found in rule.find(trace)
    ]
    return tuple(sorted(events, key=lambda event: event.step))
