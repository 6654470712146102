"""Contracts of any released version of a driver: from the catalog, from the cache, or by asking that version."""

from __future__ import annotations

import json
from contextlib import ExitStack, closing, suppress
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, cast

from packaging.utils import canonicalize_name
from packaging.version import Version

from manager.app import catalogs, contract_runs, forbidding, watch
from manager.app.connectors import active_with, locked_version
from manager.core import versions
from manager.core.catalog import did_you_mean
from manager.core.contract_reading import curated, names_to_try, read
from manager.core.contracts import Contract, from_json, hollow, to_json
from manager.core.plan import digest_of
from manager.errors import Failed, ManagerError, Refused, Unreachable, UsageError

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from manager.app.manager import Manager
    from manager.app.world import World
    from manager.core.connectors import Connector, Driver

FOLDER = "contracts"
# How uv words that the index has no such distribution at all.
_VANISHED = "was not found in the package registry"


def driver_of(connector: Connector, name: str = "") -> Driver:
    """Find a driver of a connector, its main one without a name; raises UsageError, Refused for one never asked."""
    having = [one for one in connector.drivers if one.contract is not None]
    if not name:
        driver = connector.main_driver
    else:
        found = [one for one in connector.drivers if canonicalize_name(one.name) == canonicalize_name(name)]
        if not found:
            names = [one.name for one in having]
            raise UsageError(f"{connector.id} has no driver {name!r}", hint=did_you_mean(name, names))
        driver = found[0]
    if driver.contract is None:
        others = ", ".join(one.name for one in having)
        raise Refused(
            f"nothing says how {driver.name} is asked for its parameters",
            why=f"its [[driver]] in {connector.place.file} has no  contract",
            hint=f"name another one with --driver: {others}" if others else "",
        )
    return driver


def pinned_version(world: World, connector: Connector, driver: Driver) -> str:
    """Give the version that the newest active release pins, "" where none does."""
    found = (locked_version(release, driver) for release in active_with(world, connector))
    return next(filter(None, found), "")


def default_version(world: World, connector: Connector, driver: Driver) -> str:
    """Give the version that the newest active release pins, else the newest that the index has; raises Unreachable."""
    if version := pinned_version(world, connector, driver):
        return version
    if driver.contract is not None and driver.contract.method == "curated":
        return ""
    return str(max(_published(world, driver), key=_finished))


def contract(
    manager: Manager,
    connector: Connector,
    driver: Driver,
    version: str,
    before: Contract | None = None,
    ahead: contract_runs.Ahead | None = None,
) -> Generator[object, None, Contract]:
    """Give the contract of a version: yields progress, and returns the Contract.

    With ``before`` it also says what became of that version's parameters; with ``ahead`` it is already being installed.
    Raises UsageError for a version that never was, Failed for a hollow answer and where no wheel fits, Unreachable
    where the index does not answer.
    """
    assert driver.contract is not None
    if driver.contract.method == "curated":
        return curated(connector, driver, version)
    version = _checked(version)
    known = kept(manager, connector, driver, version)
    former = {one.name: one.default or "" for one in before.parameters} if before else {}
    if known is not None and _answers(known, former):
        return known
    forbidding.refuse(manager, driver.name, version, "asked for its parameters")
    former = {one.name: "" for one in known.tried} | former if known else former
    question = contract_runs.Question(driver, version, names_to_try(connector, driver), former)
    try:
        answer = yield from contract_runs.asked(manager, question, ahead)
    except Failed as error:
        raise _explained(manager, driver, version, error) from error
    made = _judged(connector, driver, version, answer, before)
    _keep(manager, connector, driver, made)
    return made


def compared(
    manager: Manager, connector: Connector, driver: Driver, first: str, second: str
) -> Generator[object, None, tuple[Contract, Contract]]:
    """Give the contracts of two versions: yields progress, and returns them as a pair.

    The later one comes with what became of what the first has; that one has to be asked first, and where neither is
    known, the later one is installed meanwhile. Raises as :func:`contract`.
    """
    with ExitStack() as open_ones:
        ahead = None
        if first != second and not any(_known(manager, connector, driver, one) for one in (first, second)):
            wanted = _checked(second)
            forbidding.refuse(manager, driver.name, wanted, "asked for its parameters")
            question = contract_runs.Question(driver, wanted, {}, {})
            ahead = open_ones.enter_context(contract_runs.ahead(manager, question))
        asking = contract(manager, connector, driver, first)
        before = yield from (_beside(asking, ahead) if ahead else asking)
        after = yield from contract(manager, connector, driver, second, before, ahead)
        return before, after


def _known(world: World, connector: Connector, driver: Driver, version: str) -> bool:
    assert driver.contract is not None
    return driver.contract.method == "curated" or kept(world, connector, driver, _checked(version)) is not None


def _beside(asking: Generator[object, None, Contract], ahead: contract_runs.Ahead) -> Generator[object, None, Contract]:
    """Give the progress of one version, and between its lines those of the one that is installed meanwhile."""
    with closing(asking):
        while True:
            try:
                yield next(asking)
            except StopIteration as end:
                return cast("Contract", end.value)
            yield from ahead.lines()


def kept(world: World, connector: Connector, driver: Driver, version: str) -> Contract | None:
    """Give a contract that is known already: the catalog's own, else one of the cache; a damaged file is none."""
    places = [catalog_file(world, connector, driver, version)]
    lines = dict.fromkeys(one.python for one in contract_runs.pythons(world))
    places += [_cache_file(world, connector, driver, version, python) for python in lines]
    found: Contract | None = None
    for place in places:
        try:
            one = from_json(json.loads(place.read_text(encoding="utf-8")))
        except (OSError, ValueError, RecursionError):
            continue
        if (one.distribution, one.version) == (driver.name, version) and _sound(one, driver):
            # The cache may know what became of more parameters than the catalog's own.
            found = one if found is None or len(one.tried) > len(found.tried) else found
    return found


