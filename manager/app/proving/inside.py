"""What is true inside a build's container: it starts alone, is confined, and keeps its secrets."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING

from manager.app.proving.container import SYSTEM_PYTHON, asked
from manager.app.proving.health import command
from manager.app.sandbox import read_results
from manager.core.access import CREDENTIAL
from manager.core.evidence import Result
from manager.errors import Failed

if TYPE_CHECKING:
    from manager.app.proving.container import Subject
    from manager.app.world import World

_READY = (
    "import sys, time, urllib.request as r\n"
    "for n in range(240):\n"
    "    try: sys.exit(r.urlopen(sys.argv[1], timeout=5).status != 200)\n"
    "    except OSError: time.sleep(0.25)\n"
    "sys.exit(1)"
)
_START_SECONDS = 90
_SECONDS = 120


def started(world: World, subject: Subject) -> Result:
    """Say whether the IDE serves in a container without any network."""
    began = time.monotonic()
    address = f"{subject.address}{subject.family.launch.ready}"
    # Its container may have ended before it could be asked.
    with suppress(Failed):
        answer = world.engine.exec(subject.container, (*SYSTEM_PYTHON, _READY, address), timeout=_START_SECONDS)
        if answer.code == 0:
            return Result("image.starts-offline", "pass", "", round(time.monotonic() - began, 3))
    log = b"".join(world.engine.logs(subject.container, tail=10)).decode(errors="replace")
    return Result("image.starts-offline", "fail", log.strip()[-400:] or "it does not answer")


def confined(world: World, subject: Subject) -> tuple[Result, ...]:
    """Ask what the container may do, where it listens, and where its credential lies."""
    launch = subject.family.launch
    question = {
        "uid": launch.uid,
        "port": launch.port,
        "secrets": [CREDENTIAL],
        "health": command(world, subject.digest),
        "volumes": [launch.home, launch.workspace],
    }
    answer = asked(world, subject, "inside", question, _SECONDS)
    results = read_results(answer.stdout.decode(errors="replace"))
    if answer.code == 0 and results:
        return results
    said = answer.stderr.decode(errors="replace").strip()[-300:]
    return (*results, Result("inside", "error", f"the probe ended with {answer.code}: {said}"))


def logins(world: World, subject: Subject) -> Result:
    """Look for logins in the files in which tools keep them: as the user, and as root, whose files those may be."""
    launch = subject.family.launch
    question = {"homes": [launch.home, launch.workspace, "/root", "/etc/skel"]}
    found = []
    for user in ("", "0"):
        answer = asked(world, subject, "logins", question, _SECONDS, user=user)
        results = read_results(answer.stdout.decode(errors="replace"))
        if not results:
            said = answer.stderr.decode(errors="replace").strip()[-300:]
            return Result("image.logins", "error", f"the probe ended with {answer.code}: {said}")
        found += [one for one in results if one.outcome != "pass"]
    return found[0] if found else Result("image.logins", "pass")
