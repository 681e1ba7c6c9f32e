"""``--serve``: the instrument in a browser on this machine; every tab is a process of its own."""

import os
import shlex
import socket
import sys
from collections.abc import Awaitable, Callable, Sequence

from aiohttp import web
from textual_serve.server import Server

from superpos_core.errors import InvalidValue
from superpos_tui.process.environment import SERVED

HOST = "localhost"
MAX_TABS = 4
"""Each trains: more would take the cores from one another."""
FULL = f"superpos-tui: {MAX_TABS} tabs are open; close one, then reload this page\r\n"
OWN_OPTIONS = ("--serve", "--port")

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def serve(arguments: Sequence[str], port: int) -> int:
    """Serve until interrupted, and return the exit code; ``arguments`` are those of every tab.

    Raises ``InvalidValue`` if the port is taken.
    """
    _check_free(port)
    os.environ[SERVED] = "1"
    TabServer([sys.executable, "-m", "superpos_tui", *of_a_tab(arguments)], port).serve()
    return 0


def of_a_tab(arguments: Sequence[str]) -> list[str]:
    """The same arguments without those that concern the server."""
    left = list[str]()
    words = iter(arguments)
    for word in words:
        name, equals, _ = word.partition("=")
        if name == "--port" and not equals:
            next(words, None)
        elif name not in OWN_OPTIONS:
            left.append(word)
    return left


def _check_free(port: int) -> None:
    try:
        with socket.create_server((HOST, port)):
            pass
    except OverflowError:
        raise InvalidValue("port", port, "there is no such port", "one up to 65535") from None
    except OSError as error:
        reason = os.strerror(error.errno or 0).lower()
        raise InvalidValue("port", port, reason, "another one") from None


class TabServer(Server):
    """Textual's server, quieter, and for pages from this machine alone.

    Any page in the browser may open a connection to this machine. Only one that came from here may
    press keys.
    """

    def __init__(self, command: Sequence[str], port: int, tabs: int = MAX_TABS) -> None:
        super().__init__(shlex.join(command), HOST, port, title="superpos-tui")
        self._tabs = tabs
        self._open: set[web.WebSocketResponse] = set()
        self._places_taken = 0

    def initialize_logging(self) -> None:
        """Log only problems, on the standard error output, as Python does by itself."""

    async def on_startup(self, app: web.Application) -> None:
        """Say where it is."""
        self.console.print(f"superpos-tui is at {self.public_url} · ctrl+c ends it", style="none")

    async def on_shutdown(self, app: web.Application) -> None:
        """End what the tabs show."""
        for websocket in tuple(self._open):
            await websocket.close()

    async def _make_app(self) -> web.Application:
        @web.middleware
        async def only_from_here(request: web.Request, handler: Handler) -> web.StreamResponse:
            self._check_origin(request)
            return await handler(request)

        app = await super()._make_app()
        app.middlewares.append(only_from_here)
        app.on_response_prepare.append(self._note_websocket)
        return app

    def _check_origin(self, request: web.Request) -> None:
        """Refuse pages of other sites, whatever name they have for this machine."""
        ours = f"{HOST}:{self.port}"
        origin = request.headers.get("Origin", self.public_url)
        if request.host != ours or origin != self.public_url:
            raise web.HTTPForbidden(text=f"only from {self.public_url}")

    async def _note_websocket(self, request: web.Request, response: web.StreamResponse) -> None:
        if isinstance(response, web.WebSocketResponse):
            self._open.add(response)

    async def handle_websocket(self, request: web.Request) -> web.WebSocketResponse:
        """Start the process of a tab, unless there are too many."""
        if self._places_taken >= self._tabs:
            websocket = web.WebSocketResponse()
            await websocket.prepare(request)
            await websocket.send_bytes(FULL.encode())
            await websocket.close()
            return websocket
        self._places_taken += 1
        try:
            websocket = await super().handle_websocket(request)
        finally:
            self._places_taken -= 1
        self._open.discard(websocket)
        return websocket
