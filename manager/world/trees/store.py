"""A folder of sealed trees by digest, and what each was made from."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import tempfile
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from manager import whole_files
from manager.errors import Failed
from manager.world.trees import content, growing, packing

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Set


@dataclass(frozen=True, slots=True)
class Tree:
    """A sealed tree: the digest of everything in it (hex SHA-256), and where it lies."""

    digest: str
    path: Path


@dataclass(frozen=True, slots=True)
class Origin:
    """What a tree was made from: ``key`` (hex) digests all of it, ``kin`` all of it but the ``lock`` (its text)."""

    key: str
    kin: str = ""
    lock: str = ""


class Trees:
    """A folder of sealed trees, one a digest, and of what they were made from.

    ``<digest>/tree`` holds the bytes, ``<digest>/manifest`` a line a file, ``keys/<key>`` a digest,
    ``kin/<kin>/<digest>`` a lock, ``archives/<key>`` the digest of an archive that was packed once. Everything
    appears by a rename in one file system, so a process that is killed leaves at most a staging folder, which
    the next one sweeps away.
    """

    def __init__(self, store: Path) -> None:
        self.store = store

    @contextmanager
    def staging(self) -> Iterator[Path]:
        """Lend an empty folder on the store's own file system, removed afterwards if it was not sealed."""
        with self._area() as area:
            self._sweep(area)
            folder = Path(tempfile.mkdtemp(dir=area))
            claim = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
            fcntl.flock(claim, fcntl.LOCK_EX)
        try:
            (folder / "tree").mkdir()
            yield folder / "tree"
        finally:
            shutil.rmtree(folder, ignore_errors=True)
            os.close(claim)

    def seal(self, staged: Path, origin: Origin, known: Mapping[str, bytes] | None = None) -> Tree:
        """Digest a staged tree and move it into the store, where nothing writes to it again.

        ``staged`` comes from :meth:`staging`, normalised, with its bytecode compiled; ``known`` are lines that
        :meth:`adopt` gave for it. Where the store has these bytes already, they stay.
        """
        content.set_modes(staged)
        manifest = content.manifest(staged, known or {})
        digest = hashlib.sha256(manifest).hexdigest()
        folder = staged.parent
        (folder / "manifest").write_bytes(manifest)
        # A temporary folder is its maker's alone; the bytes may be read by everybody.
        folder.chmod(0o755)
        final = self.store / digest
        try:
            folder.rename(final)
        except OSError:
            # Another process was first, with the same bytes.
            if not (final / "manifest").exists():
                raise
        if origin.kin:
            self._note(self.store / "kin" / origin.kin / digest, origin.lock)
        self._note(self.store / "keys" / origin.key, digest)
        return Tree(digest, final / "tree")

    def find(self, key: str) -> Tree | None:
        """Give the tree that was sealed for a key, unread."""
        digest = self._noted(self.store / "keys" / key)
        return self.get(digest) if digest else None

    def get(self, digest: str) -> Tree | None:
        """Give a tree by digest, unread."""
        path = self.store / digest / "tree"
        return Tree(digest, path) if path.is_dir() else None

    def relatives(self, kin: str) -> tuple[tuple[Tree, str], ...]:
        """Give trees that differ by their lock alone, each with that lock, by digest."""
        notes = sorted((self.store / "kin" / kin).glob("[0-9a-f]*"))
        found = ((self.get(note.name), self._noted(note)) for note in notes)
        return tuple((tree, lock) for tree, lock in found if tree)

    def adopt(self, tree: Tree, names: Set[str], staged: Path, python: str) -> dict[str, bytes]:
        """Copy the named distributions of a sealed tree into a staged one that has the others; see :mod:`growing`.

        A tree that turns out not to be what was sealed is discarded.
        """
        try:
            return growing.adopt(tree.path, self.manifest(tree), names, staged, python)
        except growing.Spoilt:
            self.discard(tree)
            raise
        except Failed as error:
            raise growing.Spoilt(error.why) from error

    def manifest(self, tree: Tree) -> dict[str, bytes]:
        """Give a tree's lines by path; raises Failed, and discards the tree, when they are not what was sealed."""
        try:
            sealed = (tree.path.parent / "manifest").read_bytes()
        except FileNotFoundError:
            sealed = b""
        if hashlib.sha256(sealed).hexdigest() != tree.digest:
            self.discard(tree)
            raise Failed("a tree was not what was sealed", why="its manifest was changed", hint=_ANEW)
        return content.lines(sealed)

    def discard(self, tree: Tree) -> None:
        """Remove a tree, so that it can be made anew; keys that name it find nothing."""
        with self._area() as area:
            grave = Path(tempfile.mkdtemp(dir=area))
            # Another process may have discarded it already.
            with suppress(FileNotFoundError):
                tree.path.parent.rename(grave / "tree")
        shutil.rmtree(grave, ignore_errors=True)

    def archived(self, prefix: str, chosen: Mapping[str, bytes]) -> str:
        """Give the digest of the archive of these lines of a manifest if it was packed once, or nothing."""
        return self._noted(self.store / "archives" / packing.archive_key(prefix, chosen))

    def pack(self, tree: Tree, prefix: str, chosen: Mapping[str, bytes], out: Path) -> str:
        """Write files of a tree below ``prefix`` as a tar archive; give its SHA-256 (hex), which is noted.

        ``chosen`` are some of :meth:`manifest`'s lines, by path. Raises Failed, and discards the tree, when a
        byte of them was changed.
        """
        try:
            digest = packing.pack(tree.path, prefix, chosen, out)
        except Failed as error:
            self.discard(tree)
            raise Failed(error.message, why=error.why, hint=_ANEW) from error
        self._note(self.store / "archives" / packing.archive_key(prefix, chosen), digest)
        return digest

    def _note(self, place: Path, text: str) -> None:
        place.parent.mkdir(parents=True, exist_ok=True)
        whole_files.write(place, text, mode=whole_files.PRIVATE)

    def _noted(self, place: Path) -> str:
        try:
            return place.read_text()
        except FileNotFoundError:
            return ""

    @contextmanager
    def _area(self) -> Iterator[Path]:
        """Lend the folder of staging folders to one process at a time, so that no sweep meets a new one."""
        area = self.store / "staging"
        area.mkdir(parents=True, exist_ok=True)
        with whole_files.alone(area):
            yield area

    def _sweep(self, area: Path) -> None:
        for folder in area.iterdir():
            try:
                claim = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
            except FileNotFoundError:
                continue  # Its owner has just ended.
            try:
                fcntl.flock(claim, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue  # Somebody works there.
            else:
                shutil.rmtree(folder, ignore_errors=True)
            finally:
                os.close(claim)


_ANEW = "it was thrown away; run the command again to make it anew"
