"""Packs a family's own files (entry point, configuration) as a layer: a deterministic tar of its folder files/."""

from __future__ import annotations

import hashlib
import io
import tarfile
from typing import TYPE_CHECKING

from manager import whole_files

if TYPE_CHECKING:
    from pathlib import Path

# Stands in a path for the Python of the release, such as 3.13.
PYTHON = "@PYTHON@"


def pack_files(
    folders: tuple[Path, ...],
    out: Path,
    python: str,
    uid: int,
    owned: tuple[str, ...] = ("/home/solvent", "/workspace"),
) -> str:
    """Write the files of folders below / as a tar archive; give its SHA-256 (hex).

    A file stands for one of the same path in a folder before its own. Files belong to root; what begins with ``#!``
    is 0755, the rest 0644, because neither git nor a wheel keeps more. ``owned`` are empty folders of the user: an
    engine gives their owner to a fresh volume. The same files give the same bytes. ``out`` appears when it is
    complete.
    """
    members: dict[str, tuple[tarfile.TarInfo, bytes]] = {}
    for folder, path in ((above, path) for above in folders for path in above.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            content = path.read_bytes()
            name = path.relative_to(folder).as_posix().replace(PYTHON, python)
            members[name] = _member(name, 0o755 if content.startswith(b"#!") else 0o644, content)
    for name in [*members, *(one.strip("/") for one in owned)]:
        parts = name.split("/")
        for depth in range(1, len(parts)):
            parent = "/".join(parts[:depth])
            members.setdefault(parent, _member(parent, 0o755))
    for one in owned:
        members[one.strip("/")] = _member(one.strip("/"), 0o755, uid=uid)
    unfinished = whole_files.beside(out)
    try:
        with tarfile.open(unfinished, "w", format=tarfile.PAX_FORMAT) as archive:
            for _, (info, content) in sorted(members.items()):
                archive.addfile(info, io.BytesIO(content))
        digest = hashlib.sha256(unfinished.read_bytes()).hexdigest()
        unfinished.rename(out)
    finally:
        unfinished.unlink(missing_ok=True)
    return digest


def _member(name: str, mode: int, content: bytes | None = None, uid: int = 0) -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(name)
    info.type = tarfile.DIRTYPE if content is None else tarfile.REGTYPE
    info.mode = mode
    info.uid = info.gid = uid
    info.size = len(content or b"")
    return info, content or b""
