"""Asks package indexes what came out: conditionally, and from what was kept where they do not answer.

Python: the JSON form of the simple index (PEP 691, PEP 700). npm: the registry's document of a package. Debian: the
Packages files of a mirror. What an index said is kept with its ETag, so that asking again costs one short answer. What
breaks off, cannot be read or takes too long replaces nothing that was kept.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import lzma
import os
import re
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from manager import whole_files
from manager.core import index_answers
from manager.core.amounts import many
from manager.core.catalog import canonical_name
from manager.core.reach import AS_IT_IS
from manager.errors import Unreachable

if TYPE_CHECKING:
    from pathlib import Path

    from manager.core.editions import IndexFile
    from manager.core.reach import Reach
    from manager.core.watching import Published
    from manager.web_client import Client

Read = Callable[[bytes], str]
_SIMPLE = "application/vnd.pypi.simple.v1+json"
_OK, _UNCHANGED = 200, 304
# Packages of a whole suite take some fifty megabytes; no answer is larger.
_MOST = 300 * 1024**2
# For how long nothing may come, and for how long a document or a suite may come in drops.
_SECONDS, _WHOLE, _WHOLE_SUITE = 10.0, 30.0, 900.0
# How many questions are open at once.
_AT_ONCE = 16
# Which answer was about which distribution, for whoever asks nobody.
_NAMES = "names.json"


@dataclass(frozen=True, slots=True)
class Told:
    """What an index said, and when: just asked, unchanged since, or only kept; ``silent`` where nothing is known.

    ``why`` says what keeps it from being of now. ``text`` is what was kept of the answer; it is read when its files are
    asked for, which most callers do of few.
    """

    text: str = ""
    at: datetime | None = None
    state: Literal["asked", "unchanged", "kept", "silent"] = "silent"
    why: str = ""

    @property
    def files(self) -> tuple[IndexFile, ...]:
        """Give the files; none where what was kept is no answer."""
        try:
            return index_answers.files_of(json.loads(self.text)) if self.text else ()
        except (ValueError, KeyError, TypeError, AttributeError):
            return ()


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
        address, key = self._index("python", self._reach.mirrors.python, _VARIABLES)
        place, headers = f"{address}/{canonical_name(name)}/", {"Accept": _SIMPLE}
        found = self._asked(place, key, headers, index_answers.reduced, _WHOLE)
        return self._read(found, name, index_answers.published)

    def distributions(self, names: Iterable[str]) -> dict[str, Told]:
        """Ask for several distributions at once; those that nobody knows of are ``silent``. Raises nothing."""
        from concurrent.futures import ThreadPoolExecutor

        from manager.web_client import opened

        names = tuple(dict.fromkeys(map(canonical_name, names)))
        try:
            address, key = self._index("python", self._reach.mirrors.python, _VARIABLES)
        except Unreachable as error:
            return {name: self._before(name, error) for name in names}
        with opened(self._reach, _SECONDS) as client, ThreadPoolExecutor(_AT_ONCE) as pool:
            places = {name: f"{address}/{name}/" for name in names}
            found = dict(
                zip(names, pool.map(lambda name: self._told(name, places[name], key, client), names), strict=True)
            )
        self._name({name: self._places(places[name])[0].stem for name, one in found.items() if one.at})
        return found

    def learnt(self, names: Iterable[str]) -> dict[str, Told]:
        """Give what indexes last said of distributions, asking nobody; those that nobody asked for are left out."""
        noted, found = self._named(), {}
        for name in map(canonical_name, names):
            if name in noted:
                known, text = self._read_kept(noted[name])
                if text is not None:
                    found[name] = Told(text, datetime.fromisoformat(known["at"]), "kept")
        return found

    def remembered(self, about: str, address: str = "") -> Told:
        """Give what was kept of an answer, asking nobody: about ``python/NAME``, ``npm/NAME`` or ``apt/SUITE``.

        For a suite ``address`` is the mirror. Raises Unreachable where nothing names an index.
        """
        found = (self._known(place) for place in self._about(about, address))
        known, text = next((one for one in found if one[1] is not None), ({}, None))
        return Told() if text is None else Told(text, datetime.fromisoformat(known["at"]), "kept")

    def bring(self, about: str, text: str, at: datetime, address: str = "") -> None:
        """Keep an answer that another machine was given, as that of the index here; see :meth:`remembered`."""
        place = self._about(about, address)[0]
        self._keep(place, text, {"at": at.isoformat()})
        if about.startswith("python/"):
            self._name({canonical_name(about.removeprefix("python/")): self._places(place)[0].stem})

    def _about(self, about: str, address: str) -> tuple[str, ...]:
        kind, _, name = about.partition("/")
        if kind == "apt":
            return tuple(f"{address.rstrip('/')}/dists/{name}/main/binary-amd64/Packages{one}" for one in _SUFFIXES)
        if kind == "npm":
            return (f"{self._index('npm', self._reach.mirrors.npm, _NPM_VARIABLES)[0]}/{name}",)
        return (f"{self._index('python', self._reach.mirrors.python, _VARIABLES)[0]}/{canonical_name(name)}/",)

    def _told(self, name: str, address: str, key: str, client: Client) -> Told:
        try:
            return self._answered(address, key, {"Accept": _SIMPLE}, index_answers.reduced, _WHOLE, client)
        except Unreachable as error:
            return self._before(name, error)

    def _before(self, name: str, error: Unreachable) -> Told:
        """Give what any index said of a distribution before, with why it counts."""
        return replace(self.learnt((name,)).get(name, Told()), why=error.sentence)

    def npm(self, name: str) -> tuple[Published, ...]:
        """Give a package's versions with their days; raises as :meth:`python`."""
        address, key = self._index("npm", self._reach.mirrors.npm, _NPM_VARIABLES)
        found = self._asked(f"{address}/{name}", key, {"Accept": "application/json"}, index_answers.npm_reduced, _WHOLE)
        return self._read(found, name, index_answers.npm_published)

    def document(self, address: str, read: Read) -> Told:
        """Give what an address says, as ``read`` makes a text of it; raises as :meth:`python`."""
        return self._asked(address, "", {}, read, _WHOLE_SUITE)

    def debian(self, address: str, suite: str, key: str = "apt") -> dict[str, str]:
        """Give the newest version of each package of a suite's ``main`` for amd64; raises as :meth:`python`."""
        place = f"{address.rstrip('/')}/dists/{suite}/main/binary-amd64/Packages"
        refused: list[str] = []
        for suffix in _SUFFIXES:
            try:
                return _debian(self._asked(place + suffix, key, {}, partial(_packages, suffix), _WHOLE_SUITE).text)
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

    def _read(self, found: Told, name: str, read: Any) -> tuple[Published, ...]:
        try:
            versions: tuple[Published, ...] = read(json.loads(found.text))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            why = f"{type(error).__name__}: {str(error)[:100]}"
            raise Unreachable(f"the index's answer about {name} cannot be read", why=why) from None
        return versions

    def _asked(self, address: str, key: str, headers: dict[str, str], read: Read, whole: float) -> Told:
        """Ask as :meth:`_answered` does, with a note where only what was kept is there."""
        found = self._answered(address, key, headers, read, whole)
        if found.state == "kept" and found.at:
            self.kept.append(f"{found.why}: what it said on {said_on(found.at, self._now)} is taken")
        return found

    def _answered(
        self,
        address: str,
        key: str,
        headers: dict[str, str],
        read: Read,
        whole: float,
        client: Client | None = None,
    ) -> Told:
        """Ask, saying what we have; give what was kept where nobody answers. ``read`` gives the text that is kept.

        ``whole`` is for how many seconds the answer may come, ``client`` one that is open already.
        """
        known, text = self._known(address)
        more = {}
        if known.get("etag"):
            more["If-None-Match"] = known["etag"]
        if known.get("modified"):
            more["If-Modified-Since"] = known["modified"]
        try:
            body, said = self._body(address, key, headers | more, whole, client)
            # An index without ETags sends everything again; the same bytes need not be read again.
            raw = hashlib.sha256(body or b"").hexdigest()
            if text is not None and (body is None or known.get("raw") == raw):
                self._keep(address, text, known | {"at": self._now.isoformat()})
                return Told(text, self._now, "unchanged")
            text = _text(address, body or b"", read)
        except Unreachable as error:
            if text is None:
                raise
            return Told(text, datetime.fromisoformat(known["at"]), "kept", error.message)
        marks = {"etag": said.get("etag", ""), "modified": said.get("last-modified", ""), "raw": raw}
        self._keep(address, text, marks | {"at": self._now.isoformat()})
        return Told(text, self._now, "asked")

    def _body(
        self, address: str, key: str, headers: dict[str, str], whole: float, client: Client | None
    ) -> tuple[bytes | None, Mapping[str, str]]:
        """Give what is answered, with its headers; None for what has not changed. Raises Unreachable."""
        from manager.web_client import NotAnswered, answer

        shown, began, body = _shown(address), time.monotonic(), bytearray()
        try:
            with answer(address, self._reach, key, _SECONDS, headers, client) as found:
                if found.status_code == _UNCHANGED:
                    return None, found.headers
                if found.status_code != _OK:
                    raise Unreachable(f"{shown} answers {found.status_code}", hint=_HINT)
                for piece in found.iter_raw():
                    body += piece
                    if len(body) > _MOST:
                        raise Unreachable(f"{shown} does not end", why=f"more than {_MOST} bytes")
                    if time.monotonic() - began > whole:
                        raise Unreachable(f"{shown} does not end", why=f"not within {whole:.0f} seconds")
                return bytes(body), found.headers
        except NotAnswered as error:
            raise Unreachable(f"{shown} does not answer", why=error.words, hint=_HINT) from None

    def _known(self, address: str) -> tuple[dict[str, str], str | None]:
        """Read what was kept; a damaged file is none."""
        return self._read_kept(self._places(address)[0].stem)

    def _read_kept(self, name: str) -> tuple[dict[str, str], str | None]:
        try:
            known = json.loads((self._folder / f"{name}.json").read_text(encoding="utf-8"))
            text = (self._folder / f"{name}.body").read_text(encoding="utf-8")
            datetime.fromisoformat(known["at"])
            if _digest(text) == known["sha256"]:
                return known, text
        except (OSError, ValueError, KeyError, TypeError):
            pass
        return {}, None

    def _named(self) -> dict[str, str]:
        """Read which answer was about which distribution."""
        try:
            found = json.loads((self._folder / _NAMES).read_text(encoding="utf-8"))
            return {str(name): str(file) for name, file in found.items() if re.fullmatch("[0-9a-f]{32}", str(file))}
        except (OSError, ValueError, AttributeError):
            return {}

    def _name(self, files: dict[str, str]) -> None:
        known = self._named()
        with suppress(OSError):
            if known | files != known:
                whole_files.write(self._folder / _NAMES, json.dumps(known | files, sort_keys=True))

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


