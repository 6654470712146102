"""What goes into a build, as digests: two builds with equal ingredients are the same build."""

from __future__ import annotations

from typing import TYPE_CHECKING

from manager.core.npm import NODE
from manager.core.plan import digest_of

if TYPE_CHECKING:
    from manager.core.catalog import Catalog, Family, Release
    from manager.core.systems import System

# Raised when Solvent itself puts images together differently, so that every release is rebuilt and says why.
BUILDER = "1"

# The distributions that every kernel needs, whatever its connectors.
KERNEL_RUNTIME = ("ipykernel", "pip")

# The system that the page check's browser lives in; it never becomes part of a release.
BROWSER = "browser"

Ingredients = tuple[tuple[str, str], ...]


def base_key(system: System) -> str:
    """Digest what a base is made from; the base's own digest is known only once it exists."""
    made_from: list[object] = [BUILDER, system.suite, sorted(system.packages), system.image]
    if system.base:
        made_from += [system.base, system.installer, system.python]
    # By what they are, not by where they come from.
    made_from += [(one.name, one.kind, one.sha256, one.target) for one in system.artifacts]
    return digest_of(made_from)


def ingredients(family: Family, release: Release, groups: dict[str, str], base: str) -> Ingredients:
    """List everything that shapes an image of a release, by name and digest.

    ``groups`` maps distributions of the kernel to the layer that they ship in; ``base`` is the base image's digest.
    """
    locks = tuple((f"{lock.kind} lock", lock.digest) for lock in release.locks)
    return (
        ("base", base),
        *locks,
        *((f"file {name}", digest) for name, digest in family.files),
        ("launch", digest_of([str(family.launch)])),
        # Their order counts.
        ("layers", digest_of([*groups.items()])),
        *([("package sets", digest_of(release.sets))] if release.sets else ()),
        ("python", release.python),
        *([("r", release.r)] if release.r else ()),
        *([("kernels", digest_of(list(map(str, family.kernels))))] if family.kernels else ()),
        *([("build packages", digest_of(family.build_packages))] if family.build_packages else ()),
        ("builder", BUILDER),
    )


def spec_hash(parts: Ingredients) -> str:
    """Digest all ingredients."""
    return digest_of(parts)


def reasons(new: Ingredients, old: Ingredients | None) -> tuple[str, ...]:
    """Say in words why a build with ``new`` ingredients is needed when the last one had ``old``."""
    if old is None:
        return ("there is no build of it yet",)
    then = dict(old)
    now = dict(new)
    changed = [f"{name} changed" for name in now if name in then and now[name] != then[name]]
    changed += [f"{name} is new" for name in now if name not in then]
    changed += [f"{name} is gone" for name in then if name not in now]
    return tuple(changed)


def ide_requirements(release: Release) -> tuple[str, ...]:
    """List what an IDE lock is resolved from: the IDE, or the Node.js that one from npm runs on."""
    return (f"{NODE}=={release.node}.*",) if release.ide_from == "npm" else (release.ide_requirement,)


def kernel_requirements(catalog: Catalog, release: Release) -> tuple[str, ...]:
    """List what a kernel lock is resolved from: the runtime, the release's own packages, its sets and drivers."""
    wanted = [*KERNEL_RUNTIME, *release.packages]
    for one in catalog.sets_of(release):
        wanted += one.requirements
    for connector in release.connectors:
        wanted += [driver.requirement for driver in catalog.connector(connector).drivers]
    return tuple(dict.fromkeys(wanted))
