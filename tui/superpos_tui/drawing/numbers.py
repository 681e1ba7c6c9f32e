"""How numbers are written on the screen: short, and with a stable width."""

import math
from dataclasses import replace

from superpos_core.task.config import ExperimentConfig
from superpos_core.task.lanes import Setting
from superpos_core.task.setting_names import setting_parts
from superpos_core.task.sweeps import sweep_named
from superpos_core.ticks import power_of_ten, with_minus

NOTHING = "  ·  "
"""Replaces 0.00 in a table, where the other numbers should stand out."""
ZERO = " 0   "
"""Replaces 0.00 beside other texts, where a dot separates."""


def short_count(value: float) -> str:
    """0, 950, 1.5k, 10k, 2M: at most three digits."""
    for size, suffix in ((1e6, "M"), (1e3, "k")):
        if abs(value) >= size:
            return f"{value / size:.3g}{suffix}"
    return f"{value:.0f}"


def short_loss(value: float) -> str:
    """4.1e−04: always seven columns; a dash if the loss is not finite."""
    return with_minus(f"{value:7.1e}") if math.isfinite(value) else "      —"


def short_number(value: float) -> str:
    """A positive number with up to three digits; a dash if it is not finite.

    >>> short_number(0.01234), short_number(0.00004567), short_number(0), short_number(12345)
    ('0.0123', '4.57·10⁻⁵', '0', '1.23·10⁴')
    """
    if not math.isfinite(value):
        return "—"
    return f"{value:.3g}" if value == 0 or 1e-3 <= value < 1e4 else power_of_ten(value)


def rounded_within(value: float, width: int) -> str:
    """A number with up to three digits, and fewer if it would be wider.

    >>> rounded_within(0.0559, 5), rounded_within(0.398, 5)
    ('0.056', '0.398')
    """
    texts = [f"{value:.{digits}g}" for digits in (3, 2, 1)]
    return next((text for text in texts if len(text) <= width), texts[-1])


def grouped(value: int) -> str:
    """10,000."""
    return f"{value:,}"


def rough_duration(seconds: float) -> str:
    """An estimated time in words, no more precise than an estimate can be.

    >>> rough_duration(0.3), rough_duration(14.2), rough_duration(41), rough_duration(400)
    ('about a second', 'about 14 s', 'about 40 s', 'about 7 min')
    """
    if seconds < 1.5:
        return "about a second"
    if seconds >= 20:
        seconds = 5 * round(seconds / 5)
    return f"about {seconds:.0f} s" if seconds < 90 else f"about {seconds / 60:.0f} min"


def age(seconds: float) -> str:
    """How long ago something was, in at most eight columns.

    >>> age(3.2), age(75), age(7300), age(200_000)
    ('3 s', '1 min', '2 h', '2 days')
    """
    for size, unit in ((86400, "day"), (3600, "h"), (60, "min")):
        if seconds >= size:
            count = int(seconds / size)
            return f"{count} {unit}{'s' if unit == 'day' and count > 1 else ''}"
    return f"{int(seconds)} s"


def setting_kind(config: ExperimentConfig) -> str:
    """What ``setting_label`` is a value of: S, T, or several symbols."""
    return ", ".join(part.symbol for part in setting_parts(config, config.settings[0]))


def varied_quantity(config: ExperimentConfig) -> str:
    """What distinguishes the settings, in a word or a symbol: sparsity, T, or several symbols."""
    kind = setting_kind(config)
    return "sparsity" if kind == "S" else kind or "setting"


def setting_label(config: ExperimentConfig, setting: Setting) -> str:
    """The values by which a setting differs from the others of its run, such as ``0.9``."""
    return ", ".join(part.value for part in setting_parts(config, setting))


def setting_name(config: ExperimentConfig, setting: Setting) -> str:
    """Such as ``S 0.9``, ``T 5`` or ``instance 3``: shorter than the name in figures."""
    parts = setting_parts(config, setting)
    return ", ".join(f"{part.symbol} {part.value}".strip() for part in parts)


def of_every_setting(config: ExperimentConfig) -> str:
    """What follows a symbol in the title of a panel with every setting of a run."""
    if config.settings[0].instance is not None:
        return "of every instance"
    kind, meaning = setting_kind(config), sweep_named(config.sweep).factor_of
    if kind == "S":
        return "at every sparsity"
    is_named = meaning and len(config.sweep_values) > 1 and len(config.sparsities) == 1
    return f"at every {kind} ({meaning})" if is_named else "at every setting"


def widest_setting_name(config: ExperimentConfig) -> int:
    """The width of the longest ``setting_name``, found without visiting every setting."""
    first = config.settings[0]
    sparsities = [replace(first, sparsity=sparsity) for sparsity in config.sparsities]
    swept = [replace(first, swept=value) for value in config.sweep_values] or [first]
    widest = (
        max(len(setting_name(config, each)) for each in group) for group in (sparsities, swept)
    )
    return sum(widest) - len(setting_name(config, first))


def fixed(value: float, width: int, decimals: int) -> str:
    """A number in this width, capped at the largest that fits; a dash if it is not finite.

    >>> fixed(0.5, 4, 2), fixed(1234, 4, 2)
    ('0.50', '9.99')
    """
    if not math.isfinite(value):
        return "—".rjust(width)
    largest = 10.0 ** (width - decimals - 1) - 10.0**-decimals
    return f"{min(value, largest):{width}.{decimals}f}"


def hundredths(value: float, *, plus: bool = False) -> str:
    """−0.93, or +0.93 with ``plus``: always five columns.

    >>> hundredths(0.931), hundredths(-12.3, plus=True), hundredths(-0.001), hundredths(1e9)
    (' 0.93', '  −12', ' 0.00', ' >999')
    """
    if not math.isfinite(value):
        return with_minus(f"{value:5}")
    if abs(value) >= 999.5:
        return " >999" if value > 0 else "<−999"
    value = 0.0 if abs(value) < 0.005 else value
    decimals = 2 if abs(value) < 9.995 else 0
    return with_minus(f"{value:{'+' if plus and value else ''}5.{decimals}f}")


def signed(value: float, zero: str = ZERO) -> str:
    """+0.93 or −0.93: always five columns; ``zero`` for what would be 0.00."""
    return zero if abs(value) < 0.005 else hundredths(value, plus=True)
