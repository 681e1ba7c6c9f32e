"""A run's folder with files that are torn or missing: never an error, always the last picture."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.core.files.runs.folder import files_in, written
from tests.core.files.runs.test_reader import CONFIG, assert_same, cohorts, read
from tests.core.snapshots import finished

from superpos_core.errors import InvalidValue
from superpos_core.files.runs.reader import RunReader

FEW_STEPS = replace(CONFIG, steps=6)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(tmp_path_factory.mktemp("whole"), finished(FEW_STEPS)).path


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_file_may_end_at_any_byte(
    data: st.DataObject, whole: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    files = files_in(whole)
    torn = data.draw(st.sampled_from([path.relative_to(whole) for path in files]))
    size = len(files[whole / torn])
    length = data.draw(st.integers(0, size - 1))
    folder = tmp_path_factory.mktemp("torn")
    for path, content in files.items():
        copy = folder / path.relative_to(whole)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(content[:length] if path == whole / torn else content)
    if torn.name == "run.json" and length < size - 1:
        with pytest.raises(InvalidValue, match=r"run\.json"):
            RunReader(folder)
        return
    reader = read(folder)
    found = cohorts(reader)
    assert list(found) == list(CONFIG.models)
    assert all(np.isfinite(cohort.parameters.bias).all() for cohort in found.values())
    # And when it is whole, it is read.
    (folder / torn).write_bytes(files[whole / torn])
    while reader.refresh():
        pass
    for model, cohort in cohorts(read(whole)).items():
        assert_same(cohorts(reader)[model], cohort)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_while_it_is_followed_any_file_may_be_torn_or_gone(
    data: st.DataObject, whole: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    files = files_in(whole)
    folder = tmp_path_factory.mktemp("followed")
    for path, content in files.items():
        copy = folder / path.relative_to(whole)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(content)
    reader = read(folder)
    names = [path.relative_to(whole) for path in files]
    for torn in data.draw(st.lists(st.sampled_from(names), min_size=1, max_size=6)):
        if data.draw(st.booleans()):
            (folder / torn).unlink(missing_ok=True)
        else:
            length = data.draw(st.integers(0, len(files[whole / torn])))
            (folder / torn).write_bytes(files[whole / torn][:length])
        reader.refresh()
        for cohort in cohorts(reader).values():
            assert np.isfinite(cohort.parameters.bias).all()
            cohort.at_step(4).parameters.take(0)
