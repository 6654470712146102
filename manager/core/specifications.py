"""A container's specification as JSON text, and back: it says everything that the container is made from."""

from __future__ import annotations

import json
from dataclasses import asdict, fields
from typing import TYPE_CHECKING, Any, TypeVar

from manager.core.containers import ContainerSpec, Mount, Publish, Tmpfs

if TYPE_CHECKING:
    from collections.abc import Iterable

T = TypeVar("T", Mount, Tmpfs, Publish)


def written(spec: ContainerSpec) -> str:
    """Give the text; there is no secret in a specification, so there is none in the text."""
    return json.dumps(asdict(spec), ensure_ascii=False, separators=(",", ":"))


def read(text: str) -> ContainerSpec:
    """Give the specification; what an older version did not know has its default, what a newer one adds is left out.

    Raises ValueError for a text that is none.
    """
    try:
        return _read(text)
    except (AttributeError, KeyError, TypeError) as error:
        raise ValueError(f"this is no container's specification: {error}") from error


def _read(text: str) -> ContainerSpec:
    found = {name: value for name, value in json.loads(text).items() if name in _names(ContainerSpec)}
    for name in ("labels", "environment"):
        found[name] = tuple((key, value) for key, value in found.get(name, ()))
    for name in ("command", "entrypoint", "networks", "resolver"):
        if found.get(name) is not None:
            found[name] = tuple(found[name])
    found["mounts"] = _each(Mount, found.get("mounts", ()))
    found["tmpfs"] = _each(Tmpfs, found.get("tmpfs", ()))
    found["publish"] = _each(Publish, found.get("publish", ()))
    return ContainerSpec(**found)


def _each(kind: type[T], found: Iterable[dict[str, Any]]) -> tuple[T, ...]:
    return tuple(kind(**{name: value for name, value in one.items() if name in _names(kind)}) for one in found)


def _names(kind: type) -> set[str]:
    return {one.name for one in fields(kind)}
