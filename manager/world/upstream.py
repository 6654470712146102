"""Asks package indexes what came out: conditionally, and from what was kept where they do not answer.

Python: the JSON form of the simple index (PEP 691, PEP 700). npm: the registry's document of a package. Debian: the
Packages files of a mirror. What an index said is kept with its ETag, so that asking again costs one short answer.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import lzma
import os
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from packaging.utils import InvalidSdistFilename, InvalidWheelFilename, parse_sdist_filename, parse_wheel_filename

from manager import whole_files
from manager.core.debian_versions import debian_version
from manager.core.reach import AS_IT_IS
from manager.core.watching import Published
from manager.errors import Unreachable

if TYPE_CHECKING:
    from pathlib import Path

    from manager.core.reach import Reach

Read = Callable[[bytes], str]
_SIMPLE = "application/vnd.pypi.simple.v1+json"
_OK, _UNCHANGED = 200, 304
# Packages of a whole suite take some fifty megabytes; no answer is larger.
_MOST = 300 * 1024**2
_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Answered:
    """An index's answer, when it was given, and whether it is of now: asked, unchanged, or only what was kept."""

    text: str
    at: datetime
    state: Literal["asked", "unchanged", "kept"]
    why: str = ""


class Upstream:
    """Indexes, through the mirrors that are set, with a folder for what they said.

    ``defaults`` give what uv (``python``) and npm (``npm``) ask where neither a mirror nor a variable says so.
    """

    def __init__(
        self,
        folder: Path,
        reach: Reach = AS_IT_IS,
        now: datetime | None = None,
        defaults: Mapping[str, Callable[[], str]] | None = None,
    ) -> None:
        self._folder = folder
        self._reach = reach
        self._now = now or datetime.now(UTC)
        self._defaults = defaults or {}
        self.kept: list[str] = []

    def python(self, name: str) -> tuple[Published, ...]:
        """Give a distribution's versions with the days of their first files; yanked ones are left out.

        Raises Unreachable where nobody answers and nothing was kept, and for an answer that is none.
        """
        address, key = self._index("python", self._reach.mirrors.python, ("UV_DEFAULT_INDEX", "UV_INDEX_URL"))
        found = self._asked(f"{address}/{name}/", key, {"Accept": _SIMPLE})
        return self._read(found, name, _python)

    def npm(self, name: str) -> tuple[Published, ...]:
        """Give a package's versions with their days; raises as :meth:`python`."""
        address, key = self._index("npm", self._reach.mirrors.npm, ("npm_config_registry", "NPM_CONFIG_REGISTRY"))
        found = self._asked(f"{address}/{name}", key, {"Accept": "application/json"})
        return self._read(found, name, _npm)

    def debian(self, address: str, suite: str, key: str = "apt") -> dict[str, str]:
        """Give the newest version of each package of a suite's ``main`` for amd64; raises as :meth:`python`."""
        place = f"{address.rstrip('/')}/dists/{suite}/main/binary-amd64/Packages"
        refused: list[str] = []
        for suffix in (".xz", ".gz", ""):
            try:
                return _debian(self._asked(place + suffix, key, {}, partial(_packages, suffix)).text)
            except Unreachable as error:
                refused.append(error.why or error.message)
        raise Unreachable(f"no packages of {suite} at {address}", why="; ".join(dict.fromkeys(refused)))

    def _index(self, kind: str, mirror: str, variables: tuple[str, ...]) -> tuple[str, str]:
        """Give an index's address and the key of its login; what is not a mirror of ours gets none."""
        address = mirror or next(filter(None, map(os.environ.get, variables)), "")
        if not address and kind in self._defaults:
            address = self._defaults[kind]()
        if not address:
            raise Unreachable(f"nothing names an index for {kind}", hint=_HINT)
        return address.rstrip("/"), kind if mirror else ""

    def _read(self, found: Answered, name: str, read: Any) -> tuple[Published, ...]:
        try:
            versions: tuple[Published, ...] = read(json.loads(found.text), name)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            why = f"{type(error).__name__}: {str(error)[:100]}"
            raise Unreachable(f"the index's answer about {name} cannot be read", why=why) from None
        return versions

    def _asked(self, address: str, key: str, headers: dict[str, str], read: Read = bytes.decode) -> Answered:
        """Ask, saying what we have; give what was kept where nobody answers. ``read`` gives the text that is kept."""
        known, text = self._known(address)
        more = {}
        if known.get("etag"):
            more["If-None-Match"] = known["etag"]
        if known.get("modified"):
            more["If-Modified-Since"] = known["modified"]
        try:
            return self._fresh(address, key, headers | more, known, text, read)
        except Unreachable as error:
            if text is None:
                raise
            at = datetime.fromisoformat(known["at"])
            self.kept.append(f"{error.message}: what it said on {at:%Y-%m-%d} is taken")
            return Answered(text, at, "kept", error.message)

    def _fresh(
        self, address: str, key: str, headers: dict[str, str], known: dict[str, str], text: str | None, read: Read
    ) -> Answered:
        from manager.web_client import NotAnswered, answer

        shown = re.sub(r"(?<=://)[^/@\s]+@", "", address)
        try:
            with answer(address, self._reach, key, _SECONDS, headers) as found:
                if found.status_code == _UNCHANGED and text is not None:
                    self._keep(address, text, known | {"at": self._now.isoformat()})
                    return Answered(text, self._now, "unchanged")
                if found.status_code != _OK:
                    raise Unreachable(f"{shown} answers {found.status_code}", hint=_HINT)
                body = bytearray()
                for piece in found.iter_raw():
                    body += piece
                    if len(body) > _MOST:
                        raise Unreachable(f"{shown} does not end", why=f"more than {_MOST} bytes")
                said = {"etag": found.headers.get("ETag", ""), "modified": found.headers.get("Last-Modified", "")}
        except NotAnswered as error:
            raise Unreachable(f"{shown} does not answer", why=error.words, hint=_HINT) from None
        try:
            text = read(bytes(body))
        except (OSError, EOFError, ValueError, lzma.LZMAError) as error:
            raise Unreachable(f"what {shown} answers cannot be read", why=str(error)[:100]) from None
        self._keep(address, text, said | {"at": self._now.isoformat()})
        return Answered(text, self._now, "asked")

    def _known(self, address: str) -> tuple[dict[str, str], str | None]:
        """Read what was kept; a damaged file is none."""
        about, body = self._places(address)
        try:
            known = json.loads(about.read_text(encoding="utf-8"))
            text = body.read_text(encoding="utf-8")
            if _digest(text) == known["sha256"]:
                return known, text
        except (OSError, ValueError, KeyError, TypeError):
            pass
        return {}, None

    def _keep(self, address: str, text: str, about: dict[str, str]) -> None:
        place, content = self._places(address)
        digest = _digest(text)
        # A cache that cannot be written only costs time.
        with suppress(OSError):
            place.parent.mkdir(parents=True, exist_ok=True)
            if about.get("sha256") != digest:
                whole_files.write(content, text)
            whole_files.write(place, json.dumps(about | {"sha256": digest}))

    def _places(self, address: str) -> tuple[Path, Path]:
        # The address may hold a login; its digest does not tell it.
        name = _digest(address)[:32]
        return self._folder / f"{name}.json", self._folder / f"{name}.body"


