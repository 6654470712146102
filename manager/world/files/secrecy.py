"""Secrets that stand in the open: catalogs are read by everybody and go into git."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from manager.core.secrecy import looks_secret, url_has_password
from manager.world.files.judgement import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

HINT = "secrets are referred to by connections (env:, file:, keyring:, exec:), never written here"


def family_secrets(file: str, data: dict[str, Any]) -> Iterator[Finding]:
    """Find secrets in a family's environment, which anyone can read who may inspect a container."""
    launch = data.get("launch")
    if not isinstance(launch, dict):
        return
    for name, value in (launch.get("environment") or {}).items():
        # A variable that names a file holds no secret itself.
        named = bool(value) and looks_secret(name, "") and not name.upper().endswith("_FILE")
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
