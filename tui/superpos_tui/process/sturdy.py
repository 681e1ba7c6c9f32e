"""What keeps one failing handler from ending the program.

Textual ends a widget's message loop at the first exception of a handler, and the app with it. Here
the app is told, which logs it and says so in a line, and the loop goes on with the next message.
"""

from typing import Any

from textual.await_complete import AwaitComplete
from textual.command import CommandList, CommandPalette
from textual.message import Message
from textual.message_pump import MessagePump
from textual.screen import ModalScreen, Screen, ScreenResultType
from textual.widgets import OptionList
from textual.worker import Worker


class Sturdy(MessagePump):
    """Mixed into an app, a screen or a widget: its message loop outlives what handlers raise.

    It comes last among the bases: Textual takes styles from the first.
    """

    async def _dispatch_message(self, message: Message) -> None:
        try:
            await super()._dispatch_message(message)
        except Exception as error:
            self.app._handle_exception(error)


class SturdyScreen(Screen[None], Sturdy):
    """The instrument's own screen."""


class AnswersOnce(Screen[ScreenResultType]):
    """Mixed into a modal screen, last: its first answer counts, and only while it is on top.

    Keys may come faster than a screen goes away. Textual would then take away whatever is on top.
    """

    def dismiss(self, result: ScreenResultType | None = None) -> AwaitComplete:
        """Close with an answer, if this is still there to be closed."""
        if self.app.screen is not self:
            return AwaitComplete()
        return super().dismiss(result)


class Dialog(ModalScreen[ScreenResultType], AnswersOnce[ScreenResultType], Sturdy):
    """What every dialog is made of."""


class CommandSearch(CommandPalette, AnswersOnce[None], Sturdy):
    """Textual's command palette, as sturdy as the rest."""

    def run_worker(self, work: Any, *arguments: Any, **options: Any) -> Worker[Any]:
        """A search may end after the list that it fills has gone: no reason to end the program."""
        return super().run_worker(work, *arguments, **{**options, "exit_on_error": False})

    def _action_command_list(self, action: str) -> None:
        if _has_lines(self.query_one(CommandList)):
            super()._action_command_list(action)


class Choices(OptionList, Sturdy):
    """A list to choose from, in a dialog."""

    def action_page_up(self) -> None:
        """Highlight what is a page above."""
        if _has_lines(self):
            super().action_page_up()  # type: ignore[no-untyped-call]

    def action_page_down(self) -> None:
        """Highlight what is a page below."""
        if _has_lines(self):
            super().action_page_down()  # type: ignore[no-untyped-call]


def _has_lines(options: OptionList) -> bool:
    """Whether there are pages to turn: keys may come before a list has found its place."""
    return bool(options.scrollable_content_region.width)
