"""The part of the public Python API that says where data is: connectors, connections, and the shipped sources."""

from __future__ import annotations

from typing import TYPE_CHECKING

from manager.app.packages import Packages

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from manager.app.driver_views import Explained, Held
    from manager.app.own_sources import Allowed
    from manager.app.saving import Draft, Given
    from manager.app.sharing import Offer
    from manager.app.views import ConnectorView, ProbeReport, SourceView
    from manager.core.affected import AffectedBy
    from manager.core.connections import Connection
    from manager.core.delivery import File
    from manager.core.driver_decisions import DriverDecision
    from manager.core.own_sources import OwnSource
    from manager.core.sharing import SharedConnection


class DataSources(Packages):
    """What a person's connections are, what they are delivered as, and whether they lead anywhere."""

    def connectors(self) -> tuple[ConnectorView, ...]:
        """List connectors with the version of their main driver."""
        from manager.app import connectors

        return connectors.listed(self)

    def connector(self, name: str) -> ConnectorView:
        """Show one connector; raises UsageError."""
        from manager.app import connectors

        return connectors.shown(self, name)

    def explain(self, name: str) -> Explained:
        """Say why a connector's pins are what they are, as refresh last learnt; asks no index. Raises UsageError."""
        from manager.app import drivers

        return drivers.explained(self, name)

    def decide_driver(self, decision: DriverDecision, *, write: bool = True) -> Held:
        """Put a decision about a connector's drivers into the catalog as a file, or only say what it would come to.

        Raises UsageError, and Refused for the shipped catalog.
        """
        from manager.app import drivers

        return drivers.decide(self, decision, write=write)

    def take_advisories(self, place: Path) -> tuple[int, int, tuple[str, ...]]:
        """Keep advisories of a file, a folder or a zip archive: how many were read, how many kept, and notes."""
        from manager.app import dangers

        return dangers.taken(self, place)

    def affected(self, subject: str) -> AffectedBy:
        """Say who is hit by a package or an advisory; raises UsageError, Unreachable."""
        from manager.app import dangers

        return dangers.affected_by(self, subject)

    def connections(self) -> tuple[Connection, ...]:
        """List this person's connections and those that the catalog shares."""
        from manager.app import connections

        return connections.listed(self)

    def connection(self, name: str) -> Connection:
        """Find a connection by name; raises UsageError with a suggestion."""
        from manager.app import connections

        return connections.found(self, name)

    def add_connection(
        self,
        name: str,
        connector: str = "",
        *,
        url: str = "",
        parameters: dict[str, str] | None = None,
        secrets: dict[str, str] | None = None,
        source: str = "",
        network: str = "",
        sign_in: str = "",
        secure: bool | None = None,
    ) -> tuple[Connection, tuple[str, ...]]:
        """Save a connection; gives it with warnings. Clear secrets are kept elsewhere and become references.

        Without a connector it completes the one that the catalog shares under that name. ``sign_in`` names a way to
        sign in, whose parameters are set; with ``secure`` secure values are taken where nothing else is said.
        """
        from manager.app import saving

        pairs, references = tuple((parameters or {}).items()), tuple((secrets or {}).items())
        given = saving.Given(url, pairs, references, source, network, sign_in, secure)
        return saving.added(self, name, connector, given)

    def judge_connection(self, name: str, connector: str, given: Given) -> None:
        """Raise what :meth:`add_connection` would; nothing is saved."""
        from manager.app import saving

        saving.judged(self, name, connector, given)

    def draft_connection(self, name: str, connector: str, given: Given) -> Draft:
        """Say what a connection would be by what was said so far, and what is open; nothing is saved."""
        from manager.app import saving

        return saving.draft(self, name, connector, given)

    def share_connection(self, name: str, connector: str, given: Given, offer: Offer) -> SharedConnection:
        """Put a connection into the catalog's file for everybody; raises Refused for the shipped catalog."""
        from manager.app import sharing

        return sharing.shared(self, name, connector, given, offer)

    def remove_connection(self, name: str) -> None:
        """Forget a person's connection or their part of a shared one; raises UsageError for an unknown one."""
        from manager.app import connections

        connections.removed(self, name)

    def unshare_connection(self, name: str) -> None:
        """Take a connection out of the catalog's file; what people keep for it stays theirs."""
        from manager.app import sharing

        sharing.unshared(self, name)

    def test_connection(self, name: str, *, release: str = "", driver: str = "") -> Iterator[str | ProbeReport]:
        """Try a connection in a sandbox with the locked driver: lines of progress, then the report."""
        from manager.app import trial

        return trial.tested(self, name, release, driver)

    def delivery(self, name: str) -> tuple[File, ...]:
        """Give the files that an environment gets for a connection, secrets resolved."""
        from manager.app import deliveries

        return deliveries.delivered(self, name)

    def sources(self) -> tuple[SourceView, ...]:
        """List the shipped sources and their state, and this person's own."""
        from manager.app import sources

        return sources.listed(self)

    def add_source(
        self, name: str, connector: str, given: Given, allowed: Allowed
    ) -> tuple[OwnSource, tuple[str, ...]]:
        """Let checks use a saved connection, or one that is saved with it; gives the source, and warnings.

        Raises UsageError and Refused, as saving a connection does.
        """
        from manager.app import own_sources

        return own_sources.added(self, name, connector, given, allowed)

    def judge_source(self, name: str, connector: str, given: Given, allowed: Allowed) -> None:
        """Raise what :meth:`add_source` would; nothing is saved."""
        from manager.app import own_sources

        own_sources.judged(self, name, connector, given, allowed)

    def remove_source(self, name: str) -> None:
        """Forget a person's own source, and the connection that was saved with it; raises UsageError, Refused."""
        from manager.app import own_sources

        own_sources.removed(self, name)
