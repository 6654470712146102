"""Judges and reads the table ``[mirror]`` as TOML gives it, whichever file it stands in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from manager.core.catalog import did_you_mean
from manager.core.lines import line_of
from manager.core.mirrors import KEYS, WITH_LOGIN, Mirrors, dotted, registry_host
from manager.core.secrets import parse_reference
from manager.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

_PATHS = ("ca_bundle", "apt_keyring")
# These reach configuration files of apt, pip, npm, R and a shell: nothing that could end a value there.
_PLAIN_URL = re.compile(r"https?://[A-Za-z0-9._~:/%+@,=&?#\[\]-]+")
_PREFIX = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]*(:[0-9]+)?(/[a-z0-9]+([._-]+[a-z0-9]+)*)*")
_HOST = re.compile(r"[A-Za-z0-9.*:/\[\]_-]+")
_SUITE = re.compile(r"[a-z0-9][a-z0-9._-]*")
# The keys that hold names: of what form, said how, and an example.
_LISTS = {
    "no_proxy": (_HOST, "a host name, a domain such as .example.com, or an address", '["localhost", ".example.com"]'),
    "frozen": (_SUITE, "a Debian suite, such as forky", '["forky"]'),
}


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong at a key of the table; ``keys`` leads there from the table itself."""

    keys: tuple[str | int, ...]
    why: str
    hint: str = ""


def faults(table: Mapping[str, object]) -> Iterator[Fault]:
    """Judge the table as TOML gives it; nothing that may be a password is repeated."""
    for key, value in table.items():
        if key not in KEYS:
            yield Fault((key,), "unknown key", did_you_mean(key, list(KEYS)))
        elif key in _LISTS:
            yield from _names(key, value)
        elif key == "credentials":
            yield from _references(value)
        elif not isinstance(value, str):
            yield Fault((key,), "must be a string")
        elif value and (fault := _value(key, value)):
            yield fault


def read(table: Mapping[str, object], folder: str, origin: Callable[[str], str]) -> Mirrors:
    """Make the value from a table without faults; paths are relative to ``folder``.

    ``origin`` gives the place of a dotted key (``credentials.python``).
    """
    values = {key: _kept(key, value, folder) for key, value in table.items() if isinstance(value, str)}
    lists = {key: tuple(map(str, names)) for key in _LISTS if isinstance(names := table.get(key), list)}
    references = table.get("credentials")
    named = [*values, *lists]
    pairs = sorted((key, str(text)) for key, text in references.items()) if isinstance(references, dict) else []
    origins = [(key, origin(key)) for key in named] + [(name, origin(name)) for name in map(dotted, dict(pairs))]
    return Mirrors(
        credentials=tuple(pairs),
        origins=tuple(origins),
        no_proxy=lists.get("no_proxy", ()),
        frozen=lists.get("frozen", ()),
        **values,
    )


def origins(text: str, file: str) -> Callable[[str], str]:
    """Give what names the place of a dotted key of the table in a TOML text."""

    def place(key: str) -> str:
        table, dot, name = key.rpartition(".")
        return f"{file}:{line_of(text, name, f'mirror.{table}' if dot else 'mirror')}"

    return place


def _kept(key: str, value: str, folder: str) -> str:
    if key not in _PATHS:
        return value.rstrip("/")
    return f"{folder}/{value}" if value and not value.startswith("/") else value


def _value(key: str, value: str) -> Fault | None:
    if key in _PATHS:
        return None if value.isprintable() else Fault((key,), "is no path: it holds a control character")
    if key in ("registry", "builds"):
        why = "must be a host with an optional path, such as mirror.example/docker"
        hint = "without https:// and without credentials, which go to [mirror.credentials]"
        if not _PREFIX.fullmatch(value.rstrip("/")):
            return Fault((key,), why, hint)
        if key == "builds" and not registry_host(f"{value}/"):
            return Fault((key,), "names no host, so it would be one of the public registry", "write  HOST[:PORT]/path")
        return None
    return _address(key, value)


def _address(key: str, value: str) -> Fault | None:
    try:
        parts = urlsplit(value)
        user = "@" in parts.netloc
        fits = bool(_PLAIN_URL.fullmatch(value) and parts.hostname and not parts.query and not parts.fragment)
        _ = parts.port  # raises for one beyond 65535
    except ValueError:
        user, fits = "@" in value, False
    if user:
        hint = f'write the address without them, and in [mirror.credentials]  {_login_key(key)} = "env:NAME"'
        return Fault((key,), "carries credentials, and this file is read by others", hint)
    return None if fits else Fault((key,), "must be an http:// or https:// address without query and white space")


def _login_key(key: str) -> str:
    return "apt" if key == "apt_security" else key


def _names(key: str, value: object) -> Iterator[Fault]:
    form, meaning, example = _LISTS[key]
    if not isinstance(value, list):
        yield Fault((key,), "must be an array of names", f"{key} = {example}")
        return
    for index, name in enumerate(value):
        if not isinstance(name, str) or not form.fullmatch(name):
            yield Fault((key, index), f"must be {meaning}")


def _references(value: object) -> Iterator[Fault]:
    if not isinstance(value, dict):
        yield Fault(("credentials",), "must be a table", '[mirror.credentials]  with  python = "env:NAME"')
        return
    for key, text in value.items():
        where = ("credentials", key)
        if key not in WITH_LOGIN:
            yield Fault(where, "unknown key", did_you_mean(key, list(WITH_LOGIN)))
        elif not isinstance(text, str):
            yield Fault(where, "must be a reference to user:password")
        else:
            try:
                parse_reference(text)
            except UsageError as error:
                why = f"{error.message}: {error.why}"
                yield Fault(where, why, f'a reference to user:password, for example  {key} = "file:/absolute/path"')
