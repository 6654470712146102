"""A component as people ask for it: ``python=3.9``, ``numpy<2``, ``libc6``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion, Version

from manager.core.catalog import canonical_name
from manager.core.sets import distribution
from manager.errors import UsageError

if TYPE_CHECKING:
    from manager.core.catalog import Catalog, Release

_ASKED = re.compile(r"(?P<name>[A-Za-z0-9@][A-Za-z0-9@/._+-]*)\s*(?P<sign>===|==|=|<=|>=|<|>|~=|!=)?\s*(?P<rest>\S.*)?")
# What may follow a version that was asked for in short: 3.9 means 3.9.2 and 3.9-1, and not 3.90.
_GOES_ON = ".-+~"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A component by name; ``version`` is what its version begins with, ``specifier`` what it must fulfil (PEP 440)."""

    name: str
    version: str = ""
    specifier: SpecifierSet | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """Give how the name may be written in a list of components."""
        return tuple(dict.fromkeys((self.name, canonical_name(self.name))))

    def matches(self, version: str) -> bool:
        """Say whether a version is meant; one that is not PEP 440's fulfils no specifier."""
        if self.specifier is not None:
            try:
                return self.specifier.contains(Version(version), prereleases=True)
            except InvalidVersion:
                return False
        if not self.version or version == self.version:
            return True
        return version.startswith(self.version) and version[len(self.version)] in _GOES_ON

    def is_axis(self, catalog: Catalog, release: Release) -> bool:
        """Say whether a release itself says that it has the component: its Python, R, system or IDE."""
        return any(name in self.names and self.matches(version) for name, version in axes(catalog, release))

    def known(self, catalog: Catalog) -> frozenset[str]:
        """Give every version of it that a release of the catalog says that it has."""
        every = (axis for release in catalog.releases for axis in axes(catalog, release))
        return frozenset(version for name, version in every if name in self.names)


def axes(catalog: Catalog, release: Release) -> tuple[tuple[str, str], ...]:
    """Give what a release says that it stands on, by name and version; what it does not say is left out."""
    suite = next((one.suite for one in catalog.systems if one.id == release.system), "")
    found = (
        ("python", release.python),
        ("r", release.r),
        ("debian", suite),
        (canonical_name(distribution(release.ide_requirement)), release.ide_version),
    )
    return tuple((name, version) for name, version in found if name and version)


def wanted(text: str) -> Wanted:
    """Read what is asked for; raises UsageError."""
    found = _ASKED.fullmatch(text.strip())
    if found is not None:
        name, sign, rest = found["name"], found["sign"] or "", (found["rest"] or "").strip()
        if sign == "=" and rest:
            # People write 3.* for every 3, as PEP 440 does behind two of them.
            return Wanted(name, rest.removesuffix(".*"))
        if not sign and not rest:
            return Wanted(name)
        if sign and rest:
            try:
                return Wanted(name, specifier=SpecifierSet(sign + rest))
            except InvalidSpecifier:
                pass
    raise UsageError(
        f"the component {text!r} cannot be read",
        hint='write a name, a name with how its version begins, or a range:  python=3.9   numpy   "numpy<2"',
    )
