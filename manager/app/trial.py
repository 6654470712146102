"""Tries a connection in a sandbox of a release's own image, with the locked driver."""

from __future__ import annotations

from typing import TYPE_CHECKING

from manager.app import sandbox, sources, suspended
from manager.app.connections import whole
from manager.app.connectors import active_with, locked_version
from manager.app.deliveries import delivered
from manager.app.views import ProbeReport
from manager.core.catalog import did_you_mean
from manager.core.channels import launchable, past_quarantine
from manager.core.evidence import Result
from manager.core.observed import readable
from manager.core.sharing import check_complete
from manager.errors import Refused, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from manager.app.world import World
    from manager.core.catalog import Release
    from manager.core.connections import Connection
    from manager.core.connectors import Connector
    from manager.core.observed import Build


def tested(world: World, name: str, release_name: str, driver_name: str) -> Iterator[str | ProbeReport]:
    """Try a connection in a sandbox of a release's own image, with the locked driver.

    Without ``release_name``: the newest active release that has the connector and a build to launch. Yields lines of
    progress, then the report. Raises Refused when no such build or not the connection's network is there, and where the
    release goes without the connector.
    """
    connection = whole(world, name)
    connector = world.catalog.connector(connection.connector)
    driver = next(
        (one for one in connector.drivers if driver_name and one.name == driver_name),
        None if driver_name else connector.main_driver,
    )
    if driver is None:
        known = [one.name for one in connector.drivers if one.role == "driver"]
        raise UsageError(f"{connector.id} has no driver {driver_name!r}", hint=did_you_mean(driver_name, known))
    check_complete(connector, connection)
    release, build = home(world, connector, connection, release_name)
    version = locked_version(release, driver)
    yield f"{driver.name} {version} in {release.name} build {build.version}"
    if connection.source and not _runs(world, connection.source):
        reason = f"its source {connection.source} is not running"
        yield ProbeReport(name, connector.id, driver.name, version, _unasked(reason))
        return
    network = network_of(world, connection)
    results = sandbox.ask(
        world,
        build.digest,
        world.catalog.family(release.family).launch,
        "connect",
        (name, driver.import_name, driver.name, driver.url_scheme),
        delivered=delivered(world, name),
        networks=(network,),
    )
    yield ProbeReport(name, connector.id, driver.name, version, results)


def network_of(world: World, connection: Connection) -> str:
    """Give the network that the data source is reached through; raises Refused for another's that is not there."""
    network = connection.network or (world.names.sources if connection.source else world.names.network)
    if world.engine.network(network) is None:
        # Only this one is ours to make: under another's name it would be taken for that one.
        if network != world.names.network:
            raise Refused(
                f"there is no network {network}",
                why=f"connection {connection.name} names it",
                hint="see what there is:  docker network ls",
            )
        world.engine.create_network(network, dict(world.names.labels("network")))
    return network


def _runs(world: World, source: str) -> bool:
    return any(view.name == source and view.state == "running" for view in sources.listed(world))


def _unasked(reason: str) -> tuple[Result, ...]:
    return (Result("connect", "not_run", reason),)


def _without(world: World, connector: Connector) -> tuple[Release, ...]:
    """Give the releases in use that go without a connector for now."""
    names = suspended.where(world).get(connector.id, ())
    return tuple(world.catalog.release(name, world.today) for name in names)


def home(world: World, connector: Connector, connection: Connection, release_name: str) -> tuple[Release, Build]:
    """Give the release to try a connection in, the newest that can be launched unless one is named; raises Refused."""
    observed = world.observe()
    readable(observed)
    named = (world.catalog.release(release_name, world.today),) if release_name else ()
    candidates = named or active_with(world, connector)
    for release in named or (() if candidates else _without(world, connector)):
        suspended.refuse(world, release, (connection,))
    for release in candidates:
        build = launchable(observed, release)
        if build is not None:
            return release, build
    wanted = release_name or (candidates[0].name if candidates else "FAMILY:RELEASE")
    names = {one.name for one in candidates}
    banned = next((one for one in observed.builds if one.release in names and one.forbidden), None)
    raise Refused(
        f"no build with {connector.id} is here to test in",
        why=f"build {banned.version} of {banned.release}: {banned.reason}" if banned else "",
        hint=past_quarantine(banned) if banned else f"build one:  solvent image build {wanted}",
    )
