"""Plans what this machine lacks before it can run environments: packages and a running engine."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from manager.core.actions import InstallPackages, StartEngine
from manager.core.plan import Plan, Step, fingerprint

if TYPE_CHECKING:
    from datetime import date

    from manager.app.settings import Settings


def plan(settings: Settings, today: date) -> Plan:
    """Plan what is missing; an engine that answers is used as it is.

    Raises Unreachable, with the commands to run by hand, where Solvent may not install or start anything itself.
    """
    from manager.world import host

    environment = dict(os.environ)
    if settings.engine_url:
        environment["DOCKER_HOST"] = settings.engine_url
    found = host.look(environment=environment)
    needs = host.plan(found)
    host.permit(found, needs)
    packages = [need for need in needs if need.kind == "package"]
    steps: list[Step] = []
    if packages:
        names = tuple(need.what for need in packages)
        steps.append(
            Step(
                id="host:packages",
                kind="install packages",
                target=", ".join(names),
                cause="; ".join(dict.fromkeys(need.why for need in packages)),
                do=InstallPackages(names),
            )
        )
    for need in needs:
        if need.kind == "start":
            steps.append(
                Step(
                    id="host:engine",
                    kind="start engine",
                    target=found.address,
                    cause=need.why,
                    do=StartEngine(),
                    needs=tuple(step.id for step in steps),
                )
            )
    return Plan("prepare this machine", today, tuple(steps), (), fingerprint(found))
