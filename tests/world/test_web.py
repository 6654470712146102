"""Waiting for a web server on this machine."""

from __future__ import annotations

import http.server
import socket
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from manager.errors import Failed
from manager.world.web import pause, port_free, ready

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def _server(answers: list[int]) -> Iterator[tuple[int, list[str]]]:
    """Serve these statuses one after the other, the last one for ever; gives the port and the paths asked."""
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(answers.pop(0) if len(answers) > 1 else answers[0])
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server.server_address[1], asked
        server.shutdown()


def test_ready_waits_for_an_answer_below_400() -> None:
    """A server that still answers 503 is not ready; a redirect is an answer."""
    with _server([503, 404, 302]) as (port, asked):
        seconds = ready(port, "/api", timeout=10)

    assert asked == ["/api"] * 3
    assert 0 < seconds < 10


def test_a_connection_without_an_answer_is_not_ready() -> None:
    """A port that accepts and says nothing, as an engine's proxy does, is waited for until the timeout."""
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(Failed) as caught:
        ready(silent.getsockname()[1], "/api", timeout=0.3)

    assert "within 0.3 s" in caught.value.message
    assert "timed out" in caught.value.why


def test_the_timeout_names_the_last_answer() -> None:
    """A server that never gets well is reported with what it said."""
    with _server([500]) as (port, _), pytest.raises(Failed) as caught:
        ready(port, "/api", timeout=0.2)

    assert caught.value.why == "the last answer was 500"


def test_who_waits_may_give_up() -> None:
    """What ``between`` raises ends the wait long before the timeout."""

    def ended() -> None:
        raise Failed("the container ended")

    with _server([500]) as (port, _), pytest.raises(Failed, match="the container ended"):
        ready(port, "/api", timeout=60, between=ended)


def test_a_long_wait_is_asked_less_often() -> None:
    """The pause is a twentieth of the wait, within 50 ms and a second, so few tries go to a slow start."""
    assert pause(0) == 0.05
    assert pause(4) == pytest.approx(0.2)
    assert pause(100) == 1.0


def test_a_port_is_free_until_something_listens() -> None:
    """A listening program holds its port."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert not port_free(port)

    assert port_free(port)
