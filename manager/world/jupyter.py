"""Talking to a running Jupyter server: run code in a kernel of its own and read what it showed.

The protocol is Jupyter's: REST for the kernel's life, a WebSocket for its messages (messaging protocol 5,
JSON over one connection: https://jupyter-client.readthedocs.io/en/stable/messaging.html).
"""

from __future__ import annotations

import http.client
import json
import time
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

from manager.errors import Failed, Refused, Unreachable

if TYPE_CHECKING:
    from websockets.sync.client import ClientConnection


@dataclass(frozen=True, slots=True)
class Display:
    """One thing that a cell showed, in the two forms that text can hold; an absent form is empty."""

    plain: str = ""
    html: str = ""


@dataclass(frozen=True, slots=True)
class CellResult:
    """What running a cell gave.

    ``text`` is what it printed, stdout and stderr in their order; ``displays`` what it showed, its value last;
    ``error`` is ``Name: message`` of the exception, or empty.
    """

    status: Literal["ok", "error", "aborted"]
    text: str = ""
    displays: tuple[Display, ...] = ()
    error: str = ""

    @property
    def plain(self) -> str:
        """Give everything that was shown as plain text."""
        return "\n".join(one.plain for one in self.displays if one.plain)

    @property
    def html(self) -> str:
        """Give everything that was shown as HTML."""
        return "\n".join(one.html for one in self.displays if one.html)


def run_cell(base_url: str, token: str, code: str, timeout: float = 60, kernel: str = "python3") -> CellResult:
    """Run code in a new kernel of a server and shut the kernel down afterwards.

    ``base_url`` is such as ``http://127.0.0.1:8888/``; the token travels in a header, never in a URL. Code that
    raises gives a result with ``status="error"``. Raises Refused for a wrong token, Unreachable when nothing
    answers, Failed when the server cannot start the kernel or the cell takes longer than ``timeout`` seconds.
    """
    until = time.monotonic() + timeout
    server = _Server(base_url, token)
    try:
        started = server.ask("POST", "api/kernels", timeout, {"name": kernel})
    except Failed as error:
        raise Failed(
            f"the server did not start a kernel {kernel!r}",
            why=error.why,
            hint="its log says more: solvent env logs NAME",
        ) from error
    try:
        return _execute(server, started["id"], code, until, timeout)
    finally:
        server.ask("DELETE", f"api/kernels/{started['id']}", 10)


