"""What indexes answer, and what of it is worth keeping.

Python: the JSON form of the simple index (PEP 691, PEP 700). npm: the registry's document. Debian: Packages files.
"""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

from manager.core.debian_versions import debian_version
from manager.core.editions import IndexFile, editions
from manager.core.watching import Published

# What is kept of each file. Addresses and hashes are most of an answer, and locks have them.
_KEPT = ("filename", "upload-time", "yanked", "requires-python")


def reduced(content: bytes) -> str:
    """Give the part of an answer that is kept, as JSON; raises ValueError for half an answer and for another form."""
    try:
        said = json.loads(content)
        files = [{key: one[key] for key in _KEPT if one.get(key)} for one in said["files"]]
        text = json.dumps({"files": files}, separators=(",", ":"))
        files_of(json.loads(text))
    except (KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError(f"no answer of a simple index: {type(error).__name__} {str(error)[:80]}") from None
    return text


def files_of(said: Any) -> tuple[IndexFile, ...]:
    """Read an answer; raises ValueError, KeyError, TypeError or AttributeError for what is none."""
    return tuple(_file(one) for one in said["files"])


def published(said: Any, name: str) -> tuple[Published, ...]:
    """Give versions with the days of their first files; ValueError where none has one, and as :func:`files_of`."""
    files = files_of(said)
    found = editions(one for one in files if not one.yanked)
    days = [Published(str(one.version), _day(one.released)) for one in reversed(found) if one.released]
    if files and not days:
        raise ValueError(f"no file of {name} has an upload-time (PEP 700)")
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
        npm_published(kept, "")
    except (KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError(f"no document of npm: {type(error).__name__} {str(error)[:80]}") from None
    return json.dumps(kept, separators=(",", ":"))


def npm_published(said: Any, name: str) -> tuple[Published, ...]:  # noqa: ARG001 - as the other
    """Give the versions of npm's document with their days; raises as :func:`files_of`."""
    times = said["time"]
    versions = (version for version, about in said["versions"].items() if not about.get("deprecated"))
    return tuple(Published(version, _day(moment(times[version]))) for version in versions if version in times)


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
    """Read a time of an index; raises ValueError."""
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def _file(one: dict[str, Any]) -> IndexFile:
    yanked, at = one.get("yanked") or False, one.get("upload-time")
    return IndexFile(
        str(one["filename"]),
        moment(at) if at else None,
        bool(yanked),
        yanked if isinstance(yanked, str) else "",
        str(one.get("requires-python") or ""),
    )


def _day(at: datetime) -> date:
    return at.astimezone(UTC).date()
