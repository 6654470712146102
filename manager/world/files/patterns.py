"""What single values in the catalog's files look like: patterns, what each asks for in words, and types made of them.

Importing this imports pydantic: see :mod:`.shape`.
"""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import AfterValidator, Field, WithJsonSchema

from manager.core.amounts import parse_size
from manager.core.lifecycle import Period
from manager.core.names import IDENTIFIER, REPOSITORY

# What each pattern asks for, in words, with an example: for messages.
FULL_NAME = r"^[a-z0-9][a-z0-9._-]*:[a-z0-9][a-z0-9._-]*$"
SUBJECT = r"^[a-z0-9][a-z0-9._-]*(:[a-z0-9][a-z0-9._-]*)?$"
PYTHON = r"^3\.[0-9]+$"
R = r"^[0-9]+\.[0-9]+$"
ABSOLUTE = r"^/"
DISTRIBUTION = r"^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?(\[[A-Za-z0-9._-]+(,[A-Za-z0-9._-]+)*\])?$"
MODULE = r"^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*$"
COMPONENT = r"^[a-z0-9][a-z0-9._-]* [a-z0-9][a-z0-9._-]*$"
VARIABLE = r"^[A-Za-z_][A-Za-z0-9_]*$"
DIGEST_REFERENCE = r"^$|^\S+@sha256:[0-9a-f]{64}$"
SHA256 = r"^[0-9a-f]{64}$"
CONFIG_DIGEST = r"^sha256:[0-9a-f]{64}$"
ADDRESS = r"^https?://\S+$"
FAMILY = r"^(shipped:)?[a-z0-9]+([._-][a-z0-9]+)*$"
PACKAGE = r"^[A-Za-z0-9][A-Za-z0-9+._-]+$"
VERSION = r"^[0-9]{8}\.[1-9][0-9]*$"
FILLED = r"\S"
MEANING = {
    IDENTIFIER: "lower-case letters, digits, '.', '_' and '-', such as postgresql-17",
    FULL_NAME: "a full release name, such as jupyterlab:4.6-py3.13",
    SUBJECT: "a release such as jupyterlab:4.6-py3.13, a family, all, or the sha256: digest of a build",
    REPOSITORY: "words of lower-case letters and digits with '.', '_' or '-' between them, such as code-server",
    PYTHON: "a Python line, such as 3.13",
    R: "an R line, such as 4.5",
    ABSOLUTE: "an absolute path, beginning with /",
    DISTRIBUTION: "a distribution without a version, such as psycopg[binary]",
    MODULE: "an importable module, such as psycopg",
    COMPONENT: "a component and its line, such as python 3.13",
    PACKAGE: "the name of a package of the operating system",
    VARIABLE: "the name of an environment variable",
    DIGEST_REFERENCE: "an image by digest, name@sha256:..., or nothing",
    SHA256: "a SHA-256 digest, 64 digits from 0 to f",
    CONFIG_DIGEST: "an image's digest, sha256: and 64 digits from 0 to f",
    ADDRESS: "an address, beginning with https:// or http://",
    FAMILY: "a family of this catalog, or a shipped one such as shipped:jupyterlab",
    VERSION: "the version of a build, such as 20261121.1",
    FILLED: "some text",
}


def _period(text: str) -> str:
    Period.parse(text)
    return text


def _size(text: str) -> str:
    parse_size(text)
    return text


def _scalar(value: object) -> object:
    if not isinstance(value, str | int):
        raise ValueError("must be a string, an integer or a boolean")
    return value


def _index(text: str) -> str:
    if text and not re.fullmatch(r"(https?|file)://[^\s@]+", text):
        # It may hold a password: nothing of it is repeated.
        raise ValueError("not an address without user name and password, such as https://index.example/cpu")
    return text


def _requirement(text: str) -> str:
    from packaging.requirements import InvalidRequirement, Requirement

    try:
        Requirement(text)
    except InvalidRequirement as error:
        raise ValueError(f"not a requirement such as jupyterlab==4.6.*: {str(error).splitlines()[0]}") from error
    return text


# A release's line and a build's version together are the tag of an image: 128 characters at most, to Docker.
Identifier = Annotated[str, Field(pattern=IDENTIFIER, max_length=63)]
# Becomes the repository of an image and a part of names on the engine.
FamilyId = Annotated[str, Field(pattern=REPOSITORY, max_length=40)]
Filled = Annotated[str, Field(pattern=FILLED)]
Absolute = Annotated[str, Field(pattern=ABSOLUTE)]
SystemPackage = Annotated[str, Field(pattern=PACKAGE)]
Requirement = Annotated[str, AfterValidator(_requirement)]
Index = Annotated[str, AfterValidator(_index)]
Scalar = Annotated[Any, AfterValidator(_scalar), WithJsonSchema({"type": ["string", "integer", "boolean"]})]
PeriodText = Annotated[
    str,
    AfterValidator(_period),
    WithJsonSchema({"type": "string", "pattern": r"^P(?=\d)(\d+Y)?(\d+M)?(\d+D)?$", "examples": ["P18M", "P90D"]}),
]
SizeText = Annotated[
    str,
    AfterValidator(_size),
    WithJsonSchema({"type": "string", "pattern": r"^\d+(\.\d+)?\s*[kmgtKMGT]?[iI]?[bB]?$", "examples": ["1500 MB"]}),
]