def save_notebook(base_url: str, token: str, path: str, cells: tuple[str, ...], kernel: str = "python3") -> None:
    """Write a notebook of code cells below the server's root folder; one that is there already stays.

    Raises what :func:`run_cell` raises for a server that does not answer or does not take the token.
    """
    server = _Server(base_url, token)
    folder, _, name = path.rpartition("/")
    listed = server.ask("GET", f"api/contents/{folder}", 10).get("content") or ()
    if any(entry["name"] == name for entry in listed):
        return
    notebook = {
        "cells": [
            {
                "cell_type": "code",
                "id": f"cell-{number}",
                "metadata": {},
                "outputs": [],
                "execution_count": None,
                "source": one,
            }
            for number, one in enumerate(cells)
        ],
        "metadata": {"kernelspec": {"name": kernel, "display_name": kernel, "language": "python"}},
        # nbformat 4.5 is the first in which cells have ids.
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    body: dict[str, Any] = {"type": "notebook", "format": "json", "content": notebook}
    server.ask("PUT", f"api/contents/{path}", 10, body)


@dataclass(frozen=True, slots=True)
class _Server:
    base_url: str
    token: str

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"token {self.token}"}

    @property
    def place(self) -> str:
        """Give host, port and base path, with a slash at the end."""
        parts = urlsplit(self.base_url)
        return f"{parts.netloc}{parts.path.rstrip('/')}/"

    def ask(self, method: str, path: str, timeout: float, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """Make one REST request; give its JSON, or an empty dict where there is none."""
        host, _, base = self.place.partition("/")
        connection = http.client.HTTPConnection(host, timeout=timeout)
        try:
            connection.request(method, f"/{base}{path}", json.dumps(body) if body else None, self.headers)
            answer = connection.getresponse()
            text = answer.read()
        except (OSError, http.client.HTTPException) as error:
            raise Unreachable(f"no Jupyter server answers at {self.place}", why=str(error)) from error
        finally:
            connection.close()
        if answer.status in (401, 403):
            raise _refused(self)
        if answer.status >= 400:
            raise Failed(f"{method} {path} was answered with {answer.status}", why=_message(text))
        found = json.loads(text) if text else {}
        return found if isinstance(found, dict) else {}


def _refused(server: _Server) -> Refused:
    return Refused(
        f"the Jupyter server at {server.place} does not accept this token",
        why="an environment gets a new token at each start",
        hint="see the present one:  solvent env show NAME",
    )


def _message(text: bytes) -> str:
    try:
        return str(json.loads(text)["message"])
    except (ValueError, KeyError, TypeError):
        return text[:200].decode(errors="replace")


def _execute(server: _Server, kernel: str, code: str, until: float, timeout: float) -> CellResult:
    from websockets.exceptions import InvalidStatus, WebSocketException
    from websockets.sync.client import connect

    session = uuid.uuid4().hex
    address = f"ws://{server.place}api/kernels/{kernel}/channels?session_id={session}"
    late = Failed(f"the cell did not end within {timeout:g} s", hint="the kernel was shut down")
    try:
        # Messages of any size: a cell may show a large table. No proxy: the server is on this machine.
        with connect(
            address,
            additional_headers=server.headers,
            open_timeout=_left(until, late),
            max_size=None,
            compression=None,
            proxy=None,
        ) as socket:
            request = _request(session, code)
            socket.send(json.dumps(request))
            return _collect(socket, request["header"]["msg_id"], until, late)
    except InvalidStatus as error:
        if error.response.status_code in (401, 403):
            raise _refused(server) from error
        raise Failed("the server did not open the kernel's channels", why=str(error)) from error
    except TimeoutError:
        raise late from None
    except (OSError, WebSocketException) as error:
        raise Failed("the connection to the kernel broke", why=str(error)) from error


def _left(until: float, late: Failed) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise late
    return left


def _request(session: str, code: str) -> dict[str, Any]:
    return {
        "channel": "shell",
        "header": {
            "msg_id": uuid.uuid4().hex,
            "msg_type": "execute_request",
            "username": "solvent",
            "session": session,
            "date": "",
            "version": "5.3",
        },
        "parent_header": {},
        "metadata": {},
        "content": {
            "code": code,
            "silent": False,
            "store_history": False,
            "user_expressions": {},
            "allow_stdin": False,
            "stop_on_error": True,
        },
        "buffers": [],
    }


def _collect(socket: ClientConnection, request: str, until: float, late: Failed) -> CellResult:
    """Read until the reply has come and the kernel is idle again: outputs may follow the reply."""
    text: list[str] = []
    displays: list[Display] = []
    reply: dict[str, Any] = {}
    idle = False
    while not (reply and idle):
        message = json.loads(socket.recv(timeout=_left(until, late)))
        if message["parent_header"].get("msg_id") != request:
            continue
        kind, content = message["header"]["msg_type"], message["content"]
        if kind == "stream":
            text.append(content["text"])
        elif kind in ("display_data", "execute_result"):
            data = content["data"]
            displays.append(Display(data.get("text/plain", ""), data.get("text/html", "")))
        elif kind == "execute_reply":
            reply = content
        elif kind == "status":
            idle = content["execution_state"] == "idle"
    error = f"{reply['ename']}: {reply['evalue']}" if reply["status"] == "error" else ""
    return CellResult(reply["status"], "".join(text), tuple(displays), error)
