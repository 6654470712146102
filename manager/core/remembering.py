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
from manager.core.memory import Asked, Launched, Removed
from manager.core.observed import Container

if TYPE_CHECKING:
    from datetime import datetime

    from manager.core.actions import Action
    from manager.core.memory import Memory


def remembers(action: Action) -> bool:
    """Say whether a step changes what is remembered; only then it matters on which engine."""
    return isinstance(
        action,
        CreateEnvironment
        | StartEnvironment
        | ResumeEnvironment
        | StopEnvironment
        | RemoveContainer
        | ForgetEnvironment,
    )


def memory_of(action: Action, result: object, engine: str, now: datetime) -> Memory | None:
    """Say what is to be remembered of a step that ended well."""
    match action:
        case CreateEnvironment() if isinstance(result, ContainerSpec):
            made = Container("", result.name, result.image, "created", dict(result.labels), now)
            known = replace(environment_of(made), state="unknown", networks=result.networks)
            return Launched(engine, known, result)
        case StartEnvironment() | ResumeEnvironment():
            return Asked(engine, action.container, "running")
        case StopEnvironment():
            return Asked(engine, action.container, "stopped")
        case RemoveContainer() | ForgetEnvironment():
            return Removed(engine, action.container)
    return None
