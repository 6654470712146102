"""The files in which package managers write down what they installed: one parser for each format.

Each raises ValueError, in words for the person, for what is not of its format.
"""

from __future__ import annotations

import configparser
import io
import json
import re
import zipfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_FIELD = re.compile(r"([A-Za-z][A-Za-z0-9-]*):[ \t]*(.*)")
_DEFINE = re.compile(r'^#\s*define\s+(\w+)\s+"?([\w.+-]+)"?', re.MULTILINE)
_DRIVER_SERVICE = "META-INF/services/java.sql.Driver"
_MANIFEST = "META-INF/MANIFEST.MF"
# A manifest is some hundred lines; a longer one is no manifest, or is meant to fill the memory.
_LONGEST_MANIFEST = 1024 * 1024


def stanzas(text: str) -> Iterator[dict[str, str]]:
    """Read fields of ``Name: value`` lines, in groups apart by an empty line, without continuation lines.

    Python's METADATA (whose description follows the first empty line), R's DESCRIPTION, dpkg's status and apk's
    database are written so.
    """
    found: dict[str, str] = {}
    for line in text.splitlines():
        if not line.strip():
            if found:
                yield found
            found = {}
        elif match := _FIELD.match(line):
            found.setdefault(match[1], match[2].strip())
    if found:
        yield found


def named(text: str) -> tuple[str, str]:
    """Give name and version from the first stanza of METADATA or DESCRIPTION."""
    first = next(stanzas(text), {})
    name, version = first.get("Name") or first.get("Package", ""), first.get("Version", "")
    if not name or not version:
        raise ValueError("it names no package and version")
    return name, version


def debian(text: str) -> Iterator[tuple[str, str]]:
    """Give name and upstream version of each installed package of a dpkg status file.

    Files below ``status.d``, as images without a package manager have them, carry no status: they are installed.
    """
    for one in stanzas(text):
        if one.get("Status", "install ok installed").endswith(" installed") and "Package" in one:
            yield one["Package"], upstream(one.get("Version", ""))


def alpine(text: str) -> Iterator[tuple[str, str]]:
    """Give name and version of each package of apk's database."""
    for one in stanzas(text):
        if "P" in one:
            yield one["P"], one.get("V", "").partition("-r")[0]


def upstream(version: str) -> str:
    """Give the upstream part of a Debian version: no epoch, no revision, no repacking (Debian Policy 5.6.12)."""
    after = version.partition(":")[2] or version
    return re.split(r"[+~](?:dfsg|ds|repack)", after.rpartition("-")[0] or after)[0]


def json_fields(text: str, *keys: str) -> tuple[str, ...]:
    """Give fields of a JSON object, "" for one that is missing or no text."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise ValueError("it is no JSON") from None
    if not isinstance(found, dict):
        raise ValueError("it is no JSON object")
    return tuple(value if isinstance(value := found.get(key), str) else "" for key in keys)


def assignments(text: str) -> dict[str, str]:
    """Read ``key = value`` lines, as pyvenv.cfg has them."""
    pairs = (line.partition("=") for line in text.splitlines() if "=" in line)
    return {key.strip().lower(): value.strip() for key, _, value in pairs}


def odbc_drivers(text: str) -> tuple[tuple[str, str], ...]:
    """Give name and library of each driver in an odbcinst.ini."""
    parser = configparser.ConfigParser(interpolation=None, strict=False, allow_no_value=True)
    try:
        parser.read_string(text)
    except configparser.Error:
        raise ValueError("it is no file of sections and keys") from None
    found = ((name, parser[name].get("driver64") or parser[name].get("driver")) for name in parser.sections())
    return tuple((name, library) for name, library in found if library)


def defines(text: str) -> dict[str, str]:
    """Give the plain values that a C header defines."""
    return dict(_DEFINE.findall(text))


def jar(content: bytes) -> tuple[bool, str]:
    """Say whether a jar offers a JDBC driver, and which version its manifest gives, if any.

    A driver announces itself as a service since JDBC 4.0 (java.sql.DriverManager).
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = set(archive.namelist())
            text = ""
            if _MANIFEST in names and archive.getinfo(_MANIFEST).file_size < _LONGEST_MANIFEST:
                text = archive.read(_MANIFEST).decode("utf-8", "replace")
    except (zipfile.BadZipFile, ValueError, NotImplementedError, RuntimeError, OSError, EOFError):
        raise ValueError("it is no jar that can be read") from None
    except Exception as error:
        # zlib.error is a plain Exception.
        raise ValueError("it is a damaged jar") from error
    fields = next(stanzas(text), {})
    return _DRIVER_SERVICE in names, fields.get("Implementation-Version") or fields.get("Bundle-Version", "")
