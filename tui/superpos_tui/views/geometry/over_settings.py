"""How the shapes change with sparsity: the geometry at every setting, one row each."""

from superpos_tui.drawing.glyphs import SELECTED
from superpos_tui.drawing.numbers import of_every_setting, setting_name
from superpos_tui.drawing.palette import Ink
from superpos_tui.drawing.text_lines import Line, cut, line
from superpos_tui.drawing.window import start_around
from superpos_tui.measures.geometry import lane_geometry
from superpos_tui.scene import Scene
from superpos_tui.selection import SelectSetting

MAX_SETTINGS = 12
"""Maximum rows: of more settings, those around the one in focus are shown."""


def shapes_over_settings(scene: Scene, width: int) -> list[Line]:
    """A header and a row per setting, which a click opens; nothing if there is only one."""
    settings, focus = scene.config.settings, scene.focus.setting
    if len(settings) == 1:
        return []
    count = min(len(settings), MAX_SETTINGS)
    first = start_around(focus, count, len(settings))
    names = {
        setting: setting_name(scene.config, settings[setting])
        for setting in range(first, first + count)
    }
    name_width = max(map(len, names.values()))
    lines = [line((f"shapes {of_every_setting(scene.config)}", Ink.MUTED))]
    for setting, name in names.items():
        is_shown = setting == focus
        text = scene.at_setting(setting).of(lane_geometry).text
        start = f"{SELECTED if is_shown else ' '} {name:<{name_width}}  "
        lines.append(
            line(
                (start, Ink.ACCENT if is_shown else Ink.MUTED),
                (cut(text, max(width - len(start), 0)), Ink.TEXT if is_shown else Ink.MUTED),
                clicked=SelectSetting(setting),
                reading=f"{name}: {text}",
            )
        )
    return lines
