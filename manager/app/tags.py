"""Looks at the tags of a registry's repository by what their images say of themselves. Nothing is pulled."""

from __future__ import annotations

from typing import TYPE_CHECKING

from manager.app.mirrors import effective, opened
from manager.app.scanning import Survey
from manager.core.adoption import Hint, Unmanaged, hint_of, realm_of
from manager.core.amounts import many
from manager.core.configurations import configuration
from manager.core.mirrors import registry_host
from manager.core.scans import Scan, Unread

if TYPE_CHECKING:
    from collections.abc import Iterator

    from manager.app.world import World
    from manager.world.registry import Registry, Tag

_SAID = Unread("/", "only its configuration was read, because it is not pulled")


def scanned(world: World, repositories: tuple[str, ...]) -> Iterator[str | Survey]:
    """Give sentences of progress, and at last the tags that no Solvent pushed.

    Raises UsageError for what is no repository and for one that there is not, Unreachable for a registry that is
    silent, not trusted, or wants another login.
    """
    found, ours = [], 0
    for repository in repositories:
        registry = _registry(world, repository)
        for name in registry.tags():
            yield f"asking for {repository}:{name}"
            one = _unmanaged(world, registry.tag(name))
            ours += one is None
            found += [one] if one is not None else []
    notes = (f"{many(ours, 'tag')} Solvent has pushed",) if ours else ()
    yield Survey(tuple(found), notes)


def found(world: World, reference: str) -> Unmanaged | None:
    """Give one tag of a registry, None where it has none of that name; raises as :func:`scanned`."""
    repository, _, name = reference.rpartition(":")
    registry = _registry(world, repository)
    return _unmanaged(world, registry.tag(name)) if name in registry.tags() else None


def _registry(world: World, repository: str) -> Registry:
    """Give the repository, asked with the login of ``builds`` or ``registry`` where that is the same host."""
    from manager.world.registry import Registry

    mirrors, host = effective(world), registry_host(f"{repository}:x")
    key = next((one for one in ("builds", "registry") if registry_host(f"{getattr(mirrors, one)}/") == host), "")
    return Registry(repository, opened(mirrors, *filter(None, (key,))), key)


def _unmanaged(world: World, tag: Tag) -> Unmanaged | None:
    """Give a tag as what no Solvent made; None for a build that one has pushed."""
    created, hint, scan = world.clock.now(), Hint(), Scan(unread=(Unread("/", tag.why),))
    if not tag.why:
        try:
            said = configuration(tag.configuration)
        except ValueError as error:
            scan = Scan(unread=(Unread("/", str(error)),))
        else:
            if realm_of(said.labels):
                return None
            created, hint, scan = said.created, hint_of("", said.labels), Scan(said.traces, (_SAID,))
    return Unmanaged(
        kind="tag",
        name=tag.reference,
        id=tag.reference,
        state="in registry",
        image=tag.reference,
        digest=tag.digest,
        created=created,
        hint=hint,
        scan=scan,
    )