_VARIABLES, _NPM_VARIABLES = ("UV_DEFAULT_INDEX", "UV_INDEX_URL"), ("npm_config_registry", "NPM_CONFIG_REGISTRY")
_SUFFIXES = (".xz", ".gz", "")
_HINT = "see  mirror.python, mirror.npm, mirror.apt, mirror.proxy  in  solvent config show"


def said_on(at: datetime, now: datetime) -> str:
    """Write when something was said, and how long ago that is."""
    days = (now - at).days
    return f"{at:%Y-%m-%d}" + (f" ({many(days, 'day')} ago)" if days > 0 else "")


def _text(address: str, body: bytes, read: Read) -> str:
    try:
        return read(body)
    except (OSError, EOFError, ValueError, lzma.LZMAError) as error:
        raise Unreachable(f"what {_shown(address)} answers cannot be read", why=str(error)[:100]) from None


def _shown(address: str) -> str:
    """Give an address without a login, and without what is not sent."""
    return re.sub(r"(?<=://)[^/@\s]+@", "", address).partition("#")[0]


def _debian(text: str) -> dict[str, str]:
    return dict(line.split(" ", 1) for line in text.splitlines())


def _packages(suffix: str, content: bytes) -> str:
    unpack = {".xz": lzma.decompress, ".gz": gzip.decompress}.get(suffix)
    return index_answers.newest((unpack(content) if unpack else content).decode(errors="replace"))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
