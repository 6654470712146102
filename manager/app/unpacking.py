"""Loads bundles: who signed, whether all of it is whole, what of it is lacking here, and the plan to put that in place.

Nothing is put anywhere before everything was held against its checksum; each part is put in place whole, so whatever is
cut short goes on with the next load.
"""

from __future__ import annotations

import hashlib
import platform
import shutil
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from manager.app import archiving, bundled_answers, bundled_images, carried
from manager.app.catalogs import ARTIFACTS
from manager.core.amounts import show_size
from manager.core.bundle_actions import LoadPart
from manager.core.bundles import Bundle, check_day, check_machine, read, summary
from manager.core.plan import Plan, Step, fingerprint
from manager.errors import Failed, ManagerError, Refused
from manager.world.archive import UNFINISHED, Packed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from manager.app.world import World
    from manager.core.bundles import Carried, Entry
    from manager.world.bundle_file import BundleFile

# What is left free of a disk in any case.
_SPARE = 200 * 1024**2
# A line of progress for so many files.
_OFTEN = 20


@dataclass(frozen=True, slots=True)
class Checked:
    """A bundle that is whole; ``signer`` is who signed it, "" where nobody was asked. ``listed`` digests its list."""

    file: Path
    bundle: Bundle
    signer: str
    listed: str


def checked(world: World, file: Path, *, signers: Path | None, unsigned: bool) -> Iterator[str | Checked]:
    """Read a bundle to its end and hold all of it against its list and its signature: lines, then what it is.

    Raises UsageError where there is none, Refused for one that is of another machine or a newer Solvent, or that
    nobody signed who may, Failed for one that is not whole.
    """
    from manager.world import bundle_file

    file = file.absolute()
    with bundle_file.opened(file) as opened:
        text = opened.listed
        # Who says so comes first: of a stranger's list nothing else is read.
        who = "" if unsigned else _signer(world, opened, text, signers)
        bundle = _read(text, file)
        check_machine(bundle, platform.machine(), str(file))
        check_day(str(file), bundle.made, world.clock.now(), str(file))
        yield from opened.verify(bundle.blobs)
    yield Checked(file, bundle, who, hashlib.sha256(text).hexdigest())


def plan_load(world: World, found: Checked, catalog: Path | None) -> Plan:
    """Plan to put in place what is lacking here; ``catalog`` is a new folder for the bundle's catalog, or None.

    Raises Failed where the disk has no room for it, Refused for a folder that holds something else.
    """
    from manager.world import bundle_file

    bundle = found.bundle
    whose = f"signed by {found.signer}" if found.signer else "whoever made it was not asked for"
    cause = f"{found.file.name} of {bundle.made:%Y-%m-%d %H:%M} UTC by {bundle.by} has it; {whose}"
    images, notes = bundled_images.lacking(world, bundle)
    steps: list[Step] = []

    def step(part: str, target: str, after: str, name: str = "", needs: tuple[str, ...] = ()) -> None:
        do = LoadPart(str(found.file), found.listed, part, name)  # type: ignore[arg-type]
        kind = "load image" if part == "image" else f"load {part}"
        steps.append(Step(f"{part}:{name or 'bundle'}", kind, target, cause, do, after=after, needs=needs))

    with bundle_file.opened(found.file) as opened:
        files = _files(world, opened, bundle)
        if files or _unnoted(world, bundle):
            step("packages", ", ".join(bundle.releases), summary(files) if files else "lists")
        before = tuple(one.id for one in steps)
        newer = bundled_answers.lacking(world, _answers(opened, bundle))
        if newer:
            answers = (one for one in bundle.of("answer") if one.name in newer)
            step("answers", "of package indexes", summary(answers), needs=before)
        for one in bundle.of("advisories"):
            if bundled_answers.dangers_lacking(world, opened.whole(one.sha256)):
                step("advisories", "about packages", summary((one,)))
    for image in images:
        size = sum(bundle.blobs[one.removeprefix("sha256:")] for one in dict.fromkeys(image.layers))
        step("image", str(image), f"{image.digest[7:19]}, {show_size(size)}", image.digest)
    if catalog is not None and _catalog_lacking(bundle, catalog):
        step("catalog", str(catalog), summary(bundle.of("catalog")), str(catalog.absolute()))
    _room(world, bundle, files, images)
    notes += _doubts(world, bundle, catalog)
    if len(archiving.bases(world, bundle)) < len(bundle.bases):
        notes += ("a newer bundle named other bases here: they stay",)
    return Plan(
        subject=f"load {found.file.name}",
        as_of=world.today,
        steps=tuple(steps),
        notes=notes,
        fingerprint=fingerprint(found.listed, [one.id for one in steps]),
    )


