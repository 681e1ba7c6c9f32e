"""The themes: quiet backgrounds on which the data colours keep their meaning.

All colours are exact entries of the xterm 256-colour table. ``terminal`` uses the terminal's own
colours.
"""

from textual.theme import BUILTIN_THEMES, Theme

from superpos_tui.look.theme_names import TERMINAL_THEME


def _theme(
    name: str, *, ground: str, surface: str, text: str, border: str, accent: str, dark: bool = True
) -> Theme:
    return Theme(
        name=name,
        dark=dark,
        primary=accent,
        accent=accent,
        foreground=text,
        background=ground,
        surface=surface,
        panel=surface,
        success="#5faf87",
        warning="#d7af5f" if dark else "#875f00",
        error="#ff5f5f" if dark else "#af0000",
        variables={"panel-border": border},
    )


def _terminal_theme() -> Theme:
    theme = BUILTIN_THEMES["ansi-dark"]
    return Theme(
        name=TERMINAL_THEME,
        primary="ansi_blue",
        secondary=theme.secondary,
        warning=theme.warning,
        error=theme.error,
        success=theme.success,
        accent="ansi_magenta",
        foreground=theme.foreground,
        background=theme.background,
        surface=theme.surface,
        panel=theme.panel,
        boost=theme.boost,
        dark=True,
        variables={**theme.variables, "panel-border": "ansi_bright_black"},
        ansi=True,
    )


THEMES: tuple[Theme, ...] = (
    _theme("night", ground="#121212", surface="#1c1c1c", text="#d0d0d0", border="#444444",
           accent="#af87ff"),
    _theme("black", ground="#000000", surface="#121212", text="#e4e4e4", border="#4e4e4e",
           accent="#af87ff"),
    _theme("dusk", ground="#1c1c1c", surface="#262626", text="#d7d7d7", border="#4e4e4e",
           accent="#d7af87"),
    _theme("paper", ground="#eeeeee", surface="#e4e4e4", text="#262626", border="#b2b2b2",
           accent="#8700ff", dark=False),
    _theme("white", ground="#ffffff", surface="#eeeeee", text="#1c1c1c", border="#bcbcbc",
           accent="#8700ff", dark=False),
    _terminal_theme(),
)  # fmt: skip
