"""That a release ends: the facts, and the words for them, the same in every notice and inside every environment."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from manager.core.overrides import frozen

if TYPE_CHECKING:
    from datetime import date

    from manager.core.catalog import Catalog, Release


@dataclass(frozen=True, slots=True)
class Ending:
    """How a release ends, as the catalog says it on a day.

    ``launches`` and ``starts`` are the days from which new environments and starts are refused. ``successor`` is the
    last release of the chain that may be launched, "" where there is none; ``message`` is what its owner says about
    the move. ``frozen`` is the end of a freeze that the release stands in. ``then`` is what its policy wants of
    environments that still run at the end.
    """

    release: str
    ends: date
    launches: date
    starts: date
    successor: str = ""
    message: str = ""
    frozen: date | None = None
    then: Literal["keep-running", "stop-running"] = "keep-running"


def ending(catalog: Catalog, release: Release, today: date) -> Ending:
    """Give the facts of a release on a day."""
    dates, successor = release.schedule, catalog.successor(release, today)
    freeze = frozen(catalog.overrides, release.name, today)
    return Ending(
        release.name,
        dates.end_of_life,
        dates.create_block,
        dates.restart_block,
        successor.name if successor else "",
        plain(release.message),
        freeze.until if freeze else None,
        release.policy.on_end_of_life,
    )


def headline(found: Ending, today: date) -> str:
    """Say it in one line: ``jupyterlab:4.4-py3.11 retires on 2027-01-03``."""
    return f"{found.release} {'is retired since' if today >= found.ends else 'retires on'} {found.ends}"


def sentences(found: Ending, today: date) -> tuple[str, ...]:
    """Say what that means: what is refused and when, what comes after it, and that a freeze holds the dates."""
    said = []
    if found.successor:
        said.append(f"Its successor is {found.successor}." + (f" {found.message}" if found.message else ""))
    else:
        said.append("It names no successor." + (f" {found.message}" if found.message else ""))
    if today < found.launches:
        said.append(f"New environments of it are refused from {found.launches} on.")
    running = "are stopped after its end, their files stay" if found.then == "stop-running" else "go on"
    since = f"from {found.starts} on" if today < found.starts else f"since {found.starts}"
    said.append(f"Environments that run {running}; starts are refused {since}.")
    if found.frozen is not None and today < found.frozen:
        said.append(
            f"A freeze holds every change until {found.frozen}; what falls due before then follows on that day."
        )
    return tuple(said)


def way_out(found: Ending, environment: str) -> str:
    """Give the command that moves an environment on; one for its release's list where there is no successor."""
    if not found.successor:
        return "solvent image list"
    return f"solvent env upgrade {environment} --to {found.successor}"


def take_over(container: str, owner: str) -> str:
    """Give the command that continues a container that nobody manages, as its owner's environment."""
    return f"solvent adopt environment {container} --as NAME --owner {shlex.quote(owner)}"


def plain(text: str) -> str:
    """Give a text on one line, without characters that a terminal would take for commands."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())
