"""The table ``[notices]`` of a file of settings: read, joined with the file before, and shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from manager.core.amounts import many
from manager.core.lines import line_of
from manager.core.sinks import NO_SINKS, Sinks
from manager.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def read(file: Path, text: str, table: object, before: object) -> tuple[Sinks, list[Problem]]:
    """Join a file's table to the sinks ``before``; give what is wrong with it, and then nothing of it."""
    known = before if isinstance(before, Sinks) else NO_SINKS
    if not isinstance(table, dict):
        return known, [Problem(str(file), line_of(text, "notices"), "notices", "must be a table")]
    from manager.core import sink_table

    problems = []
    for fault in sink_table.faults(table):
        *path, name = map(str, fault.keys)
        place = ".".join(("notices", *path))
        line = line_of(text, name, place) or line_of(text, f"{place}.{name}") or line_of(text, place)
        problems.append(Problem(str(file), line, f"{place}.{name}", fault.why, fault.hint))
    if problems:
        return known, problems

    def origin(key: str) -> str:
        table_of, _, name = f"notices.{key}".rpartition(".")
        return f"{file}:{line_of(text, name, table_of) or line_of(text, f'notices.{key}')}"

    return _joined(known, sink_table.read(table, str(file.parent), origin)), []


def shown(sinks: Sinks) -> Iterator[tuple[str, str, str]]:
    """Give name, value and origin of each sink; an address stands there as it was referred to, or as its host."""
    origins = dict(sinks.origins)
    if sinks.file:
        yield "notices.file", sinks.file, origins.get("file", "")
    for one in sinks.webhooks:
        name = f"webhooks.{one.name}"
        # The path of such an address is often the secret.
        address = "/".join(one.address.split("/")[:3]) + "/********" if "://" in one.address else one.address
        yield f"notices.{name}", f"{address} as {one.body}", origins.get(name, "")
    if sinks.mail is not None:
        mail = sinks.mail
        value = f"{mail.host}:{mail.port} {mail.security} from {mail.sender}, for {many(len(mail.owners), 'owner')}"
        yield "notices.mail", value, origins.get("mail", "")


def _joined(below: Sinks, above: Sinks) -> Sinks:
    """Join two tables; a sink of the same name is the later one's."""
    webhooks = {one.name: one for one in (*below.webhooks, *above.webhooks)}
    return Sinks(
        above.file or below.file,
        tuple(webhooks[name] for name in sorted(webhooks)),
        above.mail or below.mail,
        tuple((dict(below.origins) | dict(above.origins)).items()),
    )
