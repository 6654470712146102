"""Versions as PEP 440 has them."""

from __future__ import annotations

from functools import lru_cache

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion, Version


# An index has a hundred files of one version, and reading a version is most of the work.
@lru_cache(maxsize=8192)
def read(text: str) -> Version | None:
    """Give a version; None for what is none."""
    try:
        return Version(text)
    except InvalidVersion:
        return None


@lru_cache(maxsize=256)
def range_of(text: str) -> SpecifierSet | None:
    """Give what a range (``<3.3.10``) or one version (``3.3.9``) means; None for what is neither."""
    bare = read(text)
    try:
        return SpecifierSet(f"=={bare}" if bare is not None else text) if text.strip() else None
    except InvalidSpecifier:
        return None
