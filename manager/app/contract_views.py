"""Shows contracts: the parameters of one version of a driver, and what another version does otherwise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from manager.app import connections, contracts
from manager.core.contract_changes import counts, difference, touched
from manager.core.contracts import Contract

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from manager.app.manager import Manager
    from manager.core.contract_changes import ContractChange


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
        found = None
        for found in contracts.contract(manager, connector, driver, wanted):
            if not isinstance(found, Contract):
                yield found
        assert isinstance(found, Contract)
        file = contracts.keep_in_catalog(manager, connector, driver, found) if keep else None
        yield ContractView(connector.id, found, file)

    def compared(self, name: str, first: str, second: str = "", driver_name: str = "") -> Iterator[object]:
        """Give progress, and at last the Comparison of two versions; raises as :meth:`shown`."""
        manager = self._manager
        connector = manager.catalog.connector(name)
        driver = contracts.driver_of(connector, driver_name)
        second = second or contracts.default_version(manager, connector, driver)
        pair: object = None
        for pair in contracts.compared(manager, connector, driver, first, second):
            if not isinstance(pair, tuple):
                yield pair
        assert isinstance(pair, tuple)
        before, after = pair
        changes = difference(before, after)
        mine = [one for one in connections.listed(manager) if one.connector == connector.id] if driver.main else []
        felt = ((one.name, touched(connector, one, changes)) for one in mine)
        yield Comparison(connector.id, before, after, changes, tuple(one for one in felt if one[1]))
