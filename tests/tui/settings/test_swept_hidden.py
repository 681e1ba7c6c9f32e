"""Where m is swept, the option hidden follows; it may only repeat the largest m."""

import shlex

import pytest
from tests.tui.command_line.test_parts import parsed

from superpos_core.errors import InvalidValue
from superpos_core.experiments import EXPERIMENTS
from superpos_tui.selection import Focus
from superpos_tui.settings.recreating import command_for
from superpos_tui.settings.typed import config_with

TWENTY = EXPERIMENTS["twenty"].config
SWEEP = {"sweep": "hidden", "sweep_values": "2,16,4"}


def test_it_is_the_largest_of_the_swept_values() -> None:
    config = config_with(TWENTY, SWEEP)
    assert (config.hidden, config.hidden_values) == (16, (2, 4, 16))
    assert config_with(TWENTY, {**SWEEP, "hidden": "16"}) == config
    with pytest.raises(InvalidValue, match=r"hidden 8: it is swept.*choose 16, or leave it out"):
        config_with(TWENTY, {**SWEEP, "hidden": "8"})
    with pytest.raises(InvalidValue, match=r"sweep-values 2\.5: it is a number of hidden"):
        config_with(TWENTY, {**SWEEP, "sweep_values": "2.5,3"})
    with pytest.raises(InvalidValue, match="nothing to sweep over"):
        config_with(TWENTY, {"sweep": "hidden"})


def test_it_follows_in_the_form_too() -> None:
    config = config_with(TWENTY, SWEEP)
    fewer = config_with(config, {"sweep_values": "2,4"})
    assert fewer.hidden == 4
    without = config_with(config, {"sweep": "none", "sweep_values": ""})
    assert (without.hidden, without.hidden_values) == (16, (16,))


@pytest.mark.parametrize("values", ["1,2", "3,5", "2,16"])
def test_the_copied_command_gives_the_same_config(values: str) -> None:
    config = config_with(TWENTY, {**SWEEP, "sweep_values": values})
    words = shlex.split(command_for(config, "live", Focus("tied")))[1:]
    assert parsed(words).trials[0].config == config
