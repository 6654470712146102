"""The files that apt is handed for one run, beside its own: authorities, key, login, and the options that name them.

It stands below ``world``, whose files do not import each other but share this.
"""

from __future__ import annotations

import os
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from manager.core import apt

if TYPE_CHECKING:
    from collections.abc import Iterator

    from manager.core.reach import Reach

# The file of options in the folder; it is not there when there is nothing to say.
CONFIGURATION = "apt.conf"
_AUTHORITIES, _LOGINS = "authorities.pem", "auth.conf"


@contextmanager
def handed(reach: Reach) -> Iterator[Path]:
    """Give a folder with the files for as long as they are used.

    apt downloads as another user, who reads all but the login: that is read before apt becomes that user.
    """
    with tempfile.TemporaryDirectory(prefix="solvent-apt-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        login = apt.logins(reach)
        named = [str(folder / file) if text else "" for file, text in ((_AUTHORITIES, reach.bundle), (_LOGINS, login))]
        _write(folder / _LOGINS, login.encode(), 0o600)
        _write(folder / _AUTHORITIES, reach.bundle.encode(), 0o644)
        _write(folder / CONFIGURATION, apt.options(*named).encode(), 0o644)
        _write(folder / apt.keyring_name(reach.keyring), reach.keyring, 0o644)
        yield folder


def mirror_of(reach: Reach, folder: Path) -> apt.Mirror | None:
    """Give the mirror that is set, with its key as it lies in the folder; None when none is set."""
    if not reach.mirrors.apt:
        return None
    key = str(folder / apt.keyring_name(reach.keyring)) if reach.keyring else ""
    return apt.Mirror(reach.mirrors.apt, reach.mirrors.apt_security, key, reach.mirrors.frozen)


def _write(file: Path, content: bytes, mode: int) -> None:
    """Write a file that has something to say, with its mode from the beginning."""
    if content:
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as written:
            written.write(content)
        file.chmod(mode)
