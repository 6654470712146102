"""What of a step that ended well is remembered of an environment."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from manager.core.actions import (
    CreateEnvironment,
    ForgetEnvironment,
    RemoveContainer,
    ResumeEnvironment,
    StartEnvironment,
    StopEnvironment,
)
from manager.core.containers import ContainerSpec
from manager.core.environments import environment_of
from manager.core.memory import Asked, Kept, Launched, Removed
from manager.core.observed import Container
from manager.core.snapshots import Arrived, Snapshot
from manager.core.upgrade_actions import KeepDefinition, StartSuccessor

if TYPE_CHECKING:
    from datetime import datetime

    from manager.core.actions import Action
    from manager.core.memory import Memory
    from manager.core.observed import Environment


def remembers(action: Action) -> bool:
    """Say whether a step changes what is remembered; only then it matters on which engine."""
    return isinstance(
        action,
        CreateEnvironment
        | StartEnvironment
        | ResumeEnvironment
        | StopEnvironment
        | RemoveContainer
        | ForgetEnvironment
        | KeepDefinition
        | StartSuccessor,
    )


def memory_of(action: Action, result: object, engine: str, now: datetime) -> Memory | None:
    """Say what is to be remembered of a step that ended well."""
    match action:
        case CreateEnvironment() if isinstance(result, ContainerSpec):
            return Launched(engine, _described(result, now), result)
        case StartSuccessor() | KeepDefinition():
            return _of_upgrade(action, result, engine, now)
        case StartEnvironment() | ResumeEnvironment():
            return Asked(engine, action.container, "running")
        case StopEnvironment():
            return Asked(engine, action.container, "stopped")
        case RemoveContainer() | ForgetEnvironment():
            return Removed(engine, action.container)
    return None


def _described(spec: ContainerSpec, now: datetime) -> Environment:
    made = Container("", spec.name, spec.image, "created", dict(spec.labels), now)
    return replace(environment_of(made), state="unknown", networks=spec.networks)


def _of_upgrade(action: StartSuccessor | KeepDefinition, result: object, engine: str, now: datetime) -> Memory | None:
    if isinstance(action, KeepDefinition):
        shot = Snapshot(engine, action.container, 0, action.release, action.version, action.digest, now)
        return Kept(shot, action.spec)
    if not isinstance(result, Arrived):
        return None
    # It has the old one's place as soon as this is written: from here on there is no way but forward.
    spec = replace(result.spec, name=action.container)
    return Launched(engine, replace(_described(spec, now), wanted=action.leaves), spec, action.returned)
