"""The part of the public Python API that says where data is: connectors, connections, and the shipped sources."""

from __future__ import annotations

from typing import TYPE_CHECKING

from manager.app.packages import Packages

if TYPE_CHECKING:
    from collections.abc import Iterator

    from manager.app.driver_views import Explained, Held
    from manager.app.saving import Given
    from manager.app.sharing import Offer
    from manager.app.views import ConnectorView, ProbeReport, SourceView
    from manager.core.connections import Connection
    from manager.core.delivery import File
    from manager.core.holds import DriverDecision
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
    ) -> tuple[Connection, tuple[str, ...]]:
        """Save a connection; gives it with warnings. Clear secrets are kept elsewhere and become references.

        Without a connector it completes the one that the catalog shares under that name.
        """
        from manager.app import saving

        pairs, references = tuple((parameters or {}).items()), tuple((secrets or {}).items())
        return saving.added(self, name, connector, saving.Given(url, pairs, references, source, network))

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
        """List the shipped sources and their state."""
        from manager.app import sources

        return sources.listed(self)
