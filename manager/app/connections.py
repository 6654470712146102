"""Saves, shows, delivers and tries connections; secrets are references until the moment they are used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from manager.app import sandbox, sources
from manager.app.connectors import locked_version
from manager.app.views import ProbeReport
from manager.core import planner
from manager.core.builds import launchable
from manager.core.catalog import did_you_mean
from manager.core.connections import Connection, canonical, from_url, problems
from manager.core.delivery import File, delivery
from manager.core.names import checked
from manager.core.observed import Result
from manager.core.secrets import Secret, parse_reference
from manager.errors import CatalogError, Failed, ManagerError, Refused, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from manager.app.world import World
    from manager.core.catalog import Connector, Release
    from manager.core.observed import Build
    from manager.world.folder import ConnectionFolder


def _folder(world: World) -> ConnectionFolder:
    from manager.world.folder import ConnectionFolder

    return ConnectionFolder(world.settings.connections_dir)


def listed(world: World) -> tuple[Connection, ...]:
    """List this person's connections by name."""
    return _folder(world).list()


def found(world: World, name: str) -> Connection:
    """Find a connection; raises UsageError with a suggestion."""
    folder = _folder(world)
    known = folder.names()
    if name not in known:
        raise UsageError(
            f"no connection named {name!r}",
            hint=did_you_mean(name, list(known)) or "save one:  solvent connection add NAME --connector postgresql",
        )
    return folder.read(name)


def added(
    world: World,
    name: str,
    connector_id: str,
    url: str,
    parameters: dict[str, str],
    references: dict[str, str],
    source: str,
) -> tuple[Connection, tuple[str, ...]]:
    """Check and save a connection; gives it with warnings.

    ``references`` are ``env:``, ``file:``, ``keyring:`` or ``exec:``. A secret in clear, in the URL or among the
    parameters, goes to the keyring or a file of mode 0600 and is replaced by its reference. With ``source`` the
    parameters of that shipped source are the defaults. Raises UsageError with every problem, Refused when the
    name is taken.
    """
    from manager.world import secrets

    checked(name, "connection name")
    connector = world.catalog.connector(connector_id)
    folder = _folder(world)
    if name in folder.names():
        raise Refused(
            f"a connection named {name} exists already", hint=f"remove it first:  solvent connection remove {name}"
        )
    values: dict[str, str] = {}
    clear: dict[str, Secret] = {}
    kept: dict[str, str] = {}
    if source:
        shipped = world.catalog.source(source)
        if shipped.connector != connector.id:
            raise UsageError(f"{source} is a source of {shipped.connector}, not of {connector.id}")
        values |= dict(shipped.parameters)
        kept["password"] = f"file:{sources.folder(world) / source / 'password'}"
    if url:
        given = from_url(connector, url)
        values |= dict(given.parameters)
        clear |= dict(given.secrets)
    for key, value in parameters.items():
        parameter = canonical(connector, key)
        if parameter is not None and parameter.secret:
            clear[parameter.name] = Secret(value)
        else:
            values[parameter.name if parameter else key] = value
    for key, text in references.items():
        parse_reference(text)
        parameter = canonical(connector, key)
        kept[parameter.name if parameter else key] = text
    connection = Connection(
        name=name,
        connector=connector.id,
        parameters=tuple(sorted(values.items())),
        secrets=tuple(sorted((kept | dict.fromkeys(clear, "env:PENDING")).items())),
        source=source,
    )
    wrong = problems(connector, connection)
    if wrong:
        raise UsageError(
            f"connection {name} cannot be saved",
            why="; ".join(f"{one.key} {one.why}" if one.key else one.why for one in wrong),
            hint=next((one.hint for one in wrong if one.hint), f"solvent connector show {connector.id}"),
        )
    warnings = []
    for key, secret in clear.items():
        reference = secrets.keep(f"{name}.{key}", secret, world.settings.personal_dir)
        kept[key] = reference
        warnings.append(f"the {key} was given in clear; it is kept now, and the connection says {reference}")
    connection = Connection(
        name=name,
        connector=connector.id,
        parameters=connection.parameters,
        secrets=tuple(sorted(kept.items())),
        source=source,
    )
    folder.write(connection)
    return connection, tuple(warnings)