def catalog_file(world: World, connector: Connector, driver: Driver, version: str) -> Path:
    """Name the file beside a connector that holds the contract of a version."""
    folder = Path(world.catalog.root, connector.place.file).parent
    return folder / FOLDER / f"{canonicalize_name(driver.name)}-{version}.json"


def writable(world: World) -> None:
    """Raise Refused for the shipped catalog, and on a day that is only looked at."""
    catalogs.editable(world.catalog)
    catalogs.present(world)


def keep_in_catalog(world: World, connector: Connector, driver: Driver, one: Contract) -> Path:
    """Write a contract beside its connector; raises Refused for the shipped catalog, Failed where it cannot be."""
    from manager import whole_files

    writable(world)
    place = catalog_file(world, connector, driver, one.version)
    try:
        place.parent.mkdir(exist_ok=True)
        whole_files.write(place, _text(one))
    except OSError as error:
        raise Failed("the contract could not be written", why=str(error), where=str(place)) from None
    return place


def _answers(known: Contract, former: Mapping[str, str]) -> bool:
    tried = {one.name for one in known.tried} | set(known.by_name)
    return all(name in tried for name in former)


def _sound(one: Contract, driver: Driver) -> bool:
    return driver.contract is not None and not hollow(one, driver.contract)


def _judged(
    connector: Connector, driver: Driver, version: str, answer: Mapping[str, object], before: Contract | None
) -> Contract:
    assert driver.contract is not None
    what = f"{driver.name} {version}"
    there = str(answer.get("version"))
    try:
        if Version(there) != Version(version):
            raise Failed(f"{what} could not be asked", why=f"its tree holds {there}")
        made = read(answer, connector, driver, version)
    except ValueError as error:
        raise Failed(f"{what} gave no contract", why=str(error)) from None
    newer = before is not None and Version(before.version) < Version(version)
    if why := hollow(made, driver.contract, len(before.parameters) if before and newer else 0):
        missing = answer.get("missing")
        more = f"; it has no {', '.join(map(str, missing))}" if isinstance(missing, list) and missing else ""
        raise Failed(
            f"the contract of {what} is hollow: {why}",
            why=f"its parameters are asked of {', '.join(driver.contract.of) or driver.contract.method}{more}",
            hint=f"see  contract  of {driver.name} in {connector.place.file}",
        )
    return made


def _checked(version: str) -> str:
    read = versions.read(version)
    if read is None:
        raise UsageError(f"{version!r} is no version", hint="write it as the index does: 3.2.13")
    return str(read)


def _published(world: World, driver: Driver) -> list[Version]:
    read = (versions.read(one.version) for one in watch.opened(world).python(canonicalize_name(driver.name)))
    found = [one for one in read if one is not None]
    if not found:
        raise Failed(f"the index has no version of {driver.name}")
    return found


def _explained(world: World, driver: Driver, version: str, error: Failed) -> ManagerError:
    """Say why a version could not be had: it vanished, it never was, or no wheel of it fits."""
    if "uv found" not in error.message:
        return error
    if _VANISHED in error.why:
        return Failed(
            f"the index has no {driver.name}",
            why="it was taken away, or this index never had it",
            hint="see  mirror.python  in  solvent config show",
        )
    try:
        known = sorted(_published(world, driver))
    except (Failed, Unreachable):
        return error
    if Version(version) not in known:
        near = sorted(sorted(known, key=lambda one: _distance(one, Version(version)))[:4])
        return UsageError(
            f"{driver.name} has no version {version}",
            why=f"the newest is {max(known, key=_finished)}",
            hint="near it are " + ", ".join(map(str, near)),
        )
    return Failed(
        f"no wheel of {driver.name} {version} fits",
        why=error.why,
        hint="only wheels for Linux and a Python of the catalog's systems are asked; its sources are never built",
    )


def _finished(one: Version) -> tuple[bool, Version]:
    """Order versions so that a finished one is newer than any before its release."""
    return not one.is_prerelease, one


def _distance(one: Version, other: Version) -> tuple[int, ...]:
    length = max(len(one.release), len(other.release))
    pairs = zip(*(v.release + (0,) * (length - len(v.release)) for v in (one, other)), strict=True)
    return tuple(abs(a - b) for a, b in pairs)


def _cache_file(world: World, connector: Connector, driver: Driver, version: str, python: str) -> Path:
    """Name the cache's file: another probe, another way to ask or other canonical parameters make another file."""
    key = digest_of(
        [_probe(), contract_runs.RULES, driver.import_name, repr(driver.contract), repr(connector.parameters)]
    )[:16]
    name = f"{canonicalize_name(driver.name)}-{version}-py{python}-{key}.json"
    return world.settings.cache_dir / FOLDER / name


@cache
def _probe() -> str:
    """Digest the probe, and how its answers are read."""
    sources = [files("manager.probes").joinpath(f"{one}.py") for one in contract_runs.SCRIPTS]
    sources += [files("manager.core").joinpath(f"{one}.py") for one in ("contract_reading", "contract_values")]
    return digest_of([one.read_text(encoding="utf-8") for one in sources])


def _keep(world: World, connector: Connector, driver: Driver, one: Contract) -> None:
    from manager import whole_files

    place = _cache_file(world, connector, driver, one.version, one.python)
    # A cache that cannot be written only costs time.
    with suppress(OSError):
        place.parent.mkdir(parents=True, exist_ok=True)
        whole_files.write(place, _text(one))


def _text(one: Contract) -> str:
    return json.dumps(to_json(one), indent=1, ensure_ascii=False) + "\n"
