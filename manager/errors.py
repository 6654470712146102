"""Everything that Solvent raises on purpose, by exit code.

ManagerError
├── Failed          1    a step was tried and did not work
│   ├── Unsolved    1    no choice of versions fits what is asked for
│   └── Bug         1    a step raised what nobody expected; its cause holds that
├── UsageError      2    the command names something that does not exist
├── FindingsError   3    completed, and there is something to look at
├── CatalogError    4    the catalog's files are wrong; carries every problem at once
├── Refused         5    a rule forbids it: retired, quarantined, read-only catalog
│   └── Stale       5    a plan would be another one by now
├── Unreachable     6    engine, index or database does not answer
│   └── NotTrusted  6    a registry answers, and the engine does not know who signed its certificate
└── Interrupted   130    stopped by the person

Adapters translate foreign exceptions into these at the edge; nothing above ``world`` sees any other.
"""

from __future__ import annotations

from dataclasses import dataclass


class ManagerError(Exception):
    """An error with a remedy: what happened, why, where, and what to do next.

    ``where`` is a place such as ``images/jupyterlab/family.toml:31``; ``why`` names the rule or the cause;
    ``hint`` holds the next command, if there is one.
    """

    code = 1

    def __init__(self, message: str, *, hint: str = "", why: str = "", where: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.why = why
        self.where = where

    @property
    def sentence(self) -> str:
        """Give what happened and why, where there is no room for more."""
        return f"{self.message}: {self.why}" if self.why else self.message


class Failed(ManagerError):
    """A step was tried and did not work."""


class Unsolved(Failed):
    """No choice of versions fits what is asked for; ``why`` is the resolver's reason."""


class Bug(Failed):
    """Something raised what nobody expected: a defect of Solvent. ``__cause__`` holds the exception."""

    @classmethod
    def of(cls, error: BaseException, where: str = "") -> Bug:
        """Give what was raised as this error; only its type is in the message, since its text may hold anything."""
        what = f"unexpected {type(error).__name__}"
        found = cls(
            f"{where}: {what}" if where else what, why=str(error), hint="this is a bug in Solvent: please report it"
        )
        found.__cause__ = error
        return found


class UsageError(ManagerError):
    """The command names something that does not exist or cannot be combined."""

    code = 2


class FindingsError(ManagerError):
    """The command completed, and there is something to look at."""

    code = 3


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in the catalog's files.

    ``file`` is relative to the catalog's root, ``line`` counts from 1 (0: the whole file), ``key`` is the
    dotted TOML key (``release[2].python``).
    """

    file: str
    line: int
    key: str
    why: str
    hint: str = ""

    def __str__(self) -> str:
        """Render as ``file:line  key: why``."""
        key = f"{self.key}: " if self.key else ""
        return f"{self.file}:{self.line}  {key}{self.why}"


class CatalogError(ManagerError):
    """The catalog's files are wrong; every problem is listed at once."""

    code = 4

    def __init__(self, message: str, problems: tuple[Problem, ...] = (), *, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.problems = problems


class Refused(ManagerError):
    """A rule forbids it; ``hint`` names the way out."""

    code = 5


class Stale(Refused):
    """A plan would be another one by now; nothing of it was done."""


class Unreachable(ManagerError):
    """An engine, index or database does not answer."""

    code = 6


class NotTrusted(Unreachable):
    """A registry answers, and the engine does not know the authority that signed its certificate."""


class Interrupted(ManagerError):
    """The person stopped it; the next run continues."""

    code = 130
