"""What every engine promises about models that leave, asked of each in the registry."""

from tests.core.engine.conftest import Make
from tests.core.engine.test_conformance import SMALL, TIED, assert_same_arrays, every


def test_an_engine_goes_on_without_the_state_of_a_model_that_left(make: Make) -> None:
    before, after = make(SMALL), make(TIED)
    before.advance(every(SMALL, 7))
    after.load_state({
        name: array for name, array in before.state().items() if name.startswith("tied/")
    })  # fmt: skip
    assert_same_arrays(after.advance({"tied": 5}), before.advance({"tied": 5}))
    assert_same_arrays(after.parameters("tied").arrays, before.parameters("tied").arrays)
