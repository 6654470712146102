"""Building and importing images: the engine's stream of JSON lines, and no remains of a failure."""

from __future__ import annotations

import json
import re
import time
from collections import deque
from contextlib import suppress
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from manager.errors import Failed
from manager.world.engine import context as tar
from manager.world.engine.sending import events, post

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from docker import APIClient

_TAIL = 20
# How long a container that is being removed may take, in seconds; an image that another build uses stays after that.
_REMOVING = 5.0
_MADE = re.compile(r"^ ---> ([0-9a-f]{12})$")
# The engine colours what a RUN said on its standard error.
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_RUNNING = re.compile(r"^ ---> Running in ([0-9a-f]{12})$")
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def build(
    client: APIClient,
    context: dict[str, Path | bytes],
    arguments: dict[str, str],
    labels: dict[str, str],
    reference: str,
    say: Callable[[str], None],
) -> str:
    """Build with the engine's classic builder, which docker's API has everywhere; give the config digest.

    When it fails or is interrupted, the images and containers that it made are removed, and no other.
    """
    known = set(client.images(quiet=True, all=True))
    log: deque[str] = deque(maxlen=_TAIL)
    images: list[str] = []
    containers: list[str] = []
    digest = ""
    try:
        for event in _build_events(client, context, arguments, labels, reference, say):
            if "error" in event:
                raise Failed(f"the build of {reference} failed", why="\n".join([*log, str(event["error"]).strip()]))
            digest = (event.get("aux") or {}).get("ID", digest)
            said = _COLOUR.sub("", str(event.get("stream") or event.get("status") or ""))
            for line in said.splitlines():
                if found := _MADE.match(line):
                    images.append(found[1])
                elif found := _RUNNING.match(line):
                    containers.append(found[1])
                if line.strip():
                    log.append(line.rstrip())
                    say(line.rstrip())
    except BaseException:
        _sweep(client, images, containers, known)
        raise
    if not digest:
        raise Failed(f"the build of {reference} ended without an image", why="\n".join(log))
    return digest


def import_image(client: APIClient, tarball: Path, reference: str, labels: dict[str, str]) -> str:
    """Make an image of one layer from a root file system with an ordinary PATH; give the config digest."""
    repository, _, tag = reference.partition(":")
    changes = [f"LABEL {_quoted(key)}={_quoted(value)}" for key, value in sorted(labels.items())]
    try:
        with tarball.open("rb") as file:
            response = post(
                client,
                "/images/create",
                file,
                {"fromSrc": "-", "repo": repository, "tag": tag, "changes": [*changes, f"ENV PATH={PATH}"]},
            )
    except FileNotFoundError as error:
        if error.filename is None:
            raise
        raise Failed(f"could not read the root file system of {reference}", why=str(error)) from error
    digest = ""
    for event in events(response):
        if "error" in event:
            raise Failed(f"could not import {reference}", why=str(event["error"]))
        digest = event.get("status", digest)
    return digest


def _build_events(
    client: APIClient,
    context: dict[str, Path | bytes],
    arguments: dict[str, str],
    labels: dict[str, str],
    reference: str,
    say: Callable[[str], None],
) -> Iterator[dict[str, Any]]:
    params = {
        "t": reference,
        "rm": "true",
        "forcerm": "true",
        "buildargs": json.dumps(arguments, sort_keys=True),
        "labels": json.dumps(labels, sort_keys=True),
    }
    return events(post(client, "/build", tar.stream(context, say), params))


def _sweep(client: APIClient, images: list[str], containers: list[str], known: set[str]) -> None:
    """Remove what a build made, newest first; what was there before, or is used by another build, stays."""
    from docker.errors import DockerException

    before = {digest.removeprefix("sha256:")[:12] for digest in known}
    for container in containers:
        with suppress(DockerException, OSError):
            client.remove_container(container, v=True, force=True)
    for image in reversed([one for one in images if one not in before]):
        with suppress(DockerException, OSError):
            _remove(client, image)


def _remove(client: APIClient, image: str) -> None:
    """Remove an image; the engine takes its container away meanwhile, which is a conflict for as long as that takes."""
    from docker.errors import APIError

    until = time.monotonic() + _REMOVING
    while True:
        try:
            client.remove_image(image, noprune=True)
        except APIError as error:
            if error.status_code != HTTPStatus.CONFLICT or time.monotonic() > until:
                raise
            time.sleep(0.1)
        else:
            return


def _quoted(text: str) -> str:
    # A word of a Dockerfile in double quotes: backslash, quote and dollar would mean something.
    return '"' + re.sub(r'([\\"$])', r"\\\1", text) + '"'