def load(world: World, action: LoadPart, say: Callable[[str], None]) -> str:
    """Put one part of a bundle in its place; gives what it was."""
    from manager.world import bundle_file

    with bundle_file.opened(Path(action.file)) as opened:
        text = opened.listed
        if hashlib.sha256(text).hexdigest() != action.listed:
            raise Refused(f"{action.file} is another bundle than was checked", hint="run the command again")
        bundle = _read(text, Path(action.file))
        match action.part:
            case "packages":
                _place(world, opened, bundle, say)
            case "answers":
                bundled_answers.bring(world, _answers(opened, bundle))
            case "advisories":
                for one in bundle.of("advisories"):
                    bundled_answers.bring_dangers(world, opened.whole(one.sha256))
            case "image":
                image = next(one for one in bundle.images if one.digest == action.name)
                return bundled_images.bring(world, opened, image, say)
            case "catalog":
                _write_catalog(opened, bundle, Path(action.name))
    return action.part


def _read(text: bytes, file: Path) -> Bundle:
    try:
        return read(text.decode(), str(file))
    except UnicodeDecodeError:
        raise Failed(f"{file} is no bundle that can be loaded", why="its list is no text", where=str(file)) from None


def _signer(world: World, opened: BundleFile, text: bytes, signers: Path | None) -> str:
    """Give who signed; raises Refused for nobody, and where nobody is named who may."""
    from manager.world.signatures import signer

    known = signers or world.settings.bundle_signers
    if not opened.signature:
        raise Refused(
            f"{opened.place.name} is not signed",
            why="nobody says that it is what it should be",
            hint="sign it where it is made:  solvent bundle create --key FILE\nor load it all the same:  --unsigned",
            where=str(opened.place),
        )
    if known is None:
        raise Refused(
            f"{opened.place.name} is signed, and nobody is named who may sign bundles",
            hint="name a file of allowed signers:  --signers FILE   or the setting  bundle_signers\n"
            "or load it whoever signed:  --unsigned",
            where=str(opened.place),
        )
    return signer(text, opened.signature, known)


def _files(world: World, opened: BundleFile, bundle: Bundle) -> tuple[Entry, ...]:
    """Give the files of packages that are not here; they are looked for by name and hash, and mostly not read."""
    store, house = archiving.archive(world), carried.house(world)
    artifacts, npm = world.settings.cache_dir / ARTIFACTS, store.folder / "npm"

    def there(one: Entry) -> bool:
        if one.kind == "package":
            return store.has(Packed(one.name, one.sha256))
        if one.kind == "metadata":
            sha256, _, wheel = one.name.partition("/")
            return house.has(wheel, sha256)
        if one.kind == "npm" and _is_index(one) and (npm / one.name).is_file():
            return opened.whole(one.sha256).strip() in (npm / one.name).read_bytes()
        return (artifacts / one.name if one.kind == "artifact" else npm / one.name).is_file()

    return tuple(one for one in bundle.of("package", "metadata", "artifact", "npm") if not there(one))


def _unnoted(world: World, bundle: Bundle) -> bool:
    """Say whether what the packages are for is not noted here as the bundle says it."""
    store = archiving.archive(world)
    return (
        any(store.choice(key) != Packed(*one) for key, one in bundle.choices.items())
        or any(store.base(key) != digest for key, digest in archiving.bases(world, bundle).items())
        or any(store.listed(what) is None for what in bundle.lists)
    )


def _place(world: World, opened: BundleFile, bundle: Bundle, say: Callable[[str], None]) -> None:
    """Put files into the archive and the caches, and then say what they are for."""
    store, house = archiving.archive(world), carried.house(world)
    missing = _files(world, opened, bundle)
    store.tidy()
    store.made("npm")
    for number, one in enumerate(missing, 1):
        if number % _OFTEN == 1:
            say(f"{number} of {len(missing)}: {one.name.rpartition('/')[2]}")
        if one.kind == "metadata":
            sha256, _, wheel = one.name.partition("/")
            house.keep(wheel, sha256, opened.whole(one.sha256))
        else:
            folder = world.settings.cache_dir / ARTIFACTS if one.kind == "artifact" else store.folder / "npm"
            with _scratch(store.folder if one.kind == "package" else folder) as fresh:
                opened.copy(one.sha256, fresh / "file")
                if one.kind == "package":
                    store.take(fresh / "file", Packed(one.name, one.sha256))
                else:
                    target = folder / one.name
                    if one.kind == "npm":
                        store.made(f"npm/{one.name.rpartition('/')[0]}")
                    if one.kind == "npm" and _is_index(one) and target.is_file():
                        both = target.read_bytes() + b"\n" + (fresh / "file").read_bytes()
                        (fresh / "file").write_bytes(both)
                    (fresh / "file").replace(target)
    for what, listed in bundle.lists.items():
        store.record(what, (Packed(*one) for one in listed))
    # Wheels that no tree was made of yet are kept by this list.
    every = [Packed(one.name, one.sha256) for one in bundle.of("package")]
    store.record(f"bundle-{bundle.made:%Y%m%dT%H%M%S}", every)
    for key, packed in bundle.choices.items():
        store.choose(key, Packed(*packed))
    for key, digest in archiving.bases(world, bundle).items():
        store.want_base(key, digest, archiving.said(bundle))


