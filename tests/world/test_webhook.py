"""Posting to a webhook: a real server on loopback that fails, refuses, redirects, or is not there."""

from __future__ import annotations

import json
import socket

import pytest

from manager.errors import Failed, Unreachable
from manager.world.webhook import PAUSES, post
from tests.fakes.receivers import hook

BODY = json.dumps({"text": "für alle"}).encode()


def test_a_server_that_fails_twice_is_asked_three_times() -> None:
    """Pauses grow; what was sent is the same each time, so that the server can tell a repetition."""
    pauses: list[float] = []
    with hook(500, 429, 202) as there:
        post(there.address, BODY, {"Idempotency-Key": "n1"}, pause=pauses.append)

    assert [body for _, body in there.came] == [BODY] * 3
    assert {headers["Idempotency-Key"] for headers, _ in there.came} == {"n1"}
    assert pauses == list(PAUSES)


def test_a_server_that_says_when_is_left_alone_so_long() -> None:
    """Retry-After counts up to ten seconds, and never shortens a pause."""
    pauses: list[float] = []
    with hook("7", "3600", 200) as there:
        post(there.address, BODY, {}, pause=pauses.append)

    assert pauses == [7.0, 10.0]


def test_one_that_stays_ill_is_unreachable() -> None:
    """After the last attempt the reason is what it answered; the address, a secret, is not in it."""
    with hook(503) as there, pytest.raises(Unreachable) as caught:
        post(there.address, BODY, {}, pause=lambda _: None)

    assert caught.value.message == "it answers 503"
    assert len(there.came) == 3
    assert "SECRET" not in repr(vars(caught.value))


def test_one_that_refuses_is_asked_once() -> None:
    """What will be refused again is not sent again."""
    with hook(404) as there, pytest.raises(Failed, match="it answers 404"):
        post(there.address, BODY, {}, pause=lambda _: None)

    assert len(there.came) == 1


def test_a_redirection_is_not_followed() -> None:
    """What was meant for one address goes to no other one."""
    with hook(307) as there, pytest.raises(Failed, match="it answers 307"):
        post(there.address, BODY, {}, pause=lambda _: None)

    assert len(there.came) == 1


@pytest.mark.parametrize("path", ["/SECRET", "/a b/SECRET"])
def test_nobody_there_is_unreachable_with_the_reason(path: str) -> None:
    """A closed port is tried as often as any, and said in the system's words without the address."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    pauses: list[float] = []

    with pytest.raises(Unreachable) as caught:
        post(f"http://127.0.0.1:{port}{path}", BODY, {}, pause=pauses.append)

    assert "refused" in caught.value.message
    assert len(pauses) == 2
    assert "SECRET" not in repr(vars(caught.value))


def test_what_is_no_address_is_not_repeated() -> None:
    """A reference may hold anything."""
    with pytest.raises(Unreachable) as caught:
        post("http://[SECRET", BODY, {}, pause=lambda _: None)

    assert "SECRET" not in repr(vars(caught.value))
