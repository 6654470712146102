"""Shows contracts: the parameters of one version of a driver, and what another version does otherwise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from manager.app import connections, contracts
from manager.core.contract_changes import counts, difference, touched
from manager.core.lint import lint
from manager.errors import Failed, ManagerError, Refused, Unreachable, UsageError

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from pathlib import Path

    from manager.app.manager import Manager
    from manager.core.connectors import Connector
    from manager.core.contract_changes import ContractChange
    from manager.core.contracts import Contract
    from manager.core.lint import Finding


@dataclass(frozen=True, slots=True)
class ContractView:
    """A contract of a connector's driver; ``file`` is where the catalog keeps it, if it was just written there."""

    connector: str
    contract: Contract
    file: Path | None = None

    def to_json(self) -> dict[str, Any]:
        """Give the document of ``connector params``."""
        one = self.contract
        return {
            "connector": self.connector,
            "version": one.version,
            "count": len(one.parameters),
            "parameters": {each.name: each.to_json() for each in one.parameters},
            "driver": one.distribution,
            "method": one.method,
            "python": one.python or None,
            "native": dict(one.native),
            "stood_in": dict(one.stood_in),
            "unheard_of": one.unheard_of,
        }


@dataclass(frozen=True, slots=True)
class Comparison:
    """What ``after`` does otherwise than ``before``; ``touched`` are saved connections by name, with what they feel."""

    connector: str
    before: Contract
    after: Contract
    changes: tuple[ContractChange, ...]
    touched: tuple[tuple[str, tuple[ContractChange, ...]], ...]

    def to_json(self) -> dict[str, Any]:
        """Give the document of ``connector params --from --to``."""
        return {
            "connector": self.connector,
            "from": self.before.version,
            "to": self.after.version,
            "counts": counts(self.changes),
            "changes": [one.to_json() for one in self.changes],
            "connections": [{"name": name, "changes": [one.to_json() for one in each]} for name, each in self.touched],
            "driver": self.after.distribution,
            "native": {"from": dict(self.before.native), "to": dict(self.after.native)},
        }


@dataclass(frozen=True, slots=True)
class Linted:
    """A saved connection with what a version of its connector's main driver makes of it; ``unjudged`` is why not."""

    connection: str
    connector: str
    version: str
    findings: tuple[Finding, ...]
    unjudged: ManagerError | None = None

    def to_json(self) -> dict[str, Any]:
        """Give the document of ``connection lint`` with a name, and one of ``connections`` without."""
        return {
            "connection": self.connection,
            "connector": self.connector,
            "version": self.version or None,
            "findings": [one.to_json() for one in self.findings],
            "unjudged": self.unjudged.sentence if self.unjudged else None,
        }


class Contracts:
    """The part of the public Python API for the parameters that versions of drivers take."""

    def __init__(self, manager: Manager) -> None:
        self._manager = manager

    def shown(self, name: str, driver_name: str = "", version: str = "", *, keep: bool = False) -> Iterator[object]:
        """Give progress, and at last the ContractView of one version; with ``keep`` it is written into the catalog.

        Without a version it is the one that the newest active release pins, else the newest that the index has. Raises
        UsageError, Refused, Failed or Unreachable, see :func:`manager.app.contracts.contract`.
        """
        manager = self._manager
        connector = manager.catalog.connector(name)
        driver = contracts.driver_of(connector, driver_name)
        if keep:
            contracts.writable(manager)
        wanted = version or contracts.default_version(manager, connector, driver)
        found = yield from contracts.contract(manager, connector, driver, wanted)
        file = contracts.keep_in_catalog(manager, connector, driver, found) if keep else None
        yield ContractView(connector.id, found, file)

    def compared(self, name: str, first: str, second: str = "", driver_name: str = "") -> Iterator[object]:
        """Give progress, and at last the Comparison of two versions; raises as :meth:`shown`."""
        manager = self._manager
        connector = manager.catalog.connector(name)
        driver = contracts.driver_of(connector, driver_name)
        second = second or contracts.default_version(manager, connector, driver)
        before, after = yield from contracts.compared(manager, connector, driver, first, second)
        changes = difference(before, after)
        mine = [one for one in connections.listed(manager) if one.connector == connector.id] if driver.main else []
        felt = ((one.name, touched(connector, one, changes)) for one in mine)
        yield Comparison(connector.id, before, after, changes, tuple(one for one in felt if one[1]))

    def linted(self, name: str = "", second: str = "", first: str = "") -> Iterator[object]:
        """Give progress, and at last a tuple of Linted: of one saved connection, or of all without a name.

        By the version that the newest active release pins, or by ``second``; then also with what moves on the way to
        it from ``first``, without which it is the pinned one, if there is one. Raises UsageError for an unknown
        connection and for a version without the name of one, and of one connection as :meth:`shown`; of several the
        others are judged all the same.
        """
        manager = self._manager
        if second and not name:
            raise UsageError("a version is one of a connector's driver", hint="name the connection as well")
        wanted = [connections.whole(manager, name)] if name else connections.listed(manager)
        there = {one.id for one in manager.catalog.connectors}
        known: dict[str, tuple[Contract | None, Contract] | ManagerError] = {}
        found = []
        for one in wanted:
            # Those of other catalogs are looked at with theirs, unless one was asked for by its name.
            if one.origin == "orphaned" or (not name and one.connector not in there):
                continue
            connector = manager.catalog.connector(one.connector)
            if connector.id not in known:
                try:
                    known[connector.id] = yield from self._pair(connector, first, second)
                except (Unreachable, Failed, Refused) as error:
                    if name:
                        raise
                    known[connector.id] = error
            pair = known[connector.id]
            if isinstance(pair, ManagerError):
                found.append(Linted(one.name, connector.id, "", (), pair))
                continue
            before, now = pair
            found.append(Linted(one.name, connector.id, now.version, lint(connector, one, now, before)))
        yield tuple(found)

    def _pair(
        self, connector: Connector, first: str, second: str
    ) -> Generator[object, None, tuple[Contract | None, Contract]]:
        """Give the contract that a connection has today, None without one, and the other; yields progress."""
        driver = contracts.driver_of(connector)
        first = first or (contracts.pinned_version(self._manager, connector, driver) if second else "")
        if second and first and first != second:
            return (yield from contracts.compared(self._manager, connector, driver, first, second))
        wanted = second or contracts.default_version(self._manager, connector, driver)
        return None, (yield from contracts.contract(self._manager, connector, driver, wanted))
