"""What the doctor finds at the mirrors: each is asked as builds ask it, and one that is silent is a finding."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from manager.app.mirrors import effective, opened
from manager.app.registries import answer
from manager.app.views import Finding
from manager.errors import ManagerError, Unreachable

if TYPE_CHECKING:
    from manager.app.world import World
    from manager.core.catalog import Catalog
    from manager.core.mirrors import Mirrors

_ASKED = ("apt", "apt_security", "npm", "cran", "registry")
_REMEDY = {
    "silent": "see  mirror.{key}  and  mirror.proxy  in  solvent config show",
    "not trusted": "give the authority that signed it in [mirror]:  ca_bundle",
    "login refused": "give its login in [mirror.credentials]:  {login}",
    "proxy refused": "give the proxy's login in [mirror.credentials]:  proxy",
}


def index(world: World) -> Finding:
    """Ask the package index for pip by uv, as a lock does, whether a mirror is set or not."""
    from manager.world.resolver import answers

    mirrors = effective(world)
    address = mirrors.python or "the one of uv's own settings"
    try:
        answers(opened(mirrors, "python"), "3.13")
    except Unreachable as error:
        # uv tells a cause a line, the innermost last: what a row of a table has room for.
        cause = error.why.strip().rpartition("\n")[2].strip().removeprefix("cause: ")
        return Finding("index", "fail", f"{address} does not answer: {cause}", error.hint)
    return _found("index", mirrors, "python", address)


def mirrors(world: World) -> tuple[Finding, ...]:
    """Ask every other mirror that is set, at once."""
    named = effective(world)
    keys = [key for key in _ASKED if getattr(named, key)]
    with ThreadPoolExecutor(len(_ASKED)) as several:
        found = several.map(lambda key: _ask(world.catalog, named, key), keys)
        return (*found, *([_builds(world, named.builds)] if named.builds else []))


def _builds(world: World, prefix: str) -> Finding:
    """Have the engine ask, which is who pushes and pulls: it has authorities of its own."""
    heard = answer(world, f"{prefix}/solvent:doctor")
    if heard.state == "answers":
        return Finding("mirror builds", "pass", f"{prefix} answers the engine")
    remedy = "solvent image push  puts the authority there" if heard.authority else heard.hint
    return Finding("mirror builds", "fail", f"{heard.message}: {heard.why}" if heard.why else heard.message, remedy)


def _ask(catalog: Catalog, named: Mirrors, key: str) -> Finding:
    from manager.world.index import ask

    part = f"mirror {key}"
    login = "apt" if key == "apt_security" else key
    try:
        heard = ask(opened(named, login), login, _address(catalog, named, key))
    except ManagerError as error:
        return Finding(part, "fail", error.message, error.hint)
    if key == "registry" and heard.state == "login refused" and not dict(named.credentials).get("registry"):
        # The first answer of every registry that hands out tokens.
        return Finding(part, "pass", f"{named.registry} answers, and asks for a login or a token")
    if heard.state != "answers":
        remedy = _REMEDY[heard.state].format(key=key, login=login)
        return Finding(part, "fail", f"{getattr(named, key)}: {heard.words}", remedy)
    return _found(part, named, login, getattr(named, key))


def _found(part: str, named: Mirrors, key: str, address: str) -> Finding:
    if dict(named.credentials).get(key) and address.startswith("http://"):
        return Finding(part, "warn", f"{address} answers, but its login travels in clear", "use its https:// address")
    return Finding(part, "pass", f"{address} answers")


def _address(catalog: Catalog, named: Mirrors, key: str) -> str:
    """Give a page that a mirror of this kind has."""
    suite = next((system.suite for system in catalog.systems if system.suite), "stable")
    if key == "registry":
        return f"https://{named.registry.partition('/')[0]}/v2/"
    paths = {"apt": f"/dists/{suite}/InRelease", "apt_security": f"/dists/{suite}-security/InRelease"}
    paths |= {"cran": "/src/contrib/PACKAGES.gz", "npm": "/"}
    return f"{getattr(named, key)}{paths[key]}"
