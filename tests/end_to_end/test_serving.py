"""``--serve``: what a page gets, and, with a browser that is installed, what it shows."""

import asyncio
import base64
import io
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import aiohttp.web
import numpy as np
import pytest
from PIL import Image
from tests.end_to_end.program import PROGRAM, TINY, environment

from superpos_tui.command_line.serving import TabServer, of_a_tab

DEADLINE = 120.0
BROWSER = shutil.which("chromium") or shutil.which("google-chrome") or ""
QUIET = (
    "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--window-size=1400,900",
)  # fmt: skip


def free_port() -> int:
    with socket.create_server(("localhost", 0)) as free:
        port: int = free.getsockname()[1]
    return port


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    """Look again until it holds."""
    async with asyncio.timeout(DEADLINE):
        while not await condition():
            await asyncio.sleep(0.1)


async def listens(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("localhost", port)
    except OSError:
        return False
    writer.close()
    return True


@asynccontextmanager
async def serving(tmp_path: Path, *options: str) -> AsyncIterator[tuple[str, Any]]:
    """The address of a server, and its process."""
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-P", *PROGRAM, "--serve", "--port", str(port), *options,
        env=environment(tmp_path), stdout=subprocess.PIPE,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        line = await asyncio.wait_for(process.stdout.readline(), DEADLINE)
        assert f"superpos-tui is at http://localhost:{port}" in line.decode()
        await until(lambda: listens(port))  # it does at once
        yield f"http://localhost:{port}", process
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        await asyncio.wait_for(process.wait(), DEADLINE)


def test_a_tab_gets_all_options_but_those_of_the_server() -> None:
    words = ["--serve", "--steps", "5", "--port", "80", "--port=81", "out", "--theme=paper"]
    assert of_a_tab(words) == ["--steps", "5", "out", "--theme=paper"]


async def test_a_page_from_here_gets_the_instrument_and_no_other_page(tmp_path: Path) -> None:
    """It obeys keys, and the program ends with its page."""
    async with (
        serving(tmp_path, *TINY, "--steps", "5", "--view", "weights") as (address, process),
        aiohttp.ClientSession() as session,
    ):
        for headers in ({"Host": "elsewhere.example"}, {"Origin": "http://elsewhere.example"}):
            for path in ("/", "/ws"):
                async with session.get(address + path, headers=headers) as answer:
                    assert answer.status == 403
        async with session.ws_connect(f"{address}/ws?width=100&height=30") as page:
            shown = b""
            while b"W and b" not in shown:
                shown += await page.receive_bytes(timeout=DEADLINE)
            await page.send_json(["stdin", "q"])
            async for message in page:
                assert message.type is aiohttp.WSMsgType.BINARY
        assert page.closed
        process.send_signal(signal.SIGINT)
        assert await asyncio.wait_for(process.wait(), DEADLINE) == 0


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[asyncio.subprocess.Process]:
    """The processes of tabs that a server in this process has started."""
    start, processes = asyncio.create_subprocess_shell, []

    async def remembered(*command: Any, **options: Any) -> asyncio.subprocess.Process:
        processes.append(await start(*command, **options))
        return processes[-1]

    monkeypatch.setattr(asyncio, "create_subprocess_shell", remembered)
    return processes


async def test_only_so_many_tabs_are_open_at_once(
    monkeypatch: pytest.MonkeyPatch, started: list[asyncio.subprocess.Process]
) -> None:
    server = TabServer(["head", "-c", "1"], port=0, tabs=1)  # it ends when it is asked to
    monkeypatch.setattr(server, "_check_origin", lambda request: None)
    runner = aiohttp.web.AppRunner(await server._make_app())
    await runner.setup()
    site = aiohttp.web.TCPSite(runner, "localhost", 0)
    await site.start()
    address = f"http://localhost:{runner.addresses[0][1]}/ws"
    try:
        async with (
            aiohttp.ClientSession() as session,
            session.ws_connect(address),
            session.ws_connect(address) as second,
        ):
            assert b"close one, then reload" in await second.receive_bytes(timeout=DEADLINE)
            assert (await second.receive(timeout=DEADLINE)).type is aiohttp.WSMsgType.CLOSE
    finally:
        await runner.cleanup()
    assert len(started) == 1
    assert await asyncio.wait_for(started[0].wait(), DEADLINE) == 0


def test_a_port_that_is_taken_is_told(tmp_path: Path) -> None:
    with socket.create_server(("localhost", 0)) as taken:
        port = str(taken.getsockname()[1])
        result = subprocess.run(
            [sys.executable, "-P", *PROGRAM, "--serve", "--port", port],
            env=environment(tmp_path), capture_output=True, text=True, timeout=DEADLINE,
            check=False,
        )  # fmt: skip
    assert result.returncode == 2
    assert result.stderr.startswith(f"superpos-tui: --port {port}: address already in use")
    assert len(result.stderr.splitlines()) == 1


# ── a browser ─────────────────────────────────────────────────────────────────────────────────


class Page:
    """A page of a real browser, by its remote protocol."""

    def __init__(self, connection: aiohttp.ClientWebSocketResponse) -> None:
        self._connection = connection
        self._sent = 0

    async def call(self, method: str, **parameters: object) -> dict[str, Any]:
        """Call a method, and wait for its answer."""
        self._sent += 1
        await self._connection.send_json({"id": self._sent, "method": method, "params": parameters})
        while True:
            answer = await self._connection.receive_json(timeout=DEADLINE)
            if answer.get("id") == self._sent:
                return dict(answer["result"])

    async def press(self, key: str) -> None:
        """Press a key that has a character, in the terminal on the page."""
        focus = "document.querySelector('textarea').focus()"
        await self.call("Runtime.evaluate", expression=focus)
        await self.call("Input.dispatchKeyEvent", type="keyDown", key=key, text=key)
        await self.call("Input.dispatchKeyEvent", type="keyUp", key=key)

    async def picture(self) -> np.ndarray[Any, np.dtype[np.uint8]]:
        """What the page looks like, shape (height, width, 3)."""
        taken = await self.call("Page.captureScreenshot", format="png")
        image = Image.open(io.BytesIO(base64.b64decode(taken["data"])))
        return np.asarray(image.convert("RGB"))


@asynccontextmanager
async def browsing(tmp_path: Path, address: str) -> AsyncIterator[Page]:
    """A page that shows the address, in a browser of its own."""
    profile = tmp_path / "profile"
    process = await asyncio.create_subprocess_exec(
        BROWSER, *QUIET, f"--user-data-dir={profile}", "--remote-debugging-port=0", address,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        told = profile / "DevToolsActivePort"

        async def has_told() -> bool:
            return told.exists() and len(told.read_text().splitlines()) == 2

        await until(has_told)
        port = told.read_text().split()[0]
        async with aiohttp.ClientSession() as session:
            async with session.get(f"http://127.0.0.1:{port}/json") as answer:
                pages = [each for each in await answer.json() if each["type"] == "page"]
            async with session.ws_connect(
                pages[0]["webSocketDebuggerUrl"], max_msg_size=0
            ) as connection:
                yield Page(connection)
    finally:
        process.terminate()
        await process.wait()


@pytest.mark.thorough
@pytest.mark.skipif(not BROWSER, reason="no browser is installed")
async def test_a_browser_shows_it_and_its_keys_work(tmp_path: Path) -> None:
    """The light theme is seen on the screen, then another view, then that the program has ended."""
    async with (
        serving(tmp_path, *TINY, "--steps", "5", "--theme", "paper") as (address, _),
        browsing(tmp_path, address) as page,
    ):

        async def is_light() -> bool:
            return bool(np.median(await page.picture()) > 200)

        async def shows_weights() -> bool:
            await page.press("5")
            return bool(np.mean(await page.picture() != before) > 0.05)

        await until(is_light)
        before = await page.picture()
        await until(shows_weights)
        assert await is_light()
        await page.press("q")

        async def has_ended() -> bool:
            return not await is_light()

        await until(has_ended)
        assert not await is_light()
