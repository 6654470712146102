"""Secrets that stand in the open: catalogs are read by everybody and go into git."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from manager.world.files.judgement import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

_SECRET_NAME = re.compile(r"passw(or)?d|passphrase|secret|token|api_?key|private_?key|credential", re.IGNORECASE)
_URL_PASSWORD = re.compile(r"://[^/\s:@]*:(?P<password>[^/\s@]+)@")
# A value in braces is filled in later.
_PLACEHOLDER = re.compile(r"\{[a-z0-9_]+\}")
HINT = "secrets are referred to by connections (env:, file:, keyring:, exec:), never written here"


def url_has_password(text: str) -> bool:
    """Say whether a URL carries a password that is not a placeholder."""
    return any(not _PLACEHOLDER.fullmatch(match["password"]) for match in _URL_PASSWORD.finditer(text))


def looks_secret(name: str, value: str) -> bool:
    """Say whether a parameter's name says that it is a secret, or a URL in its value carries one."""
    return _SECRET_NAME.search(name) is not None or url_has_password(value)


def family_secrets(file: str, data: dict[str, Any]) -> Iterator[Finding]:
    """Find secrets in a family's environment, which anyone can read who may inspect a container."""
    launch = data.get("launch")
    if not isinstance(launch, dict):
        return
    for name, value in (launch.get("environment") or {}).items():
        # A variable that names a file holds no secret itself.
        named = bool(value) and _SECRET_NAME.search(name) is not None and not name.upper().endswith("_FILE")
        if named or url_has_password(value or ""):
            yield Finding(file, ("launch", "environment", name), "a secret in a shared place", HINT)


def connector_secrets(file: str, data: dict[str, Any], secret: set[str]) -> Iterator[Finding]:
    """Find secrets in a connector: a default, a source's parameter, a URL; ``secret`` are the secret names."""
    if url_has_password(str(data.get("url_template", ""))):
        yield Finding(file, ("url_template",), "a secret in a shared place", "write {password}")
    for index, table in enumerate(data.get("parameter") or ()):
        if isinstance(table, dict) and table.get("secret") is True and table.get("default", "") != "":
            yield Finding(file, ("parameter", index, "default"), "a secret in a shared place", HINT)
    for index, table in enumerate(data.get("source") or ()):
        parameters = table.get("parameters") if isinstance(table, dict) else None
        for name, value in (parameters or {}).items():
            if name in secret or looks_secret(name, str(value)):
                keys = ("source", index, "parameters", name)
                yield Finding(file, keys, "a secret in a shared place", HINT)