_HINT = "see  mirror.python, mirror.npm, mirror.apt, mirror.proxy  in  solvent config show"


def _python(said: Any, name: str) -> tuple[Published, ...]:
    days: dict[str, date] = {}
    for file in said["files"]:
        if file.get("yanked") or not file.get("upload-time"):
            continue
        try:
            parse = parse_wheel_filename if file["filename"].endswith(".whl") else parse_sdist_filename
            version = str(parse(file["filename"])[1])
        except (InvalidWheelFilename, InvalidSdistFilename):
            continue
        day = _day(file["upload-time"])
        days[version] = min(day, days.get(version, day))
    if said["files"] and not days:
        raise ValueError(f"no file of {name} has an upload-time (PEP 700)")
    return tuple(Published(version, day) for version, day in days.items())


def _npm(said: Any, name: str) -> tuple[Published, ...]:  # noqa: ARG001 - as the others
    times = said["time"]
    versions = (version for version, about in said["versions"].items() if not about.get("deprecated"))
    return tuple(Published(version, _day(times[version])) for version in versions if version in times)


def _debian(text: str) -> dict[str, str]:
    return dict(line.split(" ", 1) for line in text.splitlines())


def _newest(packages: str) -> str:
    """Reduce a Packages file, some fifty megabytes of it, to a line for each package: its name and newest version."""
    found: dict[str, str] = {}
    name = ""
    for line in packages.splitlines():
        if line.startswith("Package: "):
            name = line[9:]
        elif name and line.startswith("Version: "):
            known = found.setdefault(name, line[9:])
            if known != line[9:] and debian_version(line[9:]) > debian_version(known):
                found[name] = line[9:]
    return "".join(f"{one} {version}\n" for one, version in sorted(found.items()))


def _packages(suffix: str, content: bytes) -> str:
    unpack = {".xz": lzma.decompress, ".gz": gzip.decompress}.get(suffix)
    return _newest((unpack(content) if unpack else content).decode(errors="replace"))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _day(text: str) -> date:
    return datetime.fromisoformat(text.replace("Z", "+00:00")).astimezone(UTC).date()
