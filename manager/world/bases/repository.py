"""An apt repository made of .deb files at hand, so that a base can be made again without any mirror."""

from __future__ import annotations

import hashlib
import subprocess
from typing import TYPE_CHECKING

from manager.errors import Failed
from manager.world.bases.archived import digest_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_ARCHITECTURE = "amd64"


def repository(debs: Iterable[Path], suite: str, folder: Path) -> str:
    """Write a repository of one suite into a new folder, with links to the files; give its line for apt.

    Nobody has signed it: the files were held against their hashes by whoever gives them. Raises Failed for a file
    that is no Debian package.
    """
    place = folder / "dists" / suite / "main" / f"binary-{_ARCHITECTURE}"
    (folder / "pool").mkdir(parents=True)
    place.mkdir(parents=True)
    # In a user's own name space another user reads them.
    folder.chmod(0o755)
    stanzas = []
    for deb in sorted(debs, key=lambda one: one.name):
        (folder / "pool" / deb.name).symlink_to(deb.absolute())
        stanzas.append(_stanza(deb))
    index = "\n".join(stanzas).encode()
    (place / "Packages").write_bytes(index)
    said = {
        "Origin": "Debian",
        "Suite": suite,
        "Codename": suite,
        "Architectures": _ARCHITECTURE,
        "Components": "main",
        "SHA256": f"\n {hashlib.sha256(index).hexdigest()} {len(index)} main/binary-{_ARCHITECTURE}/Packages",
    }
    (folder / "dists" / suite / "Release").write_text("".join(f"{name}: {value}\n" for name, value in said.items()))
    return f"deb [trusted=yes] copy:{folder.absolute()} {suite} main"


def _stanza(deb: Path) -> str:
    """Give what an index says of a package: its own fields, and where it lies."""
    read = subprocess.run(["dpkg-deb", "--field", str(deb)], capture_output=True, text=True, check=False)
    if read.returncode:
        raise Failed(f"{deb.name} is no Debian package", why=read.stderr.strip())
    return f"{read.stdout.rstrip()}\nFilename: pool/{deb.name}\nSize: {deb.stat().st_size}\nSHA256: {digest_of(deb)}\n"
