"""Foreign exceptions into Solvent's: what Docker, requests and sockets raise, told as causes with a remedy.

The sentences matched here are those of Docker 20.10 and 28.
"""

from __future__ import annotations

import errno
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from manager.errors import Failed, ManagerError, NotTrusted, Refused, Unreachable, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_PORT_TAKEN = ("port is already allocated", "address already in use")
_NO_COMMAND = ("executable file not found", "exec:")
_NO_REGISTRY = (
    "dial tcp", "no such host", "connection refused", "i/o timeout", "tls handshake", "client.timeout",
    "server misbehaving", "x509:", "proxyconnect", "eof", "http response to https client", "no route to host",
)  # fmt: skip
_UNKNOWN_AUTHORITY = "certificate signed by unknown authority"
_NO_LOGIN = ("unauthorized", "no basic auth credentials", "authentication required", "incorrect username or password")
_NOT_THERE = ("manifest unknown", "not found", "pull access denied", "does not exist", "no such image")

_START = "see what is missing:  solvent doctor"
_GROUP = "add yourself to the group docker and log in again (that group is root here):  solvent doctor"


@contextmanager
def translated(doing: str, engine: str = "") -> Iterator[None]:
    """Turn what the block raises into ManagerError; ``doing`` completes "could not ...".

    Programming errors pass as they are.
    """
    try:
        yield
    except ManagerError:
        raise
    except Exception as error:
        foreign = translate(error, doing, engine)
        if foreign is None:
            raise
        raise foreign from error


def translate(error: Exception, doing: str, engine: str = "") -> ManagerError | None:
    """Give the ManagerError for an exception of docker, requests, urllib3 or the operating system, else None."""
    from docker.errors import APIError, DockerException
    from urllib3.exceptions import HTTPError

    if isinstance(error, APIError):
        return refusal(error.status_code or 500, str(error.explanation or error), doing)
    if isinstance(error, (DockerException, OSError, HTTPError)):
        return _no_answer(error, engine)
    return None


def or_none(ask: Callable[..., Any], *words: str, **more: Any) -> Any:
    """Give None for what does not exist."""
    from docker.errors import NotFound

    try:
        return ask(*words, **more)
    except NotFound:
        return None


def refusal(status: int, words: str, doing: str) -> ManagerError:
    """Give the error for an HTTP status and the engine's own words."""
    low = words.lower()
    if any(sign in low for sign in _PORT_TAKEN):
        return _port_taken(words, doing)
    if "no space left on device" in low:
        return Failed(f"could not {doing}: the disk is full", why=words, hint="see what takes it:  docker system df")
    if "address pool" in low:
        return Failed(f"could not {doing}: no address range is free", why=words, hint="docker network prune")
    if _names_nothing(status, low):
        return UsageError(f"could not {doing}: {words}")
    # "is not running" is a conflict to Docker; nothing is taken then, the step just cannot work.
    if status in (403, 409) and "not running" not in low and "is paused" not in low:
        return Refused(f"could not {doing}: {_taken(words)}", why=words)
    return Failed(f"could not {doing}", why=words)


def _names_nothing(status: int, low: str) -> bool:
    if status == 400:
        return "invalid reference format" in low or "bind source path does not exist" in low
    return status == 404 and not any(sign in low for sign in _NO_COMMAND)


def no_image(words: str, reference: str) -> ManagerError:
    """Give the error for a pull that failed with these words."""
    low = words.lower()
    if refused := _shut_out(words, reference):
        return refused
    if any(sign in low for sign in _NOT_THERE) and "no such host" not in low:
        return UsageError(f"no registry gives {reference}", why=words)
    return _silent(words, reference) or Failed(f"could not pull {reference}", why=words)


def not_pushed(words: str, reference: str) -> ManagerError:
    """Give the error for a push that failed with these words."""
    if "denied" in words.lower():
        hint = "name a login that may push, in [mirror.credentials]:  builds"
        return Unreachable(f"the registry does not let this login push {reference}", why=words, hint=hint)
    found = _shut_out(words, reference) or _silent(words, reference)
    return found or Failed(f"could not push {reference}", why=words)


def _shut_out(words: str, reference: str) -> Unreachable | None:
    """Give the error of a registry that answers and cannot be used as things are."""
    low = words.lower()
    if any(sign in low for sign in _NO_LOGIN):
        hint = "name its login in [mirror.credentials]:  builds or registry, or:  docker login"
        return Unreachable(f"the registry of {reference} wants another login", why=words, hint=hint)
    if _UNKNOWN_AUTHORITY in low:
        host = reference.partition("/")[0]
        return NotTrusted(
            f"the engine does not know who signed the certificate of {host}",
            why=words,
            hint=f"on the engine's machine:  sudo install -D -m 644 CA.pem /etc/docker/certs.d/{host}/ca.crt",
        )
    return None


def _silent(words: str, reference: str) -> Unreachable | None:
    if any(sign in words.lower() for sign in _NO_REGISTRY):
        return Unreachable(f"no registry answers for {reference}", why=words, hint=_START)
    return None


def _port_taken(words: str, doing: str) -> Refused:
    # "Bind for 127.0.0.1:8888 failed", "listen tcp4 127.0.0.1:8888: bind", "bind host port 127.0.0.1:8888/tcp"
    found = re.search(r"127\.0\.0\.1:(\d+)", words) or re.search(r":(\d+)\b", words)
    port = f"port {found[1]}" if found else "a port"
    return Refused(
        f"could not {doing}: {port} of 127.0.0.1 is taken",
        why=words,
        hint="choose another port, or stop what listens there",
    )


def _taken(words: str) -> str:
    low = words.lower()
    if "is already in use by container" in low or "already exists" in low:
        return "the name is taken"
    if "volume is in use" in low:
        return "the volume is in use"
    if "active endpoints" in low:
        return "containers are connected to it"
    if low.startswith("conflict"):
        return "something still uses it"
    return words


def _no_answer(error: Exception, engine: str) -> Unreachable:
    where = engine or "the engine"
    cause = _root(error)
    number = cause.errno if isinstance(cause, OSError) else None
    if number in (errno.EACCES, errno.EPERM):
        return Unreachable(f"no permission to talk to {where}", why=_said(cause), hint=_GROUP)
    if number in (errno.ENOENT, errno.ECONNREFUSED):
        return Unreachable(f"no engine answers at {where}", why=_said(cause), hint=_START)
    if isinstance(cause, TimeoutError) or "timed out" in str(error).lower():
        return Unreachable(f"{where} took too long to answer", why=_said(cause), hint=_START)
    return Unreachable(f"lost or never had a connection to {where}", why=_said(cause), hint=_START)


def _root(error: BaseException) -> BaseException:
    """Dig for the operating system's error: requests and urllib3 wrap it in causes and in arguments."""
    waiting, seen = [error], set[int]()
    while waiting:
        one = waiting.pop(0)
        if id(one) in seen:
            continue
        seen.add(id(one))
        if isinstance(one, TimeoutError) or (isinstance(one, OSError) and one.errno is not None):
            return one
        inside = (one.__cause__, one.__context__, *one.args)
        waiting += [each for each in inside if isinstance(each, BaseException)]
    return error


def _said(cause: BaseException) -> str:
    return str(cause) or type(cause).__name__
