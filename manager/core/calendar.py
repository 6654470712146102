"""The schedule as an iCalendar file (RFC 5545): an all-day event for each date that changes what people may do.

Written here and not by a library: one kind of event, with three rules of the format that matter, stands against a
dependency with two of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from manager.core.endings import plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

    from manager.core.catalog import Catalog, Release

# What happens on a date, by its name in a schedule.
_EVENTS = {
    "deprecated": "is deprecated",
    "create_block": "takes no new environments",
    "end_of_life": "retires",
    "restart_block": "starts no more",
    "remove_after": "may be pruned",
}
# Octets in a line, without its end (RFC 5545, 3.1).
_LONGEST = 75


def calendar(catalog: Catalog, today: date, revisions: Mapping[str, int]) -> str:
    """Give the file.

    A UID never changes, so that a date that moves moves in a calendar that has it; ``revisions`` count the announced
    schedules by release and tell which is the newer. ``today`` is the day that the schedule is looked at.
    """
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Solvent//lifecycle feed//EN",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"X-WR-CALNAME:Releases of {_escaped(_name(catalog))}",
    ]
    for release in sorted(catalog.releases, key=lambda one: one.name):
        lines += _events(catalog, release, today, revisions.get(release.name, 1))
    lines.append("END:VCALENDAR")
    return "".join(f"{part}\r\n" for line in lines for part in _folded(line))


def _events(catalog: Catalog, release: Release, today: date, revision: int) -> Iterator[str]:
    successor = catalog.successor(release, today)
    said = [f"Bound by {release.schedule.bound_by}."]
    said += [f"Its successor is {successor.name}."] if successor else ["It names no successor."]
    said += [plain(release.message)] if release.message else []
    for name, day in release.schedule.dates():
        if name not in _EVENTS:
            continue
        yield "BEGIN:VEVENT"
        yield f"UID:{_escaped(f'{release.name}/{name}@{_name(catalog)}.solvent')}"
        # Of a published event this is when it was written; the day makes the file the same all day long.
        yield f"DTSTAMP:{today:%Y%m%d}T000000Z"
        yield f"SEQUENCE:{revision - 1}"
        # Without an end, an event of a DATE lasts that day (RFC 5545, 3.6.1).
        yield f"DTSTART;VALUE=DATE:{day:%Y%m%d}"
        yield f"SUMMARY:{_escaped(f'{release.name} {_EVENTS[name]}')}"
        yield f"DESCRIPTION:{_escaped(chr(10).join(said))}"
        yield f"CATEGORIES:{_escaped(release.family)}"
        yield "TRANSP:TRANSPARENT"
        yield "END:VEVENT"


def _name(catalog: Catalog) -> str:
    return catalog.name or "catalog"


def _escaped(text: str) -> str:
    """Escape a value of the type TEXT (RFC 5545, 3.3.11)."""
    for char in ("\\", ";", ","):
        text = text.replace(char, f"\\{char}")
    return text.replace("\n", "\\n")


def _folded(line: str) -> Iterator[str]:
    """Cut a content line where it is too long; what goes on begins with a space, and no character is cut in two."""
    part, size = "", 0
    for char in line:
        width = len(char.encode())
        if size + width > _LONGEST:
            yield part
            part, size = " ", 1
        part += char
        size += width
    yield part
