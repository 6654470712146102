"""Judges and reads the table ``[notices]`` of a file of settings."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, get_args
from urllib.parse import urlsplit

from manager.core.catalog import did_you_mean
from manager.core.mirror_table import Fault
from manager.core.secrets import parse_reference
from manager.core.sinks import EVERYBODY, Body, Mail, Security, Sinks, Webhook
from manager.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

_KEYS = ("file", "webhooks", "mail")
_WEBHOOK = ("address", "body", "token")
_MAIL = ("host", "port", "security", "from", "credentials", "owners")
_NAME = re.compile(r"[a-z0-9][a-z0-9_.-]{0,39}")
# Enough to tell an address from a name: what is behind the @ is the mail server's business.
_ADDRESS = re.compile(r"[^\s@<>,;]+@[^\s@<>,;]+")
_HOST = re.compile(r"[A-Za-z0-9.-]+|[0-9A-Fa-f:]+")


def faults(table: Mapping[str, object]) -> Iterator[Fault]:
    """Judge the table as TOML gives it; nothing that may be a secret is repeated."""
    yield from _unknown(table, _KEYS, ())
    file = table.get("file", "")
    if not isinstance(file, str) or not file.isprintable():
        yield Fault(("file",), "must be a path")
    for name, entry in _tables(table, "webhooks"):
        where = ("webhooks", name)
        if not _NAME.fullmatch(name):
            yield Fault(where, "a name has 1 to 40 of a-z, 0-9, '-', '_' and '.'")
        elif not isinstance(entry, dict):
            yield Fault(where, "must be a table", f"[notices.webhooks.{name}]")
        else:
            yield from _webhook(entry, where)
    if "webhooks" in table and not isinstance(table["webhooks"], dict):
        yield Fault(("webhooks",), "must be tables", "[notices.webhooks.NAME]")
    if "mail" in table:
        mail = table["mail"]
        if isinstance(mail, dict):
            yield from _mail(mail)
        else:
            yield Fault(("mail",), "must be a table", "[notices.mail]")


def read(table: Mapping[str, Any], folder: str, origin: Callable[[str], str]) -> Sinks:
    """Make the value from a table without faults: ``file`` is relative to ``folder``, ``origin`` places a key."""
    file = str(table.get("file", ""))
    webhooks = tuple(
        Webhook(name, entry["address"], entry.get("body", "plain"), entry.get("token", ""))
        for name, entry in sorted(_tables(table, "webhooks"))
    )
    mail = None
    if "mail" in table:
        given = table["mail"]
        plain = {key: given[key] for key in ("host", "port", "security", "credentials") if key in given}
        mail = Mail(sender=given["from"], owners=tuple(sorted(given.get("owners", {}).items())), **plain)
    named = [*(["file"] if file else []), *(f"webhooks.{one.name}" for one in webhooks), *(["mail"] if mail else [])]
    if file and not file.startswith("/"):
        file = f"{folder}/{file}"
    return Sinks(file, webhooks, mail, tuple((name, origin(name)) for name in named))


def _tables(table: Mapping[str, Any], key: str) -> list[tuple[str, Any]]:
    found = table.get(key, {})
    return list(found.items()) if isinstance(found, dict) else []


def _unknown(table: Mapping[str, object], known: tuple[str, ...], where: tuple[str, ...]) -> Iterator[Fault]:
    for key in table:
        if key not in known:
            yield Fault((*where, key), "unknown key", did_you_mean(key, list(known)))


def _webhook(entry: Mapping[str, object], where: tuple[str, ...]) -> Iterator[Fault]:
    yield from _unknown(entry, _WEBHOOK, where)
    address = entry.get("address")
    if not isinstance(address, str):
        yield Fault((*where, "address"), "must be an address, or a reference to one", 'address = "env:NAME"')
    elif not _is_url(address) and not _is_reference(address):
        yield Fault(
            (*where, "address"),
            "is neither an http:// or https:// address nor a reference to one",
            'an address that holds a secret is referred to:  address = "env:NAME"',
        )
    yield from _choice(entry, "body", get_args(Body), where)
    yield from _reference(entry, "token", where)


def _mail(entry: Mapping[str, object]) -> Iterator[Fault]:
    where = ("mail",)
    yield from _unknown(entry, _MAIL, where)
    host, sender, port, owners = (entry.get(key) for key in ("host", "from", "port", "owners"))
    if not isinstance(host, str) or not _HOST.fullmatch(host):
        yield Fault((*where, "host"), "must be the name or address of a mail server", 'host = "smtp.example"')
    if not isinstance(sender, str) or not _ADDRESS.fullmatch(sender):
        yield Fault((*where, "from"), "must be a mail address", 'from = "solvent@example.org"')
    if port is not None and (not isinstance(port, int) or isinstance(port, bool) or not 0 < port < 65536):
        yield Fault((*where, "port"), "must be a port", "port = 587")
    yield from _choice(entry, "security", get_args(Security), where)
    yield from _reference(entry, "credentials", where)
    if "credentials" in entry and entry.get("security") == "none":
        yield Fault((*where, "credentials"), "would be sent in clear", 'security = "starttls"')
    if owners is not None and not isinstance(owners, dict):
        yield Fault(
            (*where, "owners"), "must be a table", f'[notices.mail.owners]  with  ana = "ana@..."  and "{EVERYBODY}"'
        )
    for owner, address in owners.items() if isinstance(owners, dict) else ():
        if not isinstance(address, str) or not _ADDRESS.fullmatch(address):
            yield Fault((*where, "owners", owner), "must be a mail address")


def _choice(entry: Mapping[str, object], key: str, known: tuple[str, ...], where: tuple[str, ...]) -> Iterator[Fault]:
    if key in entry and entry[key] not in known:
        yield Fault((*where, key), f"is none of {', '.join(known)}")


def _reference(entry: Mapping[str, object], key: str, where: tuple[str, ...]) -> Iterator[Fault]:
    value = entry.get(key)
    if key in entry and not (isinstance(value, str) and _is_reference(value)):
        yield Fault((*where, key), "must be a reference", f'{key} = "file:/absolute/path"')


def _is_reference(text: str) -> bool:
    try:
        parse_reference(text)
    except UsageError:
        return False
    return True


def _is_url(text: str) -> bool:
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc and text.isprintable()
