"""Installed package trees: one fixed form for the same lock, stored by the digest of every byte.

A tree is the content of a venv-shaped prefix such as ``/opt/solvent/kernel``: ``bin`` with an interpreter link,
``pyvenv.cfg``, ``lib/pythonX.Y/site-packages``, ``share``, ``etc``. It is checked, and shipped, as it is.
"""

from __future__ import annotations

import base64
import csv
import fcntl
import hashlib
import io
import json
import os
import re
import shutil
import stat
import tarfile
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, TYPE_CHECKING

from packaging.utils import canonicalize_name

from manager.errors import Failed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# What wheels put beside site-packages (the "data" and "headers" schemes); everything else is importable.
_BESIDE = ("bin", "etc", "include", "lib", "man", "sbin", "share")
# What depends on how, where or when it was installed and not on what; INSTALLER is written anew.
_INCIDENTAL = ("REQUESTED", "direct_url.json", "uv_build.json", "uv_cache.json")
# Bytes written at a time.
_BLOCK = 1024 * 1024
_PYTHON = re.compile(rb"(?:.*/)?pythonw?[0-9.]*")
_COMPILED = re.compile(r"(?P<folder>.*/)?__pycache__/(?P<module>[^/]+?)\.cpython-[^/]*\.pyc")


@dataclass(frozen=True, slots=True)
class Tree:
    """A sealed tree: the digest of everything in it (hex SHA-256), and where it lies."""

    digest: str
    path: Path


def normalise(folder: Path, python: str, prefix: str) -> None:
    """Turn what ``uv pip install --target`` left in ``folder`` into a tree for ``prefix``, in place.

    ``python`` is ``3.13``; the interpreter is the base's ``/usr/bin/python3.13``. The same wheels give the same
    bytes and modes, whatever the folder, the umask, the day or the installing interpreter was. Kernelspecs that
    say ``python`` get the tree's own interpreter. Raises Failed when two distributions bring different files of
    one name, as which one wins would be chance.
    """
    (folder / ".lock").unlink(missing_ok=True)
    site = folder / "lib" / f"python{python}" / "site-packages"
    importable = [one for one in folder.iterdir() if one.name not in _BESIDE or (one / "__init__.py").exists()]
    site.mkdir(parents=True)
    for one in importable:
        one.rename(site / one.name)
    for cache in list(folder.rglob("__pycache__")):
        shutil.rmtree(cache)
    interpreter = f"{prefix}/bin/python"
    # uv names one script of pip after the Python that uv itself runs with; pip and pip3 are enough.
    for script in (folder / "bin").glob("pip3.*"):
        script.unlink()
    for script in (folder / "bin").glob("*"):
        _fix_script(script, interpreter)
    for spec in folder.glob("share/jupyter/kernels/*/kernel.json"):
        _fix_kernelspec(spec, interpreter)
    _check_collisions(site)
    for info in site.glob("*.dist-info"):
        _fix_record(info, site, folder)
    (folder / "bin").mkdir(exist_ok=True)
    (folder / "bin" / "python").symlink_to(f"/usr/bin/python{python}")
    for name in ("python3", f"python{python}"):
        (folder / "bin" / name).symlink_to("python")
    (folder / "pyvenv.cfg").write_text("home = /usr/bin\ninclude-system-site-packages = false\n")
    _fix_modes(folder)


def owners(tree: Path) -> dict[str, str]:
    """Give the distribution (normalised name) of every file that a RECORD lists, and of its bytecode.

    Paths are relative to the tree. What belongs to no distribution (interpreter links, pyvenv.cfg) is left out;
    what several bring (with equal bytes) belongs to the first by name.
    """
    found: dict[str, str] = {}
    for info in sorted(tree.glob("lib/python*/site-packages/*.dist-info"), reverse=True):
        name = canonicalize_name(info.name.removesuffix(".dist-info").rpartition("-")[0])
        site = info.parent.relative_to(tree).as_posix()
        for path, _, _ in _rows(info):
            found[os.path.normpath(f"{site}/{path}")] = name
    for path, _, _ in _entries(tree):
        compiled = _COMPILED.fullmatch(path)
        source = f"{compiled['folder'] or ''}{compiled['module']}.py" if compiled else ""
        if source in found:
            found.setdefault(path, found[source])
    return found


