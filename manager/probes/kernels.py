"""Runs inside an environment with the IDE's own Python: cells in kernels that its Jupyter server starts.

Standard input is one JSON object:

    url         where the server is, such as http://127.0.0.1:8888
    credential  the file with its token
    seconds     for all cells of a kernel
    kernels     [{"name": "python3", "cells": ["1+1", ...]}, ...]: each is started for its cells, and then shut down

Standard output is a JSON line for each cell: {"number" (of its kernel, from 0), "printed", "shown", "error",
"seconds"}; ``shown`` is each result as plain text.

The protocol is Jupyter's, as a notebook speaks it: REST for a kernel's life, a WebSocket for its
messages (https://jupyter-client.readthedocs.io/en/stable/messaging.html). Every Jupyter server stands on Tornado.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
import time
import uuid
from pathlib import Path

from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPRequest
from tornado.websocket import websocket_connect


async def rest(asked, method, path, body=None):
    """Make one request of the server's REST interface; give its JSON, or nothing."""
    text = json.dumps(body) if body is not None else None
    answer = await AsyncHTTPClient().fetch(request(asked, f"{asked['url']}{path}", method=method, body=text))
    return json.loads(answer.body) if answer.body else None


def request(asked, address, **more):
    """Give one authorized request. Tornado's own limits are 20 s, and a kernel on a busy machine begins later."""
    headers = {"Authorization": f"token {Path(asked['credential']).read_text()}", "Content-Type": "application/json"}
    return HTTPRequest(
        address, headers=headers, connect_timeout=asked["seconds"], request_timeout=asked["seconds"], **more
    )


async def run(socket, session, code):
    """Run one cell; give what it printed, what it showed, and its error."""
    number = uuid.uuid4().hex
    header = {"msg_id": number, "msg_type": "execute_request", "username": "", "session": session, "version": "5.3"}
    content = {"code": code, "silent": False, "store_history": False, "allow_stdin": False, "user_expressions": {}}
    message = {"channel": "shell", "header": header, "parent_header": {}, "metadata": {}, "content": content}
    await socket.write_message(json.dumps(message))
    printed, shown, error, replied, idle = "", [], "", False, False
    while not (replied and idle):
        line = await socket.read_message()
        if line is None:
            return printed, shown, "the kernel went away"
        one = json.loads(line)
        if one["parent_header"].get("msg_id") != number:
            continue
        kind, content = one["header"]["msg_type"], one["content"]
        if kind == "stream":
            printed += content["text"]
        elif kind in ("display_data", "execute_result"):
            shown.append(content["data"].get("text/plain", ""))
        elif kind == "execute_reply":
            replied = True
            if content["status"] != "ok":
                error = f"{content.get('ename')}: {content.get('evalue')}"
        elif kind == "status":
            # A kernel that dies is "dead", or is begun again by its server: what was asked is never answered.
            if content["execution_state"] in ("dead", "restarting", "autorestarting"):
                return printed, shown, "the kernel died"
            idle = content["execution_state"] == "idle"
    return printed, shown, error


def say(number, began, printed="", shown=(), error=""):
    """Print one cell's line."""
    line = {"number": number, "printed": printed, "shown": list(shown), "error": error}
    print(json.dumps({**line, "seconds": round(time.monotonic() - began, 3)}), flush=True)


async def given_up(asked, path):
    """Return when the server has a kernel no more: it gives one up that dies at each of its starts."""
    while True:
        await asyncio.sleep(1)
        try:
            await rest(asked, "GET", path)
        except HTTPClientError as error:
            if error.code == 404:
                return


async def connected(asked, path, session):
    """Give the socket of a kernel; None where that dies before it answers, for which the server would wait longer."""
    address = f"ws{asked['url'][4:]}{path}/channels?session_id={session}"
    connecting = asyncio.ensure_future(websocket_connect(request(asked, address), max_message_size=1 << 26))
    gone = asyncio.ensure_future(given_up(asked, path))
    await asyncio.wait({connecting, gone}, return_when=asyncio.FIRST_COMPLETED)
    gone.cancel()
    if connecting.done():
        return connecting.result()
    connecting.cancel()
    return None


async def kernel(asked, number, name, cells):
    """Start one kernel, run its cells, and shut it down."""
    start = time.monotonic()
    began = await rest(asked, "POST", "/api/kernels", {"name": name})
    path = f"/api/kernels/{began['id']}"
    try:
        session = uuid.uuid4().hex
        socket = await connected(asked, path, session)
        if socket is None:
            say(number, start, error="the kernel died")
            return
        for code in cells:
            start = time.monotonic()
            say(number, start, *await run(socket, session, code))
        socket.close()
    finally:
        # One that died is gone already, and what its cells came to is said.
        with contextlib.suppress(HTTPClientError):
            await rest(asked, "DELETE", path)


async def main(asked):
    """Ask one kernel after the other; what goes wrong with one is said as its error."""
    for number, one in enumerate(asked["kernels"]):
        start = time.monotonic()
        try:
            await asyncio.wait_for(kernel(asked, number, one["name"], one["cells"]), asked["seconds"])
        except Exception as error:
            say(number, start, error=f"{type(error).__name__}: {error}")


if __name__ == "__main__":
    asyncio.run(main(json.load(sys.stdin)))
