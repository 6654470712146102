"""What indexes answer, and what of it is worth keeping.

Python: the JSON form of the simple index (PEP 691, PEP 700). npm: the registry's document. Debian: Packages files.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from manager.core.debian_versions import debian_version
from manager.core.editions import IndexFile, editions, written
from manager.core.watching import Published

# What is kept of each file. Addresses and hashes are most of an answer, and locks have them.
_KEPT = ("filename", "upload-time", "yanked", "requires-python")


def reduced(content: bytes) -> str:
    """Give the part of an answer that is kept, as JSON; raises ValueError for half an answer and for another form."""
    try:
        said = json.loads(content)
        files = [{key: one[key] for key in _KEPT if one.get(key)} for one in said["files"]]
        files_of({"files": files})
        return json.dumps({"files": files}, separators=(",", ":"))
    except (KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError(f"no answer of a simple index: {type(error).__name__} {str(error)[:80]}") from None


def files_of(said: Any) -> tuple[IndexFile, ...]:
    """Read an answer; raises ValueError, KeyError, TypeError or AttributeError for what is none."""
    return tuple(_file(one) for one in said["files"])


def firsts(text: str) -> tuple[IndexFile, ...]:
    """Read of each version in what was kept only the files that say when it came and whether it was taken back.

    These are its first one, and its first one that was not taken back; a distribution can have thousands. None where
    what was kept is no answer.
    """
    try:
        files = json.loads(text)["files"] if text else []
        if not all(one.get("upload-time", "Z").endswith("Z") for one in files):
            return files_of({"files": files})
        found: dict[tuple[str, bool], dict[str, Any]] = {}
        for one in files:
            # As PEP 700 writes times, the earlier one comes first.
            key = written(one["filename"]), bool(one.get("yanked"))
            if key not in found or one.get("upload-time", "~") < found[key].get("upload-time", "~"):
                found[key] = one
        return tuple(map(_file, found.values()))
    except (ValueError, KeyError, TypeError, AttributeError):
        return ()


def published(said: Any) -> tuple[Published, ...]:
    """Give versions with the days of their first files; ValueError where none has one, and as :func:`files_of`."""
    files = files_of(said)
    found = editions(one for one in files if not one.yanked)
    days = [Published(str(one.version), one.released) for one in reversed(found) if one.released]
    if files and not days:
        raise ValueError("no file has an upload-time (PEP 700)")
    return tuple(days)


def npm_reduced(content: bytes) -> str:
    """Give what is kept of npm's document, as JSON; raises ValueError as :func:`reduced` does."""
    try:
        said = json.loads(content)
        versions = {
            version: {"deprecated": bool(about.get("deprecated"))} for version, about in said["versions"].items()
        }
        kept = {
            "versions": versions,
            "time": {version: said["time"][version] for version in versions if version in said["time"]},
        }
        npm_published(kept)
    except (KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError(f"no document of npm: {type(error).__name__} {str(error)[:80]}") from None
    return json.dumps(kept, separators=(",", ":"))


def npm_published(said: Any) -> tuple[Published, ...]:
    """Give the versions of npm's document with their days; raises as :func:`files_of`."""
    times = said["time"]
    versions = (version for version, about in said["versions"].items() if not about.get("deprecated"))
    return tuple(
        Published(version, moment(times[version]).astimezone(UTC).date()) for version in versions if version in times
    )


def newest(packages: str) -> str:
    """Reduce a Packages file, some fifty megabytes of it, to a line for each package: its name and newest version."""
    found: dict[str, str] = {}
    name = ""
    for line in packages.splitlines():
        if line.startswith("Package: "):
            name = line[9:]
        elif name and line.startswith("Version: "):
            known = found.setdefault(name, line[9:])
            if known != line[9:] and debian_version(line[9:]) > debian_version(known):
                found[name] = line[9:]
    return "".join(f"{one} {version}\n" for one, version in sorted(found.items()))


def moment(text: str) -> datetime:
    """Read a time of an index, in UTC where it names no zone; raises ValueError."""
    at = datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _file(one: dict[str, Any]) -> IndexFile:
    yanked, at = one.get("yanked") or False, one.get("upload-time")
    return IndexFile(
        str(one["filename"]),
        moment(at) if at else None,
        bool(yanked),
        yanked if isinstance(yanked, str) else "",
        str(one.get("requires-python") or ""),
    )