def _is_index(one: Entry) -> bool:
    """Say whether a file of npm's cache says what is in it: lines that are only added, of which the last counts."""
    return "/index-v5/" in one.name


@contextmanager
def _scratch(folder: Path) -> Iterator[Path]:
    """Give a folder beside where a file is to go, so that it appears there whole."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix=UNFINISHED) as name:
        yield Path(name)


def _answers(opened: BundleFile, bundle: Bundle) -> Iterator[tuple[str, bytes]]:
    return ((one.name, opened.whole(one.sha256)) for one in bundle.of("answer"))


def _catalog_lacking(bundle: Bundle, folder: Path) -> bool:
    """Say whether a catalog is to be written; raises Refused for a folder with anything else in it."""
    if not folder.exists():
        return True
    if not folder.is_dir():
        raise Refused(f"{folder} is no folder", hint="name a folder that does not exist yet")
    same = all(_is(folder / one.name, one.sha256) for one in bundle.of("catalog"))
    if not same and any(folder.iterdir()):
        raise Refused(
            f"{folder} is there already, and is not the catalog of the bundle",
            hint="name a folder that does not exist yet, and take over what you want with git",
            where=str(folder),
        )
    return not same


def _is(file: Path, sha256: str) -> bool:
    try:
        return hashlib.sha256(file.read_bytes()).hexdigest() == sha256
    except OSError:
        return False


def _write_catalog(opened: BundleFile, bundle: Bundle, target: Path) -> None:
    """Write the catalog whole, and trust it nowhere: that is for a person to say."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with _scratch(target.parent) as folder:
        made = folder / "catalog"
        for one in bundle.of("catalog"):
            file = made / one.name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(opened.whole(one.sha256))
            file.chmod(0o755 if one.name in bundle.programs else 0o644)
        made.rename(target)


def _room(world: World, bundle: Bundle, files: Iterable[Entry], images: Iterable[Carried]) -> None:
    """Raise Failed where a disk has less room than what goes there takes, before anything is put anywhere."""
    needs = {world.settings.state_dir: sum({one.sha256: one.size for one in files}.values())}
    layers = {one: bundle.blobs[one.removeprefix("sha256:")] for image in images for one in image.layers}
    if layers:
        # Once unpacked for the engine, and once in it.
        needs[world.settings.cache_dir] = sum(layers.values())
        root = _engine_root(world)
        if root is not None:
            needs[root] = needs.get(root, 0) + sum(layers.values())
    by_disk: dict[int, tuple[Path, int]] = {}
    for place, size in needs.items():
        there = _existing(place)
        before = by_disk.get(there.stat().st_dev, (place, 0))
        by_disk[there.stat().st_dev] = (before[0], before[1] + size)
    for place, size in by_disk.values():
        free = shutil.disk_usage(_existing(place)).free
        if size and free < size + _SPARE:
            raise Failed(
                f"there is no room for this bundle: it takes {show_size(size)}, and {place} has {show_size(free)} left",
                hint="see what may go:  solvent image prune --dry-run\nnothing was loaded",
                where=str(place),
            )


def _engine_root(world: World) -> Path | None:
    try:
        root = Path(world.engine.info().root)
    except ManagerError:
        return None
    return root if root.is_absolute() and root.is_dir() else None


def _existing(path: Path) -> Path:
    return next(one for one in (path, *path.parents) if one.exists())


def _doubts(world: World, bundle: Bundle, catalog: Path | None) -> tuple[str, ...]:
    """Say what of the bundle this machine's catalog would not use."""
    if catalog is not None:
        return (f"a catalog is code; trust it when you have looked:  solvent catalog trust {catalog}",)
    try:
        mine = {one.name: one for one in world.catalog.releases}
    except ManagerError as error:
        return (f"the catalog here cannot be read ({error.message}); the bundle brings one:  --catalog-to DIR",)
    theirs = {one.sha256 for one in bundle.of("catalog") if one.name.endswith(".lock")}
    found = []
    for name in bundle.releases:
        if name not in mine:
            found.append(f"the catalog here has no {name}; the bundle brings one that has:  --catalog-to DIR")
        elif any(lock.digest not in theirs for lock in mine[name].locks):
            found.append(f"the locks of {name} are others here than in the bundle; it brings them:  --catalog-to DIR")
    return tuple(found)
