"""What looks like a secret, by its name or its form, and texts that are shown without any."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from manager.core.endings import plain
from manager.core.secrets import STARS, masked

if TYPE_CHECKING:
    from collections.abc import Iterable

_SECRET_NAME = re.compile(r"passw(or)?d|passphrase|secret|token|api_?key|private_?key|credential", re.IGNORECASE)
# What people call a variable that no parameter of a connection is called.
_SECRET_VARIABLE = re.compile(r"(^|_)(pwd|pass|pat|auth|netrc|access_?key|key)($|_)", re.IGNORECASE)
_URL_PASSWORD = re.compile(r"://[^/\s:@]*:(?P<password>[^/\s@]+)@")
# A token is often given as the user alone.
_LOGIN = re.compile(r"://[^/?#\s]+@")
# Anaconda's servers take a token as a part of the path.
_PATH_TOKEN = re.compile(r"(?<=/t/)[^/\s]{8,}")
# A value in braces is filled in later.
_PLACEHOLDER = re.compile(r"\{[a-z0-9_]+\}")
# Keys as services write them: AWS, GitHub, GitLab, PyPI, Slack, PEM; and a JSON web token.
_FORMS = re.compile(
    r"AKIA[0-9A-Z]{16}|gh[a-z]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}|pypi-[\w-]{16,}|xox[a-z]-[\w-]{10,}"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY|eyJ[\w-]{10,}\.[\w-]{5,}"
)
_NAMED = r"[\w-]*(?:passw|passphrase|secret|token|api[_-]?key|credential|pwd|auth)[\w-]*"
# NAME=VALUE, "name": VALUE and --name VALUE with such a name, a header with a login, and curl's -u and --user.
_ASSIGNED = re.compile(
    rf"(?i)(?P<name>{_NAMED}[\"']?\s*[=:]\s*|(?<!\S)--?{_NAMED}\s+)"
    r"(?P<value>(?:bearer|basic|token)\s+\S+|\"[^\"]*\"|'[^']*'|\S+)"
)
_USER = re.compile(r"(?P<name>(?:^|\s)(?:-u|--user)[\s=]+)(?P<value>\S+)")


def url_has_password(text: str) -> bool:
    """Say whether a URL carries a password that is not a placeholder."""
    return any(not _PLACEHOLDER.fullmatch(match["password"]) for match in _URL_PASSWORD.finditer(text))


def looks_secret(name: str, value: str) -> bool:
    """Say whether a parameter's name says that it is a secret, or a URL in its value carries one."""
    return _SECRET_NAME.search(name) is not None or url_has_password(value)


def variable_looks_secret(name: str, value: str) -> bool:
    """Say so of an environment variable: more names count, a login in a URL, and the forms of well-known keys."""
    named = looks_secret(name, value) or _SECRET_VARIABLE.search(name) is not None
    return named or _LOGIN.search(value) is not None or _FORMS.search(value) is not None


def told_by(text: str) -> bool:
    """Say whether a command line gives a secret away: a login in a URL, a well-known key, or NAME=VALUE that says so.

    A path or a variable in the place of the value says where a secret is, and is none.
    """
    if url_has_password(text) or _FORMS.search(text):
        return True
    values = (match["value"].strip("\"'") for pattern in (_ASSIGNED, _USER) for match in pattern.finditer(text))
    return any(value and value[0] not in "/$" for value in values)


def exposed(
    variables: Iterable[tuple[str, str]], labels: Iterable[tuple[str, str]], commands: Iterable[str]
) -> tuple[str, ...]:
    """Name what in an image's own description looks like a secret: everybody who can pull the image reads it.

    ``commands`` are those of its history.
    """
    found = [f"the variable {name}" for name, value in variables if _holds(name, value)]
    found += [f"the label {name}" for name, value in labels if _holds(name, value)]
    return (*found, *(f"the command of a layer: {shown(one, longest=80)}" for one in commands if told_by(one)))


def _holds(name: str, value: str) -> bool:
    # A path says where a secret is.
    return bool(value) and not value.startswith("/") and variable_looks_secret(name, value)


def shown(text: str, secrets: Iterable[str] = (), longest: int = 160) -> str:
    """Give a text on one line, cut, and with stars where it has one of ``secrets`` or what looks like one."""
    # Only after what is searched for was cut can a search be slow.
    text = masked(text, secrets)[: 8 * longest]
    text = _PATH_TOKEN.sub(STARS, _FORMS.sub(STARS, _LOGIN.sub(f"://{STARS}@", text)))
    text = _USER.sub(rf"\g<name>{STARS}", _ASSIGNED.sub(rf"\g<name>{STARS}", text))
    flat = plain(text)
    return flat if len(flat) <= longest else flat[: longest - 1] + "…"
