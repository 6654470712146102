"""Which kind of recipe a file is, by its name and, where that does not say, by what is in it."""

from __future__ import annotations

import re
from typing import Literal

from manager.errors import UsageError

Kind = Literal["Dockerfile", "requirements.txt", "environment.yml", "renv.lock", "pyproject.toml"]

_NAMES: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    ("Dockerfile", re.compile(r"(dockerfile|containerfile)([._-].*)?|.*\.(dockerfile|containerfile)")),
    ("environment.yml", re.compile(r".*\.ya?ml")),
    ("pyproject.toml", re.compile(r".*\.toml")),
    ("renv.lock", re.compile(r"renv.*\.lock|.*\.json")),
    ("requirements.txt", re.compile(r"(.*[._-])?(requirements?|constraints)([._-].*)?\.(txt|in|lock)")),
)
_CONTENTS: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    ("renv.lock", re.compile(r'\A\s*\{[\s\S]*"(R|Packages)"\s*:\s*\{')),
    ("pyproject.toml", re.compile(r"(?m)^\[(project|dependency-groups|tool\.poetry)\b")),
    ("environment.yml", re.compile(r"(?m)^dependencies\s*:\s*(#.*)?$")),
    ("Dockerfile", re.compile(r"(?mi)^[ \t]*FROM[ \t]+\S")),
    (
        "requirements.txt",
        re.compile(r"(?m)^(-r |-c |--index-url|[A-Za-z0-9][A-Za-z0-9._-]*(\[[^\]\n]*\])?[ \t]*(==|>=|~=|<=)[ \t]*\d)"),
    ),
)
# Where content has to agree with a name that other files have as well.
_AMBIGUOUS = ("environment.yml", "pyproject.toml", "renv.lock")


def kind_of(name: str, text: str) -> Kind:
    """Give the kind; raises UsageError, which lists what is understood."""
    by_name = next((kind for kind, pattern in _NAMES if pattern.fullmatch(name.lower())), None)
    by_content = next((kind for kind, pattern in _CONTENTS if pattern.search(text)), None)
    if by_name and (by_name not in _AMBIGUOUS or by_name == by_content or name.lower() == by_name):
        return by_name
    if by_content is None or by_name is not None:
        raise UsageError(
            f"{name} is none of the files that a release can be made from",
            why="understood are Dockerfile, requirements.txt, environment.yml (conda), renv.lock and pyproject.toml"
            " (PEP 621, dependency groups, Poetry)",
            hint="known by name (Dockerfile.gpu, requirements-dev.txt, conda-env.yaml) or by content",
        )
    return by_content
