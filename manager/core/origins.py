"""Where a workspace begins: a git repository's address, as a person writes it, without any credential in it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from manager.errors import UsageError

if TYPE_CHECKING:
    from urllib.parse import SplitResult

# What the images' git speaks by itself; ssh would need a client and a key in the container.
_SCHEMES = ("https", "http", "git")
# git-check-ref-format(1), but for the rules that no plain name breaks by accident.
_NO_REF = re.compile(r"^[-/.]|[\s\x00-\x1f\x7f~^:?*\[\\]|\.\.|@\{|[/.]$")
_SCP = re.compile(r"(?:[^@/:\s]+@)?(?P<host>[^/:\s]+):(?P<path>[^/].*)")


@dataclass(frozen=True, slots=True)
class Origin:
    """A repository and what of it is checked out: a branch, a tag or a commit; "" for the default branch."""

    url: str
    ref: str = ""

    def __str__(self) -> str:
        """Render as it is written: ``https://git.example/team/analysis.git#main``."""
        return f"{self.url}#{self.ref}" if self.ref else self.url


def parse_origin(text: str) -> Origin:
    """Read ``URL[#REF]``; raises UsageError, which repeats no credential that the address may hold."""
    address, _, ref = text.strip().partition("#")
    parts = _split(address)
    if parts.scheme not in _SCHEMES:
        raise _unsupported(address, parts.scheme)
    if "@" in parts.netloc:
        raise UsageError(
            "the address of a git repository holds a name or a password",
            why="it would stay in the clone's .git/config and in the history of your shell",
            hint="leave out what stands before the @, and say  --git-secret env:NAME  (a token, or user:password)",
        )
    if parts.query:
        raise UsageError(
            "the address of a git repository has a query",
            why="what stands behind the question mark may be a credential, and would stay in .git/config",
            hint="leave it out, and say  --git-secret env:NAME",
        )
    if not parts.hostname or not parts.path.strip("/"):
        raise UsageError(f"{address!r} names no git repository", hint="for example  https://git.example/team/work.git")
    if _NO_REF.search(ref) or len(ref) > 200:
        raise UsageError(f"{ref!r} is no branch, tag or commit", hint="write  --git URL#main")
    return Origin(address, ref)


def same(one: str, other: str) -> bool:
    """Say whether two addresses lead to one repository: case of the host, ``.git`` and a last slash do not count."""
    return _plain(one) == _plain(other)


def _plain(url: str) -> tuple[str, str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc.lower(), parts.path.rstrip("/").removesuffix(".git")


def _split(address: str) -> SplitResult:
    try:
        if address.isascii() and address.isprintable() and " " not in address:
            parts = urlsplit(address)
            _ = parts.port
            return parts
    except ValueError:
        pass
    raise UsageError(
        "the address of a git repository is malformed",
        why="an address has no spaces, and letters beyond ASCII are written as %XX",
        hint="for example  https://git.example/team/work.git",
    )


def _unsupported(address: str, scheme: str) -> UsageError:
    ssh = _SCP.fullmatch(address) if scheme not in ("ssh", "file") and "://" not in address else None
    if ssh or scheme in ("ssh", "git+ssh", "ssh+git"):
        parts = urlsplit(address)
        way = f"{ssh['host']}/{ssh['path']}" if ssh else f"{parts.hostname or 'git.example'}{parts.path}"
        return UsageError(
            "a workspace is not cloned over ssh",
            why="images have no ssh, and a key would have to be put into the container",
            hint=f"use the same repository over https:  --git https://{way} --git-secret env:NAME",
        )
    if scheme == "file" or "://" not in address:
        return UsageError(
            "a workspace is not cloned from a folder of this machine",
            why="the clone runs in a container, which sees no folder of the machine",
            hint="give an https:// address, or bring the folder along:  solvent env launch --mount NAME",
        )
    return UsageError(
        f"git repositories are not reached by {scheme}://",
        why="there are " + ", ".join(f"{one}://" for one in _SCHEMES),
        hint="for example  https://git.example/team/work.git",
    )