class Trees:
    """A folder of sealed trees, one a digest, and of the keys that they were made for.

    ``<digest>/tree`` holds the bytes, ``<digest>/manifest`` a line a file, ``keys/<key>`` a digest. Everything
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

    def seal(self, staged: Path, key: str) -> Tree:
        """Digest a staged tree and move it into the store, where nothing writes to it again.

        ``staged`` comes from :meth:`staging`, normalised, with its bytecode compiled. Where the store has these
        bytes already, they stay. ``key`` (hex) names what the tree was made from, for :meth:`find`.
        """
        _fix_modes(staged)
        manifest = _manifest(staged)
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
        keys = self.store / "keys"
        keys.mkdir(exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=keys, prefix=".", delete=False) as note:
            note.write(digest)
        Path(note.name).rename(keys / key)
        return Tree(digest, final / "tree")

    def find(self, key: str) -> Tree | None:
        """Give the tree that was sealed for a key, unread; :meth:`verify` reads it."""
        try:
            digest = (self.store / "keys" / key).read_text()
        except FileNotFoundError:
            return None
        return self.get(digest) if digest else None

    def get(self, digest: str) -> Tree | None:
        """Give a tree by digest, unread."""
        path = self.store / digest / "tree"
        return Tree(digest, path) if path.is_dir() else None

    def verify(self, tree: Tree) -> str:
        """Read every byte again; give "" or what differs from the day it was sealed, with the file's name."""
        try:
            sealed = (tree.path.parent / "manifest").read_bytes()
        except FileNotFoundError:
            return "its manifest is missing"
        if hashlib.sha256(sealed).hexdigest() != tree.digest:
            return "its manifest was changed"
        before, after = _lines(sealed), _lines(_manifest(tree.path))
        reasons = [f"changed: {path}" for path in before.keys() & after.keys() if before[path] != after[path]]
        reasons += [f"missing: {path}" for path in before.keys() - after.keys()]
        reasons += [f"unexpected: {path}" for path in after.keys() - before.keys()]
        return _few(sorted(reasons))

    def discard(self, tree: Tree) -> None:
        """Remove a tree, so that it can be made anew; keys that name it find nothing."""
        with self._area() as area:
            grave = Path(tempfile.mkdtemp(dir=area))
            tree.path.parent.rename(grave / "tree")
        shutil.rmtree(grave, ignore_errors=True)

    def pack(self, tree: Tree, prefix: str, out: Path, only: Callable[[str], bool] = lambda _: True) -> str:
        """Write the files of a tree below ``prefix`` as a tar archive; give its SHA-256 (hex).

        ``only`` is asked with each path relative to the tree. The same files give the same bytes: sorted, owner
        0, time 0, each archive with the folders that its files need. ``out`` appears when it is complete.
        """
        base = PurePosixPath(prefix.lstrip("/"))
        chosen = [(base / path, source, mode) for path, source, mode in _entries(tree.path) if only(path)]
        folders = {parent for path, _, _ in chosen for parent in path.parents} - {PurePosixPath()}
        members: list[tuple[str, Path | None, int]] = [(str(path), None, 0o755) for path in folders]
        members += [(str(path), source, mode) for path, source, mode in chosen]
        unfinished = out.with_name(f".{out.name}.{os.getpid()}")
        try:
            with unfinished.open("wb") as file:
                hashed = _Hashed(file)
                with tarfile.open(fileobj=hashed, mode="w|", format=tarfile.PAX_FORMAT, bufsize=_BLOCK) as archive:
                    for path, source, mode in sorted(members, key=lambda member: member[0]):
                        _add(archive, path, source, mode)
            unfinished.rename(out)
        finally:
            unfinished.unlink(missing_ok=True)
        return hashed.digest()

    @contextmanager
    def _area(self) -> Iterator[Path]:
        """Lend the folder of staging folders to one process at a time, so that no sweep meets a new one."""
        area = self.store / "staging"
        area.mkdir(parents=True, exist_ok=True)
        alone = os.open(area, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.flock(alone, fcntl.LOCK_EX)
            yield area
        finally:
            os.close(alone)

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


class _Hashed(io.RawIOBase):
    """A file that hashes what is written to it."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._hash = hashlib.sha256()

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]
        self._hash.update(data)
        return self._file.write(data)

    def digest(self) -> str:
        return self._hash.hexdigest()


def _fix_script(script: Path, interpreter: str) -> None:
    """Point a Python script to the tree's interpreter; other files in ``bin`` stay as they are."""
    if not script.is_file():
        return
    content = script.read_bytes()
    if not content.startswith(b"#!"):
        return
    first, _, rest = content.partition(b"\n")
    words = first[2:].split()
    if words and words[0].endswith(b"/env"):
        words = words[1:]
    if words == [b"/bin/sh"] and rest.startswith(b"'''exec' "):
        # How installers get round the limit of 127 bytes, and round spaces, in the first line.
        rest = rest.split(b"\n' '''\n", 1)[1]
    elif not words or not _PYTHON.fullmatch(words[0]):
        return
    script.write_bytes(b"#!" + interpreter.encode() + b"\n" + rest)


def _fix_kernelspec(spec: Path, interpreter: str) -> None:
    """Give a kernelspec its own tree's interpreter: a bare ``python`` would be that of the server."""
    kernel = json.loads(spec.read_bytes())
    if _PYTHON.fullmatch(kernel["argv"][0].encode()):
        kernel["argv"][0] = interpreter
    spec.write_text(json.dumps(kernel, indent=1) + "\n")


def _rows(info: Path) -> list[tuple[str, str, str]]:
    with (info / "RECORD").open(newline="", encoding="utf-8") as record:
        return [(row[0], row[1], row[2]) for row in csv.reader(record) if row]


def _check_collisions(site: Path) -> None:
    claims: dict[str, tuple[str, str]] = {}
    for info in sorted(site.glob("*.dist-info")):
        for path, content, _ in _rows(info):
            other, same = claims.setdefault(path, (info.name, content))
            if same != content:
                names = " and ".join(one.removesuffix(".dist-info") for one in (other, info.name))
                raise Failed(
                    f"{names} both bring {path}",
                    why="their bytes differ, so what is installed would be chance",
                    hint="take one of the two out of the release",
                )


def _fix_record(info: Path, site: Path, folder: Path) -> None:
    """Write RECORD for where the files are now, sorted, with hashes of what they hold now."""
    for name in _INCIDENTAL:
        (info / name).unlink(missing_ok=True)
    (info / "INSTALLER").write_text("uv\n")
    rows: list[tuple[str, str, str]] = []
    for path, _, _ in _rows(info):
        place = site / path
        if not place.is_file() and (folder / path).is_file():
            place = folder / path
        if not place.is_file():
            continue
        content = place.read_bytes()
        digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
        rows.append((os.path.relpath(place, site), f"sha256={digest}", str(len(content))))
    own = f"{info.name}/RECORD"
    rows = sorted({row for row in rows if row[0] != own} | {(own, "", "")})
    with (info / "RECORD").open("w", newline="", encoding="utf-8") as record:
        csv.writer(record, lineterminator="\n").writerows(rows)


def _fix_modes(folder: Path) -> None:
    """Set 0755 on folders and on what its owner may execute, 0644 on the rest; drop empty folders."""
    for root, names, files in os.walk(folder, topdown=False):
        for name in files:
            path = Path(root, name)
            mode = path.lstat().st_mode
            wanted = 0o755 if mode & stat.S_IXUSR else 0o644
            if stat.S_ISREG(mode) and stat.S_IMODE(mode) != wanted:
                path.chmod(wanted)
        if not names and not files and Path(root) != folder:
            Path(root).rmdir()
        elif stat.S_IMODE(Path(root).stat().st_mode) != 0o755:
            Path(root).chmod(0o755)


def _entries(folder: Path) -> Iterator[tuple[str, Path, int]]:
    """Give (path relative to the folder, path, mode) of files and links, sorted by path."""
    found: list[tuple[str, Path, int]] = []
    for root, names, files in os.walk(folder):
        links = [name for name in names if Path(root, name).is_symlink()]
        for name in files + links:
            path = Path(root, name)
            found.append((path.relative_to(folder).as_posix(), path, stat.S_IMODE(path.lstat().st_mode)))
    yield from sorted(found)


def _manifest(folder: Path) -> bytes:
    """Give a NUL-ended line a file: kind, mode, SHA-256 of its content (of a link: its target), path."""
    lines: list[bytes] = []
    for name, path, mode in _entries(folder):
        if path.is_symlink():
            kind, digest = "l", hashlib.sha256(os.fsencode(path.readlink())).hexdigest()
        elif path.is_file():
            kind, digest = "f", hashlib.sha256(path.read_bytes()).hexdigest()
        else:
            raise Failed(f"{name} is neither file nor link", hint="a tree holds only files and links")
        lines.append(f"{kind} {mode if kind == 'f' else 0o777:04o} {digest} ".encode() + os.fsencode(name) + b"\0")
    return b"".join(lines)


def _lines(manifest: bytes) -> dict[str, bytes]:
    split = (line.split(b" ", 3) for line in manifest.split(b"\0") if line)
    return {os.fsdecode(path): b" ".join((kind, mode, digest)) for kind, mode, digest, path in split}


def _few(reasons: list[str]) -> str:
    more = f" and {len(reasons) - 3} more" if len(reasons) > 3 else ""
    return "; ".join(reasons[:3]) + more


def _add(archive: tarfile.TarFile, path: str, source: Path | None, mode: int) -> None:
    member = tarfile.TarInfo(path)
    member.mode = mode
    if source is None:
        member.type = tarfile.DIRTYPE
        archive.addfile(member)
    elif source.is_symlink():
        member.type, member.linkname, member.mode = tarfile.SYMTYPE, str(source.readlink()), 0o777
        archive.addfile(member)
    else:
        with source.open("rb") as content:
            member.size = os.fstat(content.fileno()).st_size
            archive.addfile(member, content)
