"""Runs inside an environment with the IDE's own Python: cells in notebooks that its marimo server opens.

Standard input is one JSON object:

    url         where the server is, such as http://127.0.0.1:2718
    credential  the file with its token
    seconds     for all cells of a notebook
    kernels     [{"name": ..., "cells": ["1+1", ...]}, ...]: each is a new notebook, which is never saved

Standard output is a JSON line for each cell: {"number" (of its notebook, from 0), "printed", "shown", "error",
"seconds"}; ``shown`` is each result as marimo shows it.

The protocol is marimo's own: a WebSocket opens a notebook, which starts its kernel, and one REST request runs code in
it and answers with server-sent events (as ``marimo pair`` asks it, from marimo 0.24 on).
"""

from __future__ import annotations

import http.client
import json
import secrets
import sys
import time
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from websockets.sync.client import connect


def say(number, began, printed="", shown=(), error=""):
    """Print one cell's line."""
    line = {"number": number, "printed": printed, "shown": list(shown), "error": error}
    print(json.dumps({**line, "seconds": round(time.monotonic() - began, 3)}), flush=True)


def ready(socket, until):
    """Read messages until the kernel of the notebook runs."""
    while True:
        message = json.loads(socket.recv(timeout=max(until - time.monotonic(), 0)))
        if message.get("op") == "kernel-ready":
            return
        if message.get("op") == "kernel-startup-error":
            raise OSError(f"marimo did not start a kernel: {message.get('data', {}).get('error', '')}")


def execute(place, headers, code, until):
    """Run one cell; give what it printed, what it showed, and its error."""
    connection = http.client.HTTPConnection(place, timeout=max(until - time.monotonic(), 1))
    try:
        body = json.dumps({"code": code})
        connection.request("POST", "/api/kernel/execute", body, headers | {"Content-Type": "application/json"})
        answer = connection.getresponse()
        if answer.status != http.client.OK:
            raise OSError(f"the code was answered with {answer.status}")
        return collected(events(answer))
    finally:
        connection.close()


def collected(found):
    """Put together what the events of one cell say."""
    printed, complained = [], []
    for kind, data in found:
        if kind == "stdout":
            printed.append(str(data.get("data", "")))
        elif kind == "stderr":
            complained.append(str(data.get("data", "")))
        elif kind == "done":
            shown = str((data.get("output") or {}).get("data") or "")
            error = "" if data.get("success") else "".join(complained).strip() or "it ended without a word"
            return "".join(printed), [shown], error
    raise OSError("marimo's answer broke off before the code had ended")


def events(lines):
    """Read server-sent events whose data is JSON: (name, data)."""
    name, data = "message", ""
    for raw in lines:
        line = raw.decode(errors="replace").rstrip("\r\n")
        field, _, value = line.partition(":")
        if not line:
            if data:
                yield name, json.loads(data)
            name, data = "message", ""
        elif field == "event":
            name = value.strip()
        elif field == "data":
            data += value.removeprefix(" ")


def notebook(asked, number, cells):
    """Open one notebook, run its cells, and leave it."""
    until, place = time.monotonic() + asked["seconds"], urlsplit(asked["url"]).netloc
    session = f"s_{secrets.token_hex(3)}"
    headers = {"Authorization": f"Bearer {Path(asked['credential']).read_text()}"}
    address = f"ws://{place}/ws?{urlencode({'session_id': session, 'file': '__new__'})}"
    with connect(address, additional_headers=headers, open_timeout=asked["seconds"], max_size=None, proxy=None) as one:
        ready(one, until)
        for code in cells:
            start = time.monotonic()
            say(number, start, *execute(place, headers | {"Marimo-Session-Id": session}, code, until))


def main(asked):
    """Ask one notebook after the other; what goes wrong with one is said as its error."""
    for number, one in enumerate(asked["kernels"]):
        start = time.monotonic()
        try:
            notebook(asked, number, one["cells"])
        except Exception as error:
            say(number, start, error=f"{type(error).__name__}: {error}")


if __name__ == "__main__":
    main(json.load(sys.stdin))
