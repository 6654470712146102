"""The part of the public Python API about what no Solvent made: seen as it is, given dates, and taken over."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from manager.app.adopted import Draft
    from manager.app.freshness import Made
    from manager.app.manager import Manager
    from manager.app.scanning import Survey
    from manager.app.views import EnvironmentView
    from manager.core.adopted import AdoptionRequest
    from manager.core.adoption import Unmanaged
    from manager.core.plan import Plan
    from manager.core.taking import TakeoverRequest


class Adoption:
    """Use cases about containers, images and tags that nobody manages; none of them is ever changed."""

    def __init__(self, world: Manager, made: Made) -> None:
        self._world = world
        self._made = made

    def scan(self, names: tuple[str, ...] = (), *, known_only: bool = False) -> Iterator[str | Survey]:
        """Look at containers and images: sentences of progress, then the survey; see :func:`scanning.scanned`."""
        from manager.app import scanning

        return scanning.scanned(self._world, names, known_only=known_only)

    def listing(self) -> tuple[tuple[EnvironmentView, ...], tuple[Unmanaged, ...], tuple[str, ...]]:
        """List everyone's environments, and beside them the containers that no Solvent made; nothing is opened.

        Gives notes as well; raises Unreachable when the engine does not answer.
        """
        from manager.app import listing, scanning

        found = listing.listed(self._world, "")
        return listing.views(self._world, found), scanning.known(self._world, found.foreign), found.notes

    def draft(self, reference: str, asked: AdoptionRequest) -> Draft:
        """Give the catalog's entry that would give an image dates; see :func:`manager.app.adopted.draft`."""
        from manager.app import adopted

        return adopted.draft(self._world, reference, asked)

    def image(self, reference: str, asked: AdoptionRequest) -> Draft:
        """Give an image dates, an owner and a successor in the catalog; see :func:`manager.app.adopted.made`."""
        from manager.app import adopted

        return adopted.made(self._world, reference, asked)

    def plan_environment(self, name: str, asked: TakeoverRequest) -> Plan:
        """Plan an environment that continues a container; see :func:`manager.app.takeovers.plan_takeover`."""
        from manager.app import takeovers

        return self._made.plan(lambda: takeovers.plan_takeover(self._world, name, asked))

    def tags(self, repositories: tuple[str, ...]) -> Iterator[str | Survey]:
        """Look at the tags of a registry's repositories: sentences, then the survey; see :func:`tags.scanned`."""
        from manager.app import tags

        return tags.scanned(self._world, repositories)
