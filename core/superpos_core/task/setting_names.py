"""Names of settings on the screen and in figures: by what varies in their run.

Names in files are those of ``record/lane_names.py``.
"""

import math
from dataclasses import dataclass

from superpos_core.task.config import ExperimentConfig
from superpos_core.task.data import DISTRIBUTIONS
from superpos_core.task.lanes import INSTANCE, Lane, Setting
from superpos_core.task.sweeps import sweep_named

SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
EQUALS = "= "


@dataclass(frozen=True)
class SettingPart:
    """One quantity of a setting, such as S, and what it is there.

    ``relation`` is ``= 0.9``, a factor of the config's own value such as ``×2``, or a bare number.
    """

    symbol: str
    relation: str

    @property
    def value(self) -> str:
        """The relation without its equals sign."""
        return self.relation.removeprefix(EQUALS)


def depends_on_sparsity(config: ExperimentConfig) -> bool:
    """Whether S means anything in a run: not to one-hot data, nor to lanes with just a number."""
    return config.sweep != INSTANCE and not DISTRIBUTIONS[config.distribution].one_hot


def setting_parts(config: ExperimentConfig, setting: Setting | Lane) -> tuple[SettingPart, ...]:
    """The quantities that name a setting: those that vary in its run, or all if none does.

    E, the expected number of active features, stands for S if frequencies are not equal.
    """
    sparsity = SettingPart("S", EQUALS + sparsity_text(setting.sparsity))
    if not config.has_equal_frequencies:
        expected = setting.density * config.feature_frequency.sum()
        sparsity = SettingPart("E", f"{EQUALS}{expected:.3g}")
    parts = [(sparsity, depends_on_sparsity(config), len(config.sparsities) > 1)]
    if setting.swept is not None:
        sweep = sweep_named(config.sweep)
        symbol = sweep.symbol.format(last=str(config.features - 1).translate(SUBSCRIPTS))
        swept = SettingPart(symbol, sweep.relation(config, setting.swept))
        parts.append((swept, True, len(config.sweep_values) > 1))
    varying = tuple(part for part, _, varies in parts if varies)
    meaningful = varying or tuple(part for part, is_meaningful, _ in parts if is_meaningful)
    return meaningful or (SettingPart("", f"{config.distribution} data"),)


def setting_name(config: ExperimentConfig, setting: Setting | Lane) -> str:
    """Such as ``S = 0.9``, or ``T = 5`` or ``S = 0.9, I₁ ×2`` in a sweep.

    The only setting of a run on one-hot data, which has no sparsity, is ``one-hot data``.
    """
    parts = setting_parts(config, setting)
    return ", ".join(f"{part.symbol} {part.relation}".strip() for part in parts)


def shared_sparsity(config: ExperimentConfig) -> float | None:
    """The sparsity of all settings if it names none of them; ``None`` if data do not depend on it.

    Nor is there one if features differ in their frequency.

    In a file's instances it is the sparsity that was given, or a placeholder.
    """
    parts = setting_parts(config, config.settings[0])
    has_sparsity = not DISTRIBUTIONS[config.distribution].one_hot and config.has_equal_frequencies
    if not has_sparsity or any(part.symbol == "S" for part in parts):
        return None
    return config.sparsities[0]


def hidden_text(config: ExperimentConfig) -> str:
    """m of a run such as ``5``, or its range such as ``1…8`` if it is swept."""
    smallest, *_, largest = (*config.hidden_values, config.hidden)
    return str(largest) if smallest == largest else f"{smallest}…{largest}"


def sparsity_text(sparsity: float) -> str:
    """A sparsity with four decimals, or as many as give 1−S three digits: never rounded to 1.

    >>> sparsity_text(0.9), sparsity_text(0.930253), sparsity_text(0.99999)
    ('0.9', '0.9303', '0.99999')
    """
    decimals = max(4, 2 - math.floor(math.log10(1 - sparsity)))
    return f"{sparsity + 0.0:.{decimals}f}".rstrip("0").rstrip(".")
