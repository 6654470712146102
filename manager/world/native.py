"""Reads which native libraries a wheel brings, and their versions, out of its bytes: nothing of it runs.

Only what is certain is said: OpenSSL and MIT Kerberos write their release into their library, libpq has the major
release of PostgreSQL in its file's name (``libpq-e9b5c9ac.so.5.18``), Microsoft's ODBC driver its own.
"""

from __future__ import annotations

import re
import zipfile
from typing import TYPE_CHECKING

from manager.core.zips import BROKEN
from manager.errors import Failed

if TYPE_CHECKING:
    from pathlib import Path

# By the library: what its file is called, and what says the version, there or (with None) in its bytes.
_NAMED = {
    "libpq": re.compile(r"libpq[-.\w]*?\.so\.5\.(\d+)$"),
    "msodbcsql": re.compile(r"libmsodbcsql-(\d+\.\d+)\.so(?:\.\d+)*$"),
}
_INSIDE = {
    "openssl": (
        re.compile(r"libcrypto[-.\w]*$"),
        re.compile(rb"OpenSSL (\d+\.\d+\.\d+[a-z]?) +\d{1,2} [A-Z][a-z]{2} \d{4}"),
    ),
    "krb5": (re.compile(r"libkrb5[-.][-.\w]*$"), re.compile(rb"KRB5_BRAND: krb5-([\d.]+)-final ")),
}
# No library of a driver is larger; an archive may say so of a few bytes.
_MOST = 256 * 1024**2


def libraries(wheel: Path) -> dict[str, str]:
    """Give the libraries that a wheel brings, each with its version; what is not certain, or of two, is left out.

    Raises Failed for what is no wheel.
    """
    found: dict[str, set[str]] = {}
    try:
        with zipfile.ZipFile(wheel) as archive:
            for one in archive.infolist():
                name = one.filename.rpartition("/")[2]
                for library, named in _NAMED.items():
                    if match := named.fullmatch(name):
                        found.setdefault(library, set()).add(match[1])
                for library, (called, says) in _INSIDE.items():
                    if called.fullmatch(name) and one.file_size <= _MOST:
                        found.setdefault(library, set()).update(
                            each.group(1).decode() for each in says.finditer(archive.read(one))
                        )
    except BROKEN as error:
        raise Failed(f"{wheel.name} cannot be read as a wheel", why=str(error)) from None
    return {library: min(versions) for library, versions in sorted(found.items()) if len(versions) == 1}
