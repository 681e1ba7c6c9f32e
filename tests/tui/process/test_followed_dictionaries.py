"""A run of dictionaries, followed while another program trains first its models and then them."""

from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest
from tests.core.dictionary_records import SMALL_DICTIONARIES, made_record, still_training_models
from tests.core.snapshots import left_by
from tests.tui.running import running, text_of, until

from superpos_core.files.runs.reader import RunReader
from superpos_core.files.runs.writer import RunWriter
from superpos_core.record.dictionaries import DictionaryCohort, DictionaryRecord
from superpos_core.record.snapshot import Phase
from superpos_tui.app import SuperposApp
from superpos_tui.process import opened_run
from superpos_tui.process.opened_run import OpenedRun


@pytest.fixture(autouse=True)
def frequent_polls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opened_run, "POLL_SECONDS", 0.01)


async def test_models_train_first_then_latents_and_l0_appear(tmp_path: Path) -> None:
    seconds = count(0, 100)  # so that everything is written each time
    writer = RunWriter(tmp_path, clock=lambda: float(next(seconds)))

    def write(record: DictionaryRecord, phase: Phase = "training") -> None:
        writer.note(replace(left_by(record), phase=phase), record.stored)

    whole = made_record()
    of_models = still_training_models(whole, 12)
    writer.begin(replace(left_by(of_models), phase="training"))
    write(of_models)
    run = OpenedRun(RunReader(tmp_path))
    async with running(config=SMALL_DICTIONARIES, source=run) as (app, pilot):
        await pilot.press("9")
        await until(
            pilot,
            lambda: (
                "training the model first, 40%" in text_of(app, "status")
                and "training the model first, 40%" in text_of(app, "dictionary-curves")
            ),
        )
        assert "●" in text_of(app, "status")
        write(made_record(step=20))
        await until(pilot, lambda: "20/40" in text_of(app, "status"))
        for _ in range(2):  # to another kind: the view follows
            await pilot.press("m")
        await until(pilot, lambda: "error E‖h − ĥ‖²" in text_of(app, "dictionary-curves"))
        write(whole)
        writer.end(left_by(whole), whole.stored)
        await until(pilot, lambda: "✓ finished" in text_of(app, "status"))
        # The folder may have been looked at between two of its files: what is missing follows.
        active = whole.cohorts["gated"].recent_active.mean.tolist()
        await until(pilot, lambda: shown(app).recent_active.mean.tolist() == active)
        assert shown(app).timeline.steps.tolist() == [0, 20, 40]


def shown(app: SuperposApp) -> DictionaryCohort:
    """The dictionaries of the kind that the test chooses, as the app shows them."""
    assert app.watched.snapshot is not None
    return app.watched.snapshot.record_as(DictionaryRecord).cohorts["gated"]
