"""The plan that removes what nothing refers to: builds by digest and never by tag, bases, and what the cache keeps.

What keeps a digest is said by :mod:`manager.core.references`. The entry of a build stays, with its locks and evidence.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from manager.core.amounts import show_size
from manager.core.build_actions import EmptyChannel, PruneBuild, RemoveCached, RemoveImage
from manager.core.containers import LABEL
from manager.core.ingredients import base_key
from manager.core.observed import BuildStatus, readable
from manager.core.plan import Plan, Step, fingerprint
from manager.core.references import WAYS_BACK

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping
    from datetime import date

    from manager.core.catalog import Catalog
    from manager.core.observed import Build, Image, Observed
    from manager.core.references import Reference

# So much of a base's key names its folder in the cache.
FOLDER_KEY = 16
_NOTHING = "nothing refers to it"
_OLD = f"it is superseded, and none of the last {WAYS_BACK} that were promoted"
_WHY = {
    BuildStatus.TOMBSTONED: "it was given up, and its bytes are still here",
    BuildStatus.FAILED: "it failed",
    BuildStatus.SUPERSEDED: _OLD,
    BuildStatus.PROMOTED: _OLD,
    BuildStatus.CANDIDATE: "it was never promoted, and a newer build was made",
}


@dataclass(frozen=True, slots=True)
class Cached:
    """What the cache holds and can make again: a tree by its digest, a base's files by the beginning of its key.

    ``size`` is in bytes.
    """

    kind: Literal["tree", "base"]
    name: str
    size: int


@dataclass(frozen=True, slots=True)
class Store:
    """What may be taken away besides builds, and how much each thing holds.

    ``current`` are the digests of the trees that the catalog's locks have now; ``own`` gives the bytes that an image
    shares with no other, by digest, as far as the engine could say it in time.
    """

    cached: tuple[Cached, ...] = ()
    current: frozenset[str] = frozenset()
    own: tuple[tuple[str, int], ...] = ()


def plan_prune(
    catalog: Catalog, observed: Observed, references: Iterable[Reference], store: Store, *, today: date, realm: str
) -> Plan:
    """Plan what may go: builds that nothing refers to, then the bases and the cache's parts that only they needed.

    Removing a build is destructive, because a rebuild is a new version. Bases and the cache are made again at need.
    """
    readable(observed)
    kept = frozenset(one.digest for one in references)
    sizes = dict(store.own)
    going = [(build, why) for build in observed.builds if (why := _why(catalog, observed, build, kept, today))]
    steps = [*_builds(observed, going, sizes), *_strays(observed, kept, sizes, realm)]
    steps += _bases(catalog, observed, _removals(steps), kept, sizes, realm)
    gone = _removals(steps)
    steps += _archived(observed, {build.digest for build, _ in going}, gone, store)
    steps += _cached(catalog, observed, gone, store)
    read = fingerprint(kept, sorted(observed.builds, key=lambda one: one.digest), sorted(gone), store.cached)
    return Plan("prune", today, tuple(steps), _names(references, observed), read)


def _removals(steps: Iterable[Step]) -> dict[str, str]:
    """Give what goes: the digest of each image, with the id of the step that removes it."""
    return {step.do.digest: step.id for step in steps if isinstance(step.do, PruneBuild | RemoveImage)}


def _why(catalog: Catalog, observed: Observed, build: Build, kept: frozenset[str], today: date) -> str:
    """Say why a build's bytes may go, "" where they may not."""
    if build.digest in kept or not observed.present(build.digest):
        return ""
    release = catalog.named(build.release)
    if release is not None and today >= release.schedule.remove_after:
        return f"{build.release} may be removed since {release.schedule.remove_after}"
    # The newest candidate waits for its promotion; a quarantined build may be asked about until its release goes.
    waiting = build.status is BuildStatus.CANDIDATE and build == observed.made(build.release)[-1]
    return "" if waiting else _WHY.get(build.status, "")


def _builds(observed: Observed, going: list[tuple[Build, str]], sizes: Mapping[str, int]) -> Iterator[Step]:
    for build, why in going:
        name = f"{build.release} {build.version}"
        emptied = []
        for release, channel, digest in observed.channels:
            if digest == build.digest:
                emptied.append(f"empty:{release}:{channel}")
                yield Step(
                    id=emptied[-1],
                    kind="empty channel",
                    target=f"{release} {channel}",
                    cause=why,
                    do=EmptyChannel(release, channel, digest),
                    before=build.version,
                    after="nothing",
                )
        yield Step(
            id=f"prune:{build.digest}",
            kind="prune build",
            target=name,
            cause=f"{why}; {_NOTHING}",
            do=PruneBuild(build.release, build.version, build.digest, why),
            before=build.status.value,
            after=_freed(sizes, build.digest),
            destructive=True,
            needs=tuple(emptied),
            aim=True,
        )


def _strays(observed: Observed, kept: frozenset[str], sizes: Mapping[str, int], realm: str) -> Iterator[Step]:
    """Give images of builds that no database knows and that have lost their names: what killed builds leave."""
    known = {build.digest for build in observed.builds}
    for image in sorted(observed.images, key=lambda one: one.digest):
        ours = (image.labels.get(LABEL + "kind"), image.labels.get(LABEL + "realm")) == ("image", realm)
        if ours and not image.references and image.digest not in kept | known:
            cause = "no database knows it, and it has no name: an interrupted build left it"
            yield _removal(image, "remove image", image.digest.removeprefix("sha256:")[:12], cause, sizes)


