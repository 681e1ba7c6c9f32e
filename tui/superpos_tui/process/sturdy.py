"""Base classes that keep one failing handler from ending the program.

Textual ends a widget's message loop, and the app, at the first exception in a handler. Here the app
logs the exception and shows it in one line, and the loop continues with the next message.
"""

from typing import Any

from textual.await_complete import AwaitComplete
from textual.command import CommandList, CommandPalette, DiscoveryHit, Hits
from textual.message import Message
from textual.message_pump import MessagePump
from textual.screen import ModalScreen, Screen, ScreenResultType
from textual.system_commands import SystemCommandsProvider
from textual.widgets import OptionList
from textual.worker import Worker


class Sturdy(MessagePump):
    """Mixin for an app, screen or widget whose message loop survives exceptions in handlers.

    List it last among the bases: Textual takes styles from the first.
    """

    async def _dispatch_message(self, message: Message) -> None:
        try:
            await super()._dispatch_message(message)
        except Exception as error:
            self.app._handle_exception(error)


class SturdyScreen(Screen[None], Sturdy):
    """The instrument's own screen."""


class AnswersOnce(Screen[ScreenResultType]):
    """Mixin for a modal screen, listed last: only its first answer counts, while it is on top.

    Keys may arrive before a screen has closed. Textual would then close whatever is on top.
    """

    def dismiss(self, result: ScreenResultType | None = None) -> AwaitComplete:
        """Close with an answer, if this screen is still on top."""
        if self.app.screen is not self:
            return AwaitComplete()
        return super().dismiss(result)


class Dialog(ModalScreen[ScreenResultType], AnswersOnce[ScreenResultType], Sturdy):
    """The base of every dialog."""


class CommandSearch(CommandPalette, AnswersOnce[None], Sturdy):
    """Textual's command palette, made sturdy."""

    def run_worker(self, work: Any, *arguments: Any, **options: Any) -> Worker[Any]:
        """Run a search that may outlive the list it fills without ending the program."""
        return super().run_worker(work, *arguments, **{**options, "exit_on_error": False})

    def _action_command_list(self, action: str) -> None:
        if _has_lines(self.query_one(CommandList)):
            super()._action_command_list(action)


class CommandsInOrder(SystemCommandsProvider):
    """Lists all commands in the app's order, where Textual sorts them by name."""

    async def discover(self) -> Hits:
        """Every command, before anything is typed."""
        for title, help_text, command, is_listed in self.app.get_system_commands(self.screen):
            if is_listed:
                yield DiscoveryHit(title, command, help=help_text)


class Choices(OptionList, Sturdy):
    """A list to choose from, in a dialog."""

    def action_page_up(self) -> None:
        """Move the highlight up one page."""
        if _has_lines(self):
            super().action_page_up()  # type: ignore[no-untyped-call]

    def action_page_down(self) -> None:
        """Move the highlight down one page."""
        if _has_lines(self):
            super().action_page_down()  # type: ignore[no-untyped-call]


def _has_lines(options: OptionList) -> bool:
    """Whether the list has been laid out: keys may arrive before that."""
    return bool(options.scrollable_content_region.width)
