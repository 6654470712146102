"""How a person meets a build: its page in a headless browser, with the credential and without."""

from __future__ import annotations

import json
import secrets
from typing import TYPE_CHECKING

from manager.app.sandbox import printed, read_results, script
from manager.core.access import kind_of
from manager.core.containers import ContainerSpec, Tmpfs
from manager.core.evidence import Result
from manager.core.ingredients import BROWSER, base_key
from manager.errors import Failed

if TYPE_CHECKING:
    from manager.app.proving.container import Subject
    from manager.app.world import World

_SECONDS = 300


def browser(world: World, subject: Subject) -> ContainerSpec:
    """Give the browser's container, which shares the network of the build's and nothing else."""
    system = world.catalog.system(BROWSER)
    return ContainerSpec(
        name=f"{world.names.realm}-browser-{secrets.token_hex(4)}",
        image=world.names.base(system.id, base_key(system)),
        labels=subject.labels,
        entrypoint=("/usr/bin/python3",),
        command=("-c", script("page")),
        environment=(("HOME", "/tmp"),),  # noqa: S108 - the container's own
        user="65534:65534",
        tmpfs=(
            Tmpfs("/tmp", "rw,exec,nosuid,nodev,size=1g,mode=1777"),  # noqa: S108 - the container's own
            Tmpfs("/dev/shm", "rw,nosuid,nodev,size=512m,mode=1777"),  # noqa: S108 - the container's own
        ),
        networks=(f"container:{subject.container}",),
        memory=2 * 1024**3,
        stdin=True,
    )


def met(world: World, subject: Subject, spec: ContainerSpec) -> tuple[Result, ...]:
    """Open the page in the browser; it waits for the IDE by itself."""
    launch = subject.family.launch
    kind = kind_of(launch)
    question = {
        "url": subject.address,
        "page": launch.page,
        "selector": launch.selector,
        "token": subject.credential,
        "parameter": kind.parameter,
        "field": kind.field,
        "user_field": kind.user_field,
        "user": kind.user,
        "login": kind.login,
        "guarded": kind.guarded,
        "timeout": 60,
    }
    try:
        text = printed(world, spec, json.dumps(question).encode(), _SECONDS)
    except Failed as error:
        return (Result("page", "error", error.message),)
    return read_results(text) or (Result("page", "error", f"no answer: {text.strip()[-300:]}"),)
