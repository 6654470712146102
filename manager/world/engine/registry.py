"""Registries, reached by the engine: what they have, sending to them and pulling from them. Logins go in a header."""

from __future__ import annotations

import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from manager.core.amounts import show_size
from manager.errors import Failed, Unreachable, UsageError
from manager.world.engine.sending import checked
from manager.world.engine.translate import no_image, not_pushed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from docker import APIClient

    from manager.core.reach import Login
    from manager.errors import ManagerError

# A person waits for the answer, and a registry that is there gives it at once.
_SECONDS = 10
# How often a transfer tells of its bytes.
_EVERY = 1.0


def manifest(client: APIClient, reference: str, login: Login | None = None) -> str:
    """Give the digest of a manifest, "" where the registry has none of that name."""
    with suppress(UsageError), _asking(reference, no_image):
        # The SDK's own call, with less patience than the engine gets.
        answer = client.get(
            f"{client.base_url}/v{client.api_version}/distribution/{reference}/json",
            headers=_header(client, reference, login),
            timeout=_SECONDS,
        )
        return str(checked(answer).json()["Descriptor"]["digest"])
    return ""


def pull(client: APIClient, reference: str, say: Callable[[str], None], login: Login | None = None) -> None:
    """Pull an image; each state of each layer is said once, and the bytes of long ones as they come."""
    with _asking(reference, no_image):
        for event in _told(client.pull(reference, stream=True, decode=True, auth_config=_auth(login)), say):
            if "error" in event:
                raise no_image(str(event["error"]), reference)


def push(client: APIClient, reference: str, say: Callable[[str], None], login: Login | None = None) -> str:
    """Push an image; give the digest of its manifest."""
    repository, _, tag = reference.rpartition(":")
    digest = ""
    with _asking(reference, not_pushed):
        for event in _told(client.push(repository, tag, stream=True, decode=True, auth_config=_auth(login)), say):
            if "error" in event:
                raise not_pushed(str(event["error"]), reference)
            digest = (event.get("aux") or {}).get("Digest", digest)
    if not digest:
        raise Failed(f"the push of {reference} ended without a digest")
    return digest


@contextmanager
def _asking(reference: str, told: Callable[[str, str], ManagerError]) -> Iterator[None]:
    """Turn what the engine says of a registry into Solvent's errors; silence is the registry's, not the engine's."""
    from docker.errors import APIError
    from requests import Timeout
    from urllib3.exceptions import ReadTimeoutError

    try:
        yield
    except (Timeout, ReadTimeoutError, TimeoutError) as error:
        why = "the engine waits for it in vain"
        raise Unreachable(f"no registry answers for {reference}", why=why, hint="solvent doctor") from error
    except APIError as error:
        raise told(str(error.explanation or error), reference) from error


def _told(events: Iterable[dict[str, Any]], say: Callable[[str], None]) -> Iterable[dict[str, Any]]:
    """Give the events on, and say them: a state of a layer once, the bytes of all layers together once a second."""
    said: set[tuple[str, str]] = set()
    moved: dict[tuple[str, str], tuple[int, int]] = {}
    last = time.monotonic()
    for event in events:
        yield event
        line = (str(event.get("id", "")), str(event.get("status", "")))
        amount = event.get("progressDetail") or {}
        if amount.get("total"):
            # Compressed on the way, a layer may come to more than was thought.
            moved[line] = (min(amount.get("current", 0), amount["total"]), amount["total"])
        if any(line) and line not in said:
            said.add(line)
            say(": ".join(part for part in line if part))
        elif amount.get("total") and time.monotonic() - last >= _EVERY:
            same = [both for (_, state), both in moved.items() if state == line[1]]
            done, whole = (sum(column) for column in zip(*same, strict=True))
            say(f"{line[1]}: {show_size(done)} of {show_size(whole)}")
        else:
            continue
        last = time.monotonic()


def _auth(login: Login | None) -> dict[str, str] | None:
    return {"username": login.user, "password": login.password.reveal()} if login else None


def _header(client: APIClient, reference: str, login: Login | None) -> dict[str, str]:
    from docker import auth

    if login is not None:
        return {"X-Registry-Auth": auth.encode_header(_auth(login)).decode()}
    kept = auth.get_config_header(client, auth.resolve_repository_name(reference)[0])
    return {"X-Registry-Auth": kept.decode() if isinstance(kept, bytes) else kept} if kept else {}
