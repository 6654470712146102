"""Environment variables of a recipe: which of them a family sets, and which are somebody else's matter."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from manager.core.secrecy import variable_looks_secret
from manager.core.variables import is_reserved

if TYPE_CHECKING:
    from manager.core.catalog import Place
    from manager.core.recipes.notes import Notes

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_BUILDING = re.compile(
    r"DEBIAN_FRONTEND|PIP_(NO_CACHE_DIR|DISABLE_PIP_VERSION_CHECK|ROOT_USER_ACTION)|CONDA_.*|MAMBA_.*|NB_(USER|UID|GID)"
    r"|CHOWN_HOME(_OPTS)?|GRANT_SUDO|JUPYTER_ENABLE_LAB|DOCKER_STACKS_.*|PYTHON(UNBUFFERED|DONTWRITEBYTECODE)|UV_.*|SHELL"
)
_INDEX = re.compile(r"(?i)PIP_(EXTRA_)?INDEX_URL|PIP_TRUSTED_HOST|PIP_CERT|(http|https|all|no|ftp)_proxy"
                    r"|(REQUESTS|CURL)_CA_BUNDLE|SSL_CERT_FILE|NPM_CONFIG_REGISTRY|NODE_EXTRA_CA_CERTS")  # fmt: skip


def secret(notes: Notes, name: str, value: str) -> bool:
    """Say whether a variable looks like a secret, and remember its value so that no text repeats it."""
    if not variable_looks_secret(name, value):
        return False
    if value:
        notes.secrets.add(value)
    return True


def take(notes: Notes, name: str, value: str, place: Place) -> None:
    """Take a variable into the family's environment, or say why not; a secret's value is never repeated."""
    if secret(notes, name, value):
        notes.leave(
            place,
            name,
            "it looks like a secret, and a catalog is read by everybody",
            "keep it in a connection, by reference (env:, file:, keyring:, exec:): docs/connections.md",
        )
    elif _INDEX.fullmatch(name):
        why = "where packages come from, and through what, is the table [mirror]'s matter"
        notes.leave(place, name, why, "set it in [mirror]: docs/mirrors.md")
    elif is_reserved(name) or _BUILDING.fullmatch(name):
        notes.ours(place, name, "the image and its launch set what they need of this kind")
    elif not _NAME.fullmatch(name) or not value.isprintable():
        notes.leave(place, name, "it is no variable that an environment could have")
    else:
        notes.take("environment", value, place, name=name)
