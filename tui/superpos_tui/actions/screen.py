"""The screen itself: panels, themes, help, the command palette."""

from collections.abc import Collection, Mapping

from superpos_tui.desk.desk import Action, Desk
from superpos_tui.look.theme_names import THEME_NAMES
from superpos_tui.process.sturdy import CommandSearch
from superpos_tui.settings.remembered import Memory, Remembered
from superpos_tui.views.key import Key
from superpos_tui.views.registry import VIEWS


class ScreenActions:
    """Arrange the screen, and show help and commands."""

    def __init__(self, desk: Desk, keys: Collection[Key], memory: Memory | None) -> None:
        self._desk = desk
        self._keys = keys
        self._memory = memory
        self.named: Mapping[str, Action] = {
            "next_panel": lambda: desk.screen.bring_to_front(1),
            "previous_panel": lambda: desk.screen.bring_to_front(-1),
            "maximise": lambda: desk.screen.maximise(is_maximised=not desk.screen.is_maximised),
            "next_theme": self.next_theme,
            "command_palette": self.command_palette,
            "help": self.help,
            "panel_help": self.panel_help,
        }

    def next_theme(self) -> None:
        """Switch to the next theme, cyclically."""
        theme = self._desk.app.theme
        index = THEME_NAMES.index(theme) if theme in THEME_NAMES else -1
        self.choose_theme(THEME_NAMES[(index + 1) % len(THEME_NAMES)])

    def choose_theme(self, name: str) -> None:
        """Switch to a theme, and remember it for the next start."""
        self._desk.app.theme = name
        problem = self._memory and self._memory.keep(Remembered(theme=name))
        self._desk.notify(f"{name}; {problem}" if problem else name, title="theme", timeout=2)

    def command_palette(self) -> None:
        """Open the command palette."""
        self._desk.app.push_screen(CommandSearch(id="--command-palette"))

    def help(self) -> None:
        """Show the panels of the view, the glossary and all keys."""
        from superpos_tui.dialogs.help import HelpDialog, help_chapters

        view, screen = VIEWS[self._desk.current.selection.view], self._desk.screen
        chapters = help_chapters(self._keys, VIEWS.values(), view, screen.panel_titles)
        self._desk.app.push_screen(HelpDialog("help", chapters, screen.palette))

    def panel_help(self) -> None:
        """Explain the focused panel: its reading and story, its keys and its words."""
        from superpos_tui.dialogs.help import HelpDialog, panel_chapters

        view, screen = VIEWS[self._desk.current.selection.view], self._desk.screen
        panel = view.panels[screen.front_panel.panel_name]
        title = screen.panel_titles[panel.name]
        chapters = panel_chapters(panel, self._desk.current.scene, title, self._keys, view)
        self._desk.app.push_screen(HelpDialog("about this panel", chapters, screen.palette))
