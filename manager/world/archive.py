"""The archive of packages that builds were made from: files by their SHA-256, and lists of what came of them.

Whoever has it can make every base and tree again when index and mirror have moved on. Nothing else writes to it.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from manager import whole_files
from manager.errors import Failed

if TYPE_CHECKING:
    from collections.abc import Iterable

# As ``sha256sum`` writes and reads it.
_LINE = re.compile(r"(?P<sha256>[0-9a-f]{64})  files/(?P=sha256)/(?P<name>[^/]+)")
_SHARED = 0o2775
# What a folder is called in which a file becomes whole; a killed process leaves it.
UNFINISHED = ".unfinished-"
# Nothing that is under way is left alone for so many seconds.
_LEFT = 24 * 60 * 60


@dataclass(frozen=True, slots=True, order=True)
class Packed:
    """One package of the archive: the name of its file, and its SHA-256 (hex)."""

    name: str
    sha256: str


class Archive:
    """A folder: ``files/<sha256>/<name>`` is a package, ``lists/<what>`` what something was made from.

    ``choices/<key>`` says which wheel a pin gets, ``bases/<key>`` which base a system.

    A list is in the form of ``sha256sum``, so ``cd archive && sha256sum --check lists/*`` holds everything against its
    hash. Files appear whole and are not written again.
    """

    def __init__(self, folder: Path, *, shared: bool = False) -> None:
        self.folder = folder
        self._shared = shared

    def path(self, packed: Packed) -> Path:
        """Give where a package lies, or would."""
        return self.folder / "files" / packed.sha256 / packed.name

    def has(self, packed: Packed) -> bool:
        """Say whether a package is there, unread."""
        return self.path(packed).is_file()

    def keep(self, file: Path, packed: Packed) -> None:
        """Take over a file that lies on: linked where that is possible, else copied.

        Only for files of our own that nobody writes to again. Raises Failed for a file that has another hash.
        """
        if self.has(packed):
            return
        with tempfile.TemporaryDirectory(dir=self.made("."), prefix=UNFINISHED) as name:
            copy = Path(name, "file", packed.name)
            copy.parent.mkdir()
            try:
                os.link(file, copy)
            except OSError:
                shutil.copyfile(file, copy)
            self._place(copy, packed)

    def take(self, file: Path, packed: Packed) -> None:
        """Take a file away from where it lies into the archive; Failed, and it stays, where it has another hash."""
        if self.has(packed):
            return
        with tempfile.TemporaryDirectory(dir=self.made("."), prefix=UNFINISHED) as name:
            copy = Path(name, "file", packed.name)
            copy.parent.mkdir()
            shutil.move(file, copy)
            self._place(copy, packed)

    def record(self, what: str, made_from: Iterable[Packed]) -> None:
        """Note what something (``base-<sha256>``, ``tree-<sha256>``) was made from."""
        lines = (f"{one.sha256}  files/{one.sha256}/{one.name}\n" for one in sorted(set(made_from)))
        whole_files.write(self.made("lists") / what, "".join(lines), mode=0o664 if self._shared else 0o644)

    def listed(self, what: str) -> tuple[Packed, ...] | None:
        """Give what something was made from; None where that was never noted."""
        try:
            text = (self.folder / "lists" / what).read_text(encoding="utf-8")
        except FileNotFoundError:
            return None
        return tuple(
            Packed(found["name"], found["sha256"]) for found in map(_LINE.fullmatch, text.splitlines()) if found
        )

    def lists(self) -> tuple[str, ...]:
        """Name everything that there is a list of."""
        return tuple(sorted(one.name for one in (self.folder / "lists").glob("[a-z]*")))

    def choice(self, key: str) -> Packed | None:
        """Give the file that was chosen for a question (a pin on a Python) before, if it is still there."""
        try:
            found = _LINE.fullmatch((self.folder / "choices" / key).read_text(encoding="utf-8").strip())
        except FileNotFoundError:
            return None
        packed = Packed(found["name"], found["sha256"]) if found else None
        return packed if packed and self.has(packed) else None

    def choose(self, key: str, packed: Packed) -> None:
        """Note which file was chosen for a question."""
        text = f"{packed.sha256}  files/{packed.sha256}/{packed.name}\n"
        whole_files.write(self.made("choices") / key, text, mode=0o664 if self._shared else 0o644)

    def base(self, key: str) -> str:
        """Give the digest of the base that is to be made for a system, by its key; "" where any will do."""
        try:
            found = (self.folder / "bases" / key).read_text(encoding="utf-8").strip()
        except FileNotFoundError:
            return ""
        return found if re.fullmatch("[0-9a-f]{64}", found) else ""

    def base_said(self, key: str) -> str:
        """Give when it was said which base is to be made, as :meth:`want_base` was told; "" where that is not known."""
        try:
            return (self.folder / "bases" / f"{key}.said").read_text(encoding="utf-8").strip()
        except FileNotFoundError:
            return ""

    def want_base(self, key: str, digest: str, said: str = "") -> None:
        """Note which base is to be made for a system, one that there is a list of; with "" that any will do.

        ``said`` is when somebody said so, in a form that sorts.
        """
        if not digest:
            (self.folder / "bases" / key).unlink(missing_ok=True)
            return
        mode = 0o664 if self._shared else 0o644
        whole_files.write(self.made("bases") / key, f"{digest}\n", mode=mode)
        whole_files.write(self.made("bases") / f"{key}.said", f"{said}\n", mode=mode)

    def wrong(self, packed: Packed) -> str:
        """Read a package whole and say what is wrong with it: ``missing``, ``changed``, or "" where nothing is."""
        try:
            with self.path(packed).open("rb") as content:
                return "" if hashlib.file_digest(content, "sha256").hexdigest() == packed.sha256 else "changed"
        except OSError:
            return "missing"

    def size(self) -> int:
        """Measure the packages, in bytes; what is linked from elsewhere counts as well."""
        return sum(
            one.stat().st_size
            for part in ("files", "npm")
            for one in (self.folder / part).rglob("*")
            if one.is_file() and not one.is_symlink()
        )

    def tidy(self) -> None:
        """Remove what killed processes left behind: unfinished folders that nobody has touched for a day."""
        before = time.time() - _LEFT
        for folder in (self.folder, self.folder / "npm"):
            for one in folder.glob(f"{UNFINISHED}*"):
                # Another process may be first.
                with suppress(OSError):
                    if one.lstat().st_mtime < before:
                        shutil.rmtree(one)

    def forget(self, lists: Iterable[str]) -> int:
        """Drop lists, and then the packages that no list names any more; give how many bytes that frees."""
        self.tidy()
        for what in lists:
            (self.folder / "lists" / what).unlink(missing_ok=True)
        kept = {one.sha256 for what in self.lists() for one in self.listed(what) or ()}
        freed = 0
        for folder in (self.folder / "files").glob("*"):
            if folder.name not in kept:
                freed += sum(one.stat().st_size for one in folder.iterdir())
                shutil.rmtree(folder, ignore_errors=True)
        return freed

    def _place(self, copy: Path, packed: Packed) -> None:
        with copy.open("rb") as content:
            found = hashlib.file_digest(content, "sha256").hexdigest()
        if found != packed.sha256:
            raise Failed(f"{packed.name} is not the file that it should be", why=f"its SHA-256 is {found}")
        copy.parent.chmod(_SHARED if self._shared else 0o755)
        # Another process may have been first, with the same bytes.
        with suppress(OSError):
            copy.parent.rename(self.made("files") / packed.sha256)

    def made(self, name: str) -> Path:
        """Give a folder of the archive that is there; a group's members all write to a shared one."""
        place = self.folder / name
        lacking = [one for one in (place, *place.parents) if one.is_relative_to(self.folder) and not one.is_dir()]
        place.mkdir(parents=True, exist_ok=True)
        for one in lacking if self._shared else ():
            with suppress(OSError):
                one.chmod(_SHARED)
        return place
