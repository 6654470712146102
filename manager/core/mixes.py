"""Mixtures of two sets: whether what is pinned fits what its distributions ask for, as a resolver would have it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from packaging.requirements import InvalidRequirement
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion

from manager.core.locks import marker_environment
from manager.core.markers import requirement

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


def conflicts(
    wants: Mapping[str, tuple[str, ...]], versions: Mapping[str, str], python: str
) -> tuple[tuple[str, str], ...]:
    """Give each requirement (PEP 508) that a set does not meet, with the distribution that asks for it.

    ``wants`` are what each installed distribution requires, ``versions`` what is pinned, both by normalised name.
    Requirements of extras are left out: which extras are wanted stands in no metadata. What cannot be read as a
    requirement or a version is no conflict.
    """
    return tuple((name, text) for name, some in sorted(wants.items()) for text in _unmet(some, versions, python))


def _unmet(some: tuple[str, ...], versions: Mapping[str, str], python: str) -> Iterator[str]:
    environment = {**marker_environment(python, "x86_64"), "extra": ""}
    for text in some:
        try:
            one = requirement(text)
            if one.marker is not None and not one.marker.evaluate(environment):
                continue
            there = versions.get(canonicalize_name(one.name))
            if there is None or not one.specifier.contains(there, prereleases=True):
                yield text
        except (InvalidRequirement, InvalidVersion):
            continue
