"""Secrets as values that do not show themselves, and the references that stand for them everywhere else.

A reference names where a secret lies: ``env:NAME``, ``file:PATH``, ``keyring:SERVICE/USER``, ``exec:COMMAND``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NoReturn, get_args

from manager.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable

ReferenceKind = Literal["env", "file", "keyring", "exec"]
STARS = "********"


class Secret:
    """A secret in clear that only :meth:`reveal` gives away.

    Its repr, str and format are stars; it does not pickle, and json does not know it, so it reaches no log, no
    database and no other process by accident.
    """

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """Give the value in clear; call it as late as possible."""
        return self._value

    def __repr__(self) -> str:
        return f"Secret({STARS})"

    def __str__(self) -> str:
        return STARS

    def __format__(self, spec: str) -> str:
        return format(STARS, spec)

    def __bool__(self) -> bool:
        return bool(self._value)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return self._value == other._value

    def __hash__(self) -> int:
        return hash((Secret, self._value))

    def __copy__(self) -> Secret:
        return self

    def __deepcopy__(self, memo: object) -> Secret:
        return self

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("a Secret is not pickled; keep its reference instead")


def masked(text: str, secrets: Iterable[str]) -> str:
    """Put stars in the place of each secret; the longest first, as one may be a part of another."""
    for secret in sorted(filter(None, secrets), key=len, reverse=True):
        text = text.replace(secret, STARS)
    return text


@dataclass(frozen=True, slots=True)
class Reference:
    """Where a secret lies; ``target`` is a variable, a path, ``service/user`` or a command line."""

    kind: ReferenceKind
    target: str

    def __str__(self) -> str:
        """Render as it is written: ``env:PGPASSWORD``."""
        return f"{self.kind}:{self.target}"


def parse_reference(text: str) -> Reference:
    """Read a reference; raises UsageError, which does not repeat the text: it may be a password in clear."""
    kind, colon, target = text.partition(":")
    kinds = get_args(ReferenceKind)
    if not colon or kind not in kinds:
        raise UsageError(
            "this is no reference to a secret",
            why="a reference begins with " + ", ".join(f"{one}:" for one in kinds),
            hint="for example  env:NAME  for the environment variable NAME",
        )
    if not target.strip() or (kind == "keyring" and not all(target.rpartition("/")[::2])):
        shape = {"env": "NAME", "file": "PATH", "keyring": "SERVICE/USER", "exec": "COMMAND"}[kind]
        raise UsageError(f"the reference {text!r} is incomplete", why=f"it has the form {kind}:{shape}")
    return Reference(next(one for one in kinds if one == kind), target)
