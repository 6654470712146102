"""Asks a registry for the tags of a repository and what their images say of themselves. Nothing is pulled.

The engine's own API has neither; this is the distribution API that every registry speaks (OCI distribution-spec 1.1).
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from manager.errors import Failed, NotTrusted, Unreachable, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from manager.core.reach import Reach

_SECONDS = 20.0
# A configuration is some KB; manifests and lists of tags are not much more.
_LONGEST = 8 * 1024**2
_MOST = 1000
_MANIFESTS = ", ".join(
    (
        "application/vnd.oci.image.manifest.v1+json",
        "application/vnd.docker.distribution.manifest.v2+json",
        "application/vnd.oci.image.index.v1+json",
        "application/vnd.docker.distribution.manifest.list.v2+json",
    )
)
# Of an image for several machines, the first of these stands for all.
_PLATFORMS = ("linux/amd64", "linux/arm64")
_REPOSITORY = re.compile(r"(?P<host>[A-Za-z0-9.-]+(?::\d+)?|\[[0-9a-f:]+\](?::\d+)?)/(?P<path>[a-z0-9._/-]+)")


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag: its reference, the digest of the image's configuration, and that configuration as JSON text.

    ``why`` says why there is none.
    """

    reference: str
    digest: str = ""
    configuration: str = ""
    why: str = ""


class Registry:
    """One repository of one registry. ``key`` names the login of ``reach`` that it is asked with."""

    def __init__(self, repository: str, reach: Reach, key: str = "") -> None:
        """Raise UsageError for what names no repository."""
        found = _REPOSITORY.fullmatch(repository)
        if found is None:
            why = "it has to be the registry's host and the repository, without a tag"
            raise UsageError(
                f"{repository!r} names no repository", why=why, hint="for example  registry.example/team/lab"
            )
        self.name = repository
        self._host, self._path = found["host"], found["path"]
        self._reach, self._key = reach, key
        self._bearer = ""
        # As engines do: what runs on this machine need not have a certificate.
        self._schemes = ["https", "http"] if re.match(r"(localhost|127\.|\[::1\])", self._host) else ["https"]

    def tags(self) -> tuple[str, ...]:
        """List the tags, at most a thousand; UsageError for an unknown repository, Unreachable for a silent one."""
        status, text, _ = self._get(f"tags/list?n={_MOST}")
        if status == 404:
            raise UsageError(f"the registry {self._host} has no repository {self._path}")
        found = _json(text).get("tags")
        return tuple(sorted(map(str, found))) if isinstance(found, list) else ()

    def tag(self, name: str) -> Tag:
        """Give a tag with its image's configuration; raises Unreachable for a silent registry."""
        reference = f"{self.name}:{name}"
        manifest = self._manifest(name)
        listed = [one for one in manifest.get("manifests") or () if _platform(one) in _PLATFORMS]
        if listed:
            first = min(listed, key=lambda one: _PLATFORMS.index(_platform(one)))
            manifest = self._manifest(str(first.get("digest", "")))
        config = manifest.get("config")
        digest = str(config.get("digest", "")) if isinstance(config, dict) else ""
        if not digest:
            return Tag(reference, why="its manifest names no configuration")
        status, text, _ = self._get(f"blobs/{digest}")
        if status != 200:
            return Tag(reference, digest, why=f"the registry answers {status} for its configuration")
        return Tag(reference, digest, text)

    def _manifest(self, name: str) -> dict[str, Any]:
        status, text, _ = self._get(f"manifests/{name}", {"Accept": _MANIFESTS})
        return _json(text) if status == 200 else {}

    def _get(self, what: str, headers: Mapping[str, str] | None = None) -> tuple[int, str, Mapping[str, str]]:
        """Ask for a part of the repository, with a token where the registry wants one."""
        status, text, said = self._ask(what, headers or {})
        if status == 401 and (challenge := said.get("www-authenticate", "")).lower().startswith("bearer"):
            self._bearer = self._token(challenge)
            status, text, said = self._ask(what, headers or {})
        if status in (401, 403):
            hint = "name its login in [mirror.credentials]:  builds or registry"
            raise Unreachable(f"the registry of {self.name} wants another login", why=f"it answers {status}", hint=hint)
        return status, text, said

    def _ask(self, what: str, headers: Mapping[str, str]) -> tuple[int, str, Mapping[str, str]]:
        from manager.web_client import NotAnswered

        given = {**headers, "Authorization": f"Bearer {self._bearer}"} if self._bearer else dict(headers)
        for last, scheme in enumerate(self._schemes, 1):
            try:
                found = _answer(f"{scheme}://{self._host}/v2/{self._path}/{what}", self._reach, self._login(), given)
            except NotAnswered as error:
                if last < len(self._schemes):
                    continue
                if error.state == "not trusted":
                    hint = "name the authority that signed it in [mirror]:  ca_bundle"
                    said = f"who signed the certificate of {self._host} is not known"
                    raise NotTrusted(said, why=error.words, hint=hint) from None
                raise Unreachable(
                    f"no registry answers for {self.name}", why=error.words, hint="solvent doctor"
                ) from None
            self._schemes = [scheme]
            return found
        raise AssertionError("a registry has a scheme")

    def _login(self) -> str:
        return "" if self._bearer else self._key

    def _token(self, challenge: str) -> str:
        """Get the token that a registry's challenge asks for (distribution-spec, token authentication)."""
        from manager.web_client import NotAnswered

        asked = dict(re.findall(r'(\w+)="([^"]*)"', challenge))
        realm = asked.pop("realm", "")
        if not realm.startswith("https://") and self._schemes != ["http"]:
            raise Unreachable(f"the registry of {self.name} sends its login to no safe place", why=realm)
        words = {key: asked[key] for key in ("service", "scope") if key in asked}
        try:
            _, text, _ = _answer(f"{realm}?{urlencode(words)}", self._reach, self._key, {})
        except NotAnswered as error:
            raise Unreachable(f"no registry answers for {self.name}", why=error.words) from None
        found = _json(text)
        return str(found.get("token") or found.get("access_token") or "")


def _answer(address: str, reach: Reach, key: str, headers: Mapping[str, str]) -> tuple[int, str, Mapping[str, str]]:
    from manager.web_client import answer

    with answer(address, reach, key, _SECONDS, headers) as found:
        size, parts = 0, []
        for part in found.iter_bytes():
            size += len(part)
            if size > _LONGEST:
                raise Failed(f"{address} gives more than a registry has to say")
            parts.append(part)
        return found.status_code, b"".join(parts).decode("utf-8", "replace"), found.headers


def _json(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _platform(one: Any) -> str:
    platform = one.get("platform") if isinstance(one, dict) else None
    return f"{platform.get('os')}/{platform.get('architecture')}" if isinstance(platform, dict) else ""