def _bases(
    catalog: Catalog,
    observed: Observed,
    gone: Mapping[str, str],
    kept: frozenset[str],
    sizes: Mapping[str, int],
    realm: str,
) -> Iterator[Step]:
    """Give bases that no system of the catalog is, and no build that stays stands on."""
    wanted = {base_key(system) for system in catalog.systems}
    here = {image.digest for image in observed.images} - gone.keys()
    on = {build.digest: dict(build.inputs).get("base") for build in observed.builds}
    under = {on.get(digest) for digest in here}
    for image in sorted(observed.images, key=lambda one: one.digest):
        label = {key.removeprefix(LABEL): value for key, value in image.labels.items()}
        ours = (label.get("kind"), label.get("realm")) == ("base", realm) and image.digest in here
        if not ours or image.digest in kept | under:
            continue
        # What is built on a base inherits its labels, and has another name.
        if any(not reference.startswith(f"{realm}/base:") for reference in image.references):
            continue
        if label.get("base-key") not in wanted or not image.references:
            cause = f"no system of the catalog is made like that, and {_NOTHING}"
            needs = [step for digest, step in gone.items() if on.get(digest) == image.digest]
            yield _removal(image, "remove base", label.get("system", "") or image.digest[7:19], cause, sizes, needs)


def _removal(
    image: Image, kind: str, target: str, cause: str, sizes: Mapping[str, int], needs: Iterable[str] = ()
) -> Step:
    return Step(
        id=f"remove:{image.digest}",
        kind=kind,
        target=target,
        cause=cause,
        do=RemoveImage(image.digest),
        before=", ".join(image.references),
        after=_freed(sizes, image.digest),
        needs=tuple(needs),
        aim=True,
    )


def _archived(observed: Observed, going: set[str], gone: Mapping[str, str], store: Store) -> Iterator[Step]:
    """Give what the archive has for the builds that go alone: without it nobody could make them again."""

    def lists(digests: Collection[str]) -> dict[str, list[str]]:
        keys = (("tree-ide", "tree"), ("tree-kernel", "tree"), ("base-digest", "base"))
        found: dict[str, list[str]] = {}
        for one in observed.images:
            for key, kind in keys if one.digest in digests else ():
                if digest := one.labels.get(LABEL + key, ""):
                    found.setdefault(f"{kind}-{digest}", []).append(one.digest)
        return found

    staying = {one.digest for one in observed.images} - gone.keys()
    kept = {*lists(staying), *(f"tree-{digest}" for digest in store.current)}
    for name, images in sorted(lists(going).items()):
        if name not in kept:
            yield Step(
                id=f"archive:{name}",
                kind="forget packages",
                target=name[:FOLDER_KEY],
                cause="only builds that go were made from them",
                do=RemoveCached("archive", name),
                needs=tuple(dict.fromkeys(gone[image] for image in images)),
            )


def _cached(catalog: Catalog, observed: Observed, gone: Mapping[str, str], store: Store) -> Iterator[Step]:
    """Give trees that are in no image and of no lock, and the files of bases that nothing stands on."""

    def asked(one: Image) -> dict[str, tuple[str, ...]]:
        trees = tuple(one.labels.get(f"{LABEL}tree-{kind}", "") for kind in ("ide", "kernel"))
        return {"tree": trees, "base": (one.labels.get(LABEL + "base-key", "")[:FOLDER_KEY],)}

    wanted = {"tree": store.current, "base": {base_key(system)[:FOLDER_KEY] for system in catalog.systems}}
    staying = [asked(one) for one in observed.images if one.digest not in gone]
    going = [(gone[one.digest], asked(one)) for one in observed.images if one.digest in gone]
    for one in sorted(store.cached, key=lambda each: (each.kind, each.name)):
        if one.name in wanted[one.kind] or any(one.name in image[one.kind] for image in staying):
            continue
        yield Step(
            id=f"cache:{one.kind}:{one.name}",
            kind=f"remove cached {one.kind}",
            target=one.name[:FOLDER_KEY],
            cause="no image that stays has it in it, and no lock of the catalog asks for it"
            if one.kind == "tree"
            else "no image that stays stands on it, and no system of the catalog asks for it",
            do=RemoveCached(one.kind, one.name),
            after=f"{show_size(one.size)} freed",
            needs=tuple(dict.fromkeys(step for step, image in going if one.name in image[one.kind])),
        )


def _freed(sizes: Mapping[str, int], digest: str) -> str:
    return f"{show_size(sizes[digest])} freed" if digest in sizes else "gone"


def _names(references: Iterable[Reference], observed: Observed) -> tuple[str, ...]:
    """Say which bytes are kept by nothing but a name that somebody gave them."""
    by: dict[str, list[Reference]] = {}
    for one in references:
        by.setdefault(one.digest, []).append(one)
    return tuple(
        f"{build.release} {build.version} stays: it has another name, {found[0].by}; to let it go:  "
        f"docker rmi {found[0].by}"
        for build in observed.builds
        if (found := by.get(build.digest)) and all(one.kind == "name" for one in found)
    )
