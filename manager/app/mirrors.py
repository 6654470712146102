"""The mirrors that hold here, and the way to them: one table out of three files, logins resolved when they are used."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from manager.app.settings import Shown
from manager.core.apt import BuildSources, build_sources
from manager.core.mirror_delivery import mirror_files
from manager.core.mirrors import KEYS, NOTHING_SET, Mirrors, merged
from manager.core.reach import AS_IT_IS, Login, Reach, login_of
from manager.errors import ManagerError

if TYPE_CHECKING:
    from collections.abc import Callable

    from manager.app.world import World
    from manager.core.delivery import File

# What a person's tools inside an environment ask.
_INSIDE = ("python", "apt", "npm", "cran")


def effective(world: World) -> Mirrors:
    """Join the catalog's table and the settings', which win key by key: where a machine stands is its own matter."""
    return merged(world.catalog.mirror, world.settings.mirror)


def reach(world: World, *keys: str) -> Reach:
    """Give the way to the mirrors of these keys, through the proxy; no other secret is looked up.

    Raises UsageError or Failed, which name the key, when a login or a file that is named cannot be had.
    """
    return opened(effective(world), *keys)


def opened(mirrors: Mirrors, *keys: str) -> Reach:
    """Give the way to mirrors that are known already; see :func:`reach`."""
    if mirrors == NOTHING_SET:
        return AS_IT_IS
    from manager.world import authorities

    own = authorities.bundle(mirrors.ca_bundle) if mirrors.ca_bundle else ""
    return Reach(
        mirrors,
        _logins(mirrors, (*keys, "proxy")),
        own,
        f"{authorities.system().rstrip()}\n{own}" if own else "",
        authorities.keyring(mirrors.apt_keyring) if mirrors.apt_keyring and "apt" in keys else b"",
    )


def delivered(world: World, release: str, say: Callable[[str], None]) -> tuple[File, ...]:
    """Give the files by which tools inside an environment of a release find the mirrors.

    A login or file that cannot be had is said and left out: an environment without pip is still one to work in.
    """
    mirrors = effective(world)
    if mirrors == NOTHING_SET:
        return ()
    from manager.world import authorities

    logins: list[tuple[str, Login]] = []
    left: dict[str, Any] = {}
    own, signer = "", b""
    for key in (*_INSIDE, "proxy", "ca_bundle", "apt_keyring"):
        value = str(getattr(mirrors, key))
        try:
            if value and key == "ca_bundle":
                own = authorities.bundle(value)
            elif value and key == "apt_keyring":
                signer = authorities.keyring(value)
            else:
                logins += _logins(mirrors, (key,))
        except ManagerError as error:
            say(f"the environment goes without mirror.{key}: {error.message}")
            left[key] = ""
    # A release that the catalog no longer has may still run; only apt asks for its suite.
    found = world.catalog.named(release)
    system = found.system if found else ""
    suite = next((one.suite for one in world.catalog.systems if one.id == system), "")
    return mirror_files(Reach(replace(mirrors, **left), tuple(logins), own, keyring=signer), suite)


def for_builds(world: World) -> BuildSources:
    """Give what builds of shipped sources are told: the mirror that is set, else the host's own."""
    from manager.world import authorities
    from manager.world.bases import host_mirror

    mirrors = effective(world)
    if not mirrors.apt:
        return BuildSources(host_mirror(frozen=mirrors.frozen))
    own = authorities.bundle(mirrors.ca_bundle) if mirrors.ca_bundle else ""
    return build_sources(mirrors, own, authorities.keyring(mirrors.apt_keyring) if mirrors.apt_keyring else b"")


def index_for_builds(world: World) -> dict[str, str]:
    """Give what builds of shipped sources with files from a package index are told of it: the mirror's, else uv's own.

    One that wants a login is not told: a build keeps what it is told. Containers do not trust what was added to this
    machine's authorities, as inspecting proxies ask for, so these go along.
    """
    from manager.world import authorities, resolver

    mirrors = effective(world)
    if dict(mirrors.credentials).keys() & {"python", "proxy"}:
        return {}
    index = mirrors.python or resolver.default_index()
    own = authorities.bundle(mirrors.ca_bundle) if mirrors.ca_bundle else ""
    direct = mirrors.is_direct(urlsplit(index).hostname or "")
    return {
        "SOLVENT_INDEX": index,
        "SOLVENT_INDEX_AUTHORITIES": own + authorities.added(),
        "SOLVENT_INDEX_PROXY": "" if direct else mirrors.proxy,
    }


def needs_login(world: World) -> bool:
    """Say whether a build in a container would need a login, which would stay in the image's history."""
    named = dict(effective(world).credentials).keys() & {"apt", "proxy"}
    return bool(named) or for_builds(world).carries_login


def shown(world: World) -> tuple[Shown, ...]:
    """Give every key that is set with its origin, for ``config show``; references as they are written."""
    mirrors = world.settings.mirror
    with suppress(ManagerError):  # what is wrong with the catalog is the matter of other commands
        mirrors = effective(world)
    values = {key: getattr(mirrors, key) for key in KEYS if key != "credentials"}
    values = {key: ", ".join(value) if isinstance(value, tuple) else value for key, value in values.items()}
    values |= {f"credentials.{key}": reference for key, reference in mirrors.credentials}
    return tuple(Shown(f"mirror.{key}", values[key], origin) for key, origin in mirrors.origins if key in values)


def _logins(mirrors: Mirrors, keys: tuple[str, ...]) -> tuple[tuple[str, Login], ...]:
    """Resolve the logins of those keys that have an address."""
    from manager.world import secrets

    references, found = dict(mirrors.credentials), []
    for key in dict.fromkeys(keys):
        if key in references and getattr(mirrors, key):
            try:
                found.append((key, login_of(key, secrets.resolve(references[key]))))
            except ManagerError as error:
                place = dict(mirrors.origins).get(f"credentials.{key}", "")
                what = f"the login of mirror.{key} cannot be had: {error.message}"
                raise type(error)(what, why=error.why, hint=error.hint, where=place) from None
    return tuple(found)
