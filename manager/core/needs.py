"""Which distribution needs which, so that what only a package set needs ships in that set's layer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from manager.core.ingredients import KERNEL_RUNTIME
from manager.core.locks import marker_environment
from manager.core.markers import requirement

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from manager.core.catalog import Catalog, Release

# What each installed distribution (normalised name) requires, as its metadata says (PEP 508).
Wants = dict[str, tuple[str, ...]]


def with_needed(groups: Mapping[str, str], catalog: Catalog, release: Release, wants: Wants) -> dict[str, str]:
    """Add to the named distributions of a kernel's layers those that only package sets need.

    ``groups`` are those of :func:`manager.core.builds.layer_groups`. What the runtime or a driver needs stays in
    the layer ``runtime``, whatever else needs it: a set that grows or goes moves nothing under a driver. What
    several sets need ships with the first of them.
    """
    environment = marker_environment(release.python, "x86_64")
    drivers = [driver.requirement for name in release.connectors for driver in catalog.connector(name).drivers]
    below = _reached((*KERNEL_RUNTIME, *drivers), wants, environment)
    spread = dict(groups)
    for one in catalog.sets_of(release):
        for name in sorted(_reached(one.requirements, wants, environment) - below):
            spread.setdefault(name, one.id)
    return spread


def _reached(requirements: Iterable[str], wants: Wants, environment: dict[str, str]) -> set[str]:
    """Give every distribution that requirements lead to, along those that hold for an environment."""
    reached: set[tuple[str, str]] = set()
    waiting = [(one, "") for one in requirements]
    while waiting:
        text, extra = waiting.pop()
        wanted = requirement(text)
        if wanted.marker and not wanted.marker.evaluate(environment | {"extra": extra}):
            continue
        name = canonicalize_name(wanted.name)
        for asked in {"", *wanted.extras}:
            if (name, asked) not in reached:
                reached.add((name, asked))
                waiting += ((one, asked) for one in wants.get(name, ()))
    return {name for name, _ in reached}
