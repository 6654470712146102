"""The terminal UI over HTTP: nobody without the token, the options passed on, and an end for all."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.error import HTTPError
from urllib.parse import urlsplit

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import ClientConnection, connect

if TYPE_CHECKING:
    from collections.abc import Iterator

_PATIENCE = 60
CODE = "import sys; from manager.cli.main import run; sys.exit(run())"


@contextmanager
def served(home: Path, *words: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Serve it without an engine; give the process and the address."""
    environ = {**os.environ, "SOLVENT_HOME": str(home), "DOCKER_HOST": "unix:///nowhere.sock"}
    with subprocess.Popen(
        [sys.executable, "-c", CODE, "tui", "--serve", *words], env=environ, text=True, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        try:
            yield process, process.stdout.readline().strip()
        finally:
            process.kill()


def status(address: str) -> int:
    """Ask for a page; give the answer's status."""
    try:
        with urllib.request.urlopen(address, timeout=_PATIENCE) as answer:
            code: int = answer.status
            return code
    except HTTPError as error:
        return error.code


def seen(session: ClientConnection, word: bytes) -> None:
    """Read until a word has come."""
    text, end = b"", time.monotonic() + _PATIENCE
    while word not in text:
        assert time.monotonic() < end, text[-2000:]
        part = session.recv(timeout=_PATIENCE)
        text += part if isinstance(part, bytes) else b""


def children(process: subprocess.Popen[str]) -> list[str]:
    """Give the processes that a process has made and that have not ended."""
    return Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()


def test_nobody_gets_in_without_the_token(tmp_path: Path) -> None:
    """No page and no session, whatever stands in the token's place; and the token is said once."""
    with served(tmp_path) as (process, url):
        place = urlsplit(url)
        token, root = place.path.strip("/"), f"http://{place.netloc}"
        assert place.hostname == "127.0.0.1"
        assert len(token) >= 43
        assert status(url) == 200

        wrong = ("", "x/", f"{token[:-1]}/", f"{token}x/", f"{token.swapcase()}/", "%C3%A9/", f"?token={token}", "ws")
        assert {status(f"{root}/{one}") for one in wrong} == {404}
        assert status(f"{url}ws") == 400
        for one in ("x", token[:-1]):
            with pytest.raises(InvalidStatus) as refused, connect(f"ws://{place.netloc}/{one}/ws"):
                pass
            assert refused.value.response.status_code == 404
        assert children(process) == []

        process.send_signal(signal.SIGINT)
        rest = process.communicate(timeout=_PATIENCE)[0]
        assert token not in rest
        assert "Traceback" not in rest
        assert process.returncode == 0


def test_a_session_has_the_options_and_ends_with_the_server(tmp_path: Path) -> None:
    """What is pressed arrives; ctrl+c ends every session, and no process stays."""
    with served(tmp_path, "--read-only", "--as-of", "2027-05-01") as (process, url):
        place = urlsplit(url)
        address = f"ws://{place.netloc}{place.path}ws?width=120&height=30"
        with connect(address) as session, connect(address) as other:
            seen(session, b"read only")
            seen(other, b"1 Overview")
            session.send('["stdin", "2"]')
            seen(session, b"RELEASE")
            sessions = children(process)
            assert len(sessions) == 2
            words = Path(f"/proc/{sessions[0]}/cmdline").read_bytes().split(b"\0")
            assert words[3:-1] == [b"tui", b"--read-only", b"--as-of", b"2027-05-01"]

            process.send_signal(signal.SIGINT)
            assert process.wait(_PATIENCE) == 0
        assert [one for one in sessions if Path(f"/proc/{one}").exists()] == []


def test_a_session_ends_with_its_page(tmp_path: Path) -> None:
    """A tab that is closed leaves no process behind, and the next one gets a session of its own."""
    with served(tmp_path) as (process, url):
        place = urlsplit(url)
        for _ in range(2):
            with connect(f"ws://{place.netloc}{place.path}ws") as session:
                seen(session, b"1 Overview")
                assert len(children(process)) == 1
            end = time.monotonic() + _PATIENCE
            while children(process):
                assert time.monotonic() < end
                time.sleep(0.05)


def test_a_port_that_is_taken_is_said(tmp_path: Path) -> None:
    """With what helps."""
    with served(tmp_path / "one") as (_, url), served(tmp_path / "two", "--port", str(urlsplit(url).port)) as second:
        process, first = second
        assert process.stdout is not None
        said = first + process.stdout.read()
        assert "cannot be listened on" in said
        assert process.wait(_PATIENCE) == 1
