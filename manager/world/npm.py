"""npm as a subprocess: a requirement becomes a lock, a lock becomes a folder of packages.

Registry, proxy and authorities come from the mirrors that are set, and else from npm's own files on this machine.
Nothing of a package runs here: what has to be compiled is compiled later, in a container without a network.
"""

from __future__ import annotations

import os
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from manager.core import npm
from manager.core.mirror_delivery import npmrc
from manager.core.reach import AS_IT_IS
from manager.errors import Failed, Unreachable
from manager.processes import run

if TYPE_CHECKING:
    from collections.abc import Callable

    from manager.core.reach import Reach

_QUIET = ("--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier", "--no-progress", "--loglevel=error")
# How npm words it when the registry, not the request, is the trouble.
_NO_REGISTRY = re.compile(
    r"ECONNREFUSED|ECONNRESET|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|ERR_SOCKET_TIMEOUT|EHOSTUNREACH|ENETUNREACH|CERT_|E40[137]\b"
    r"|E429\b|E5\d\d\b|SELF_SIGNED|UNABLE_TO_|ERR_TLS|code EPROTO|network request"
)


@dataclass(frozen=True, slots=True)
class Cache:
    """A folder in which npm keeps archives by their hash; with ``only`` it asks nobody for what is not there."""

    folder: Path
    use: Literal["also", "only"] = "also"

    def environment(self) -> dict[str, str]:
        """Give npm's settings as variables."""
        found = {"npm_config_cache": str(self.folder), "npm_config_prefer_offline": "true"}
        return found | ({"npm_config_offline": "true"} if self.use == "only" else {})


def lock(
    node: Path,
    requirement: str,
    previous: str = "",
    upgrade: tuple[str, ...] = (),
    say: Callable[[str], None] = lambda _: None,
    reach: Reach = AS_IT_IS,
) -> str:
    """Resolve an IDE's requirement to the text of a lock; ``node`` is a folder of Node.js with its npm.

    Versions of ``previous`` stay where the requirement allows it, but for the packages in ``upgrade``. Raises Failed
    with npm's reason where there is no solution, Unreachable where the registry does not answer.
    """
    with tempfile.TemporaryDirectory(prefix="solvent-npm-") as name:
        folder = Path(name)
        (folder / "package.json").write_text(npm.project(requirement))
        if previous:
            (folder / "package-lock.json").write_text(previous)
        words = ("--package-lock-only", "--lockfile-version", "3")
        _npm(node, folder, ("install", *words), f"resolving {requirement}", say, reach)
        own = [one for one in upgrade if previous]
        if own:
            _npm(node, folder, ("update", *words, *own), f"taking newer {', '.join(own)}", say, reach)
        text = npm.without_addresses((folder / "package-lock.json").read_text())
    npm.parse(text, "npm's answer")
    return text


def fetch(
    node: Path,
    text: str,
    requirement: str,
    folder: Path,
    say: Callable[[str], None] = lambda _: None,
    reach: Reach = AS_IT_IS,
    cache: Cache | None = None,
) -> None:
    """Fetch what a lock pins into ``folder/node_modules``, every archive held against its hash, and run nothing.

    With a ``cache`` the archives are kept there, by hash, or taken from there alone. Folders inside the IDE that it
    brings lock files for are filled as well. Raises as :func:`lock` does.
    """
    count = len(npm.parse(text))
    (folder / "package.json").write_text(npm.project(requirement))
    (folder / "package-lock.json").write_text(text)
    _npm(node, folder, ("ci", "--omit=dev"), f"fetching {count} packages", say, reach, cache)
    ide = folder / "node_modules" / npm.wanted(requirement)[0]
    for inner in _with_locks(ide):
        place = inner.relative_to(ide)
        # What only a peer asks for is in such a lock or left out, as its maker had it; it is not resolved anew.
        words = ("ci", "--omit=dev", "--legacy-peer-deps")
        _npm(node, inner, words, f"fetching the packages of {place}", say, reach, cache)


def registry(node: Path, reach: Reach = AS_IT_IS) -> str:
    """Give the registry that npm asks: the one of its own files on this machine, else npm's default."""
    said: list[str] = []
    _npm(node, node, ("config", "get", "registry"), "asking npm for its registry", said.append, reach)
    return next((line.strip() for line in reversed(said) if line.startswith(("https://", "http://"))), "")


def _with_locks(ide: Path) -> list[Path]:
    """Give the folders inside an IDE, but not the IDE itself, that a lock lies in."""
    found = {path.parent for name in npm.LOCKS for path in ide.rglob(name)}
    return sorted(one for one in found if one != ide and "node_modules" not in one.relative_to(ide).parts)


def _npm(
    node: Path,
    folder: Path,
    words: tuple[str, ...],
    what: str,
    say: Callable[[str], None],
    reach: Reach,
    cache: Cache | None = None,
) -> None:
    program = (str(node / "bin/node"), str(node / "lib/node_modules/npm/bin/npm-cli.js"))
    with tempfile.TemporaryDirectory(prefix="solvent-npmrc-") as name:
        told = _environment(reach, Path(name)) | (cache.environment() if cache else {})
        say(what)
        ended = run(
            (*program, *words, *_QUIET),
            lambda line: say(reach.masked(line)),
            environment=os.environ | told | {"PATH": f"{node / 'bin'}:{os.environ['PATH']}"},
            folder=folder,
            note=what,
        )
    if ended.code:
        raise _translated(re.sub(r"(?<=://)[^/@\s]+@", "", reach.masked(ended.why)), what, reach)


def _environment(reach: Reach, folder: Path) -> dict[str, str]:
    """Give the variables by which npm is told of the mirrors; a login lies in a file that only this person reads."""
    found = dict(reach.proxy())
    if reach.mirrors.npm:
        with open(folder / "npmrc", "w", opener=_private) as file:
            file.write(npmrc(reach))
        found["npm_config_userconfig"] = str(folder / "npmrc")
    if reach.bundle:
        (folder / "authorities.pem").write_text(reach.bundle)
        found["NODE_EXTRA_CA_CERTS"] = str(folder / "authorities.pem")
    return found


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _translated(why: str, what: str, reach: Reach) -> Failed | Unreachable:
    if _NO_REGISTRY.search(why):
        return Unreachable(
            f"{what}: npm's registry does not answer",
            why=why,
            hint="see  mirror.npm, mirror.ca_bundle  and  mirror.credentials.npm  in  solvent config show"
            if reach.mirrors.npm
            else "name it with  npm  and  ca_bundle  in [mirror], or for npm:  registry  and  cafile  in ~/.npmrc",
        )
    return Failed(f"{what}: npm found no way", why=why, hint="change what the reason names, then lock again")
