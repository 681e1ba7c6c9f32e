"""The scores of dictionaries in a record, each computed once."""

from superpos_core.analysis.dictionaries.score import DictionaryScore, evaluate_lane
from superpos_core.record.dictionaries import DictionaryRecord


def score_of(run: DictionaryRecord, kind: str, lane: int) -> DictionaryScore:
    """The score of one lane, by its index, of a kind; raises ``KeyError`` for an unknown kind."""
    kept, key = run.measured.setdefault(DictionaryScore, {}), (kind, lane)
    if key not in kept:
        cohort = run.cohorts[kind]
        parameters, directions = cohort.parameters.take(lane), run.directions[lane]
        kept[key] = evaluate_lane(run.config, cohort.lanes[lane], parameters, directions)
    score: DictionaryScore = kept[key]
    return score