def removed(world: World, name: str) -> None:
    """Forget a connection and the secrets that Solvent itself kept for it; raises UsageError for an unknown one.

    One whose file is broken is forgotten as well; where its secrets are nobody can tell then, so they stay.
    """
    from manager.world import secrets

    try:
        references = found(world, name).secrets
    except CatalogError:
        references = ()
    for _, reference in references:
        secrets.forget(reference, world.settings.personal_dir)
    _folder(world).remove(name)


def delivered(world: World, name: str) -> tuple[File, ...]:
    """Give the files of one connection for an environment, its secrets resolved now."""
    connection = found(world, name)
    return delivery(world.catalog.connector(connection.connector), connection, _revealed(connection))


def _revealed(connection: Connection) -> dict[str, Secret]:
    from manager.world import secrets

    revealed = {}
    for key, reference in connection.secrets:
        try:
            revealed[key] = secrets.resolve(reference)
        except ManagerError as error:
            if connection.source:
                raise Failed(
                    f"connection {connection.name} leads to {connection.source}, which is not running",
                    why=error.message,
                    hint=f"start it:  solvent source start {connection.source}",
                ) from error
            raise Failed(
                f"the {key} of connection {connection.name} cannot be read", why=error.message, hint=error.hint
            ) from error
    return revealed


def tested(world: World, name: str, release_name: str, driver_name: str) -> Iterator[str | ProbeReport]:
    """Try a connection in a sandbox of a release's own image, with the locked driver.

    Without ``release_name``: the newest active release that has the connector and a promoted build. Yields lines
    of progress, then the report.
    """
    connection = found(world, name)
    connector = world.catalog.connector(connection.connector)
    driver = next(
        (one for one in connector.drivers if driver_name and one.dist.partition("[")[0] == driver_name),
        None if driver_name else connector.main_driver,
    )
    if driver is None:
        known = [one.dist.partition("[")[0] for one in connector.drivers if one.role == "driver"]
        raise UsageError(f"{connector.id} has no driver {driver_name!r}", hint=did_you_mean(driver_name, known))
    release, build = _home(world, connector, release_name)
    version = locked_version(release, driver.dist)
    yield f"{driver.dist.partition('[')[0]} {version} in {release.name} build {build.version}"
    if connection.source and not _runs(world, connection.source):
        reason = f"its source {connection.source} is not running"
        yield ProbeReport(name, connector.id, driver.dist.partition("[")[0], version, _unasked(reason))
        return
    network = connection.network or (world.names.sources if connection.source else world.names.network)
    if world.engine.network(network) is None:
        world.engine.create_network(network, dict(world.names.labels("network")))
    results = sandbox.ask(
        world,
        build.digest,
        world.catalog.family(release.family).launch,
        "connect",
        (name, driver.import_name, driver.dist.partition("[")[0], driver.url_scheme),
        delivered=delivered(world, name),
        networks=(network,),
    )
    yield ProbeReport(name, connector.id, driver.dist.partition("[")[0], version, results)


def _runs(world: World, source: str) -> bool:
    return any(view.name == source and view.state == "running" for view in sources.listed(world))


def _unasked(reason: str) -> tuple[Result, ...]:
    return (Result("connect", "not_run", reason),)


def _home(world: World, connector: Connector, release_name: str) -> tuple[Release, Build]:
    observed = world.observe()
    planner.readable(observed)
    if release_name:
        candidates = [world.catalog.release(release_name, world.today)]
    else:
        candidates = sorted(
            (one for one in world.catalog.releases if connector.id in one.connectors),
            key=lambda one: one.schedule.released,
            reverse=True,
        )
    for release in candidates:
        build = launchable(observed, release)
        if build is not None:
            return release, build
    wanted = release_name or (candidates[0].name if candidates else "FAMILY:RELEASE")
    raise Refused(f"no build with {connector.id} is here to test in", hint=f"build one:  solvent image build {wanted}")
