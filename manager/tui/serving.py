"""The terminal UI in a browser: textual-serve on 127.0.0.1, behind a token that stands in the path of every address.

The token is no cookie: one of 127.0.0.1 would be sent to whatever else listens there. textual-serve's own page asks
another host for a font; this one asks nobody.
"""

from __future__ import annotations

import asyncio
import hmac
import secrets
import shlex
import signal
import socket
from typing import TYPE_CHECKING

from aiohttp import web
from textual_serve.server import Server

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

HOST = "127.0.0.1"
# How long a session is given to end, in seconds.
_LEAVING = 1.0
_SAFE = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Content-Security-Policy": "default-src 'self'; style-src 'self' 'unsafe-inline'; connect-src 'self' ws://{host}; "
    "img-src 'self' data:; frame-ancestors 'none'",
}
# What the client's script wants to find: an element of this class, which says where its websocket is.
_PAGE = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>solvent</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/static/css/xterm.css">
<style>
@font-face {{ font-family: "Roboto Mono"; src: url("/static/fonts/RobotoMono-VariableFont_wght.ttf"); }}
html, body, .textual-terminal {{ height: 100%; margin: 0; background: #121212; color: #e0e0e0; overflow: hidden; }}
#closed {{ display: none; font-family: "Roboto Mono", monospace; padding: 2em; }}
body.-closed #closed {{ display: block; }}
body.-closed .textual-terminal {{ display: none; }}
</style>
<script src="/static/js/textual.js"></script>
</head>
<body>
<p id="closed">The session has ended; load the page again for another one.</p>
<div id="terminal" class="textual-terminal" data-font-size="14"
  data-session-websocket-url="ws://{host}/{token}/ws"></div>
</body>
</html>
"""


class Served(Server):
    """Gives each page that knows the token a terminal UI of its own: the command, in a process."""

    def __init__(self, command: Sequence[str], port: int, told: Callable[[str], None]) -> None:
        # Without a shell in between, what ends the session ends the command.
        super().__init__(f"exec {shlex.join(command)}", host=HOST, port=port, title="solvent")
        self._token = secrets.token_urlsafe(32)
        self._told = told
        self._sessions: set[asyncio.Task[object]] = set()

    @property
    def url(self) -> str:
        """Give the address, with the token."""
        return f"{self.public_url}/{self._token}/"

    def serve(self, debug: bool = False) -> None:  # noqa: ARG002 - textual-serve's signature
        """Serve until somebody interrupts it, and log nothing: a line of each request would hold the token."""
        loop = asyncio.new_event_loop()
        for one in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(one, self.request_exit)
        web.run_app(
            self._make_app(), host=HOST, port=self.port, handle_signals=False, loop=loop, access_log=None,
            shutdown_timeout=_LEAVING,
            # It is called once, when somebody can come.
            print=lambda *_words: self._told(self.url),
        )  # fmt: skip

    async def _make_app(self) -> web.Application:
        app = web.Application()
        app.add_routes([
            web.get("/{token}/", self._guarded(self._page)),
            web.get("/{token}/ws", self._guarded(self._session)),
            web.static("/static", self.statics_path),
        ])  # fmt: skip
        app.on_shutdown.append(self.on_shutdown)
        return app

    def _guarded(self, handler: Handler) -> Handler:
        """Give a page that is not there to whoever does not know the token."""

        async def guarded(request: web.Request) -> web.StreamResponse:
            given = request.match_info["token"].encode(errors="replace")
            if not hmac.compare_digest(given, self._token.encode()):
                raise web.HTTPNotFound
            return await handler(request)

        return guarded

    async def _page(self, _request: web.Request) -> web.Response:
        host = f"{HOST}:{self.port}"
        headers = {name: value.format(host=host) for name, value in _SAFE.items()}
        return web.Response(text=_PAGE.format(host=host, token=self._token), content_type="text/html", headers=headers)

    async def _session(self, request: web.Request) -> web.StreamResponse:
        if not web.WebSocketResponse().can_prepare(request).ok:
            raise web.HTTPBadRequest
        task = asyncio.current_task()
        assert task is not None
        self._sessions.add(task)
        try:
            return await self.handle_websocket(request)
        finally:
            self._sessions.discard(task)

    async def on_shutdown(self, app: web.Application) -> None:  # noqa: ARG002 - aiohttp's signature
        """End every session."""
        sessions = list(self._sessions)
        for task in sessions:
            task.cancel()
        if sessions:
            await asyncio.wait(sessions, timeout=_LEAVING)


def free_port() -> int:
    """Give a port that nothing listens on."""
    with socket.create_server((HOST, 0)) as server:
        port: int = server.getsockname()[1]
        return port
