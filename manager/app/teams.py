"""For whom a person reads what is told: for themselves, for teams, and for everybody where nobody else can."""

from __future__ import annotations

import grp
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from manager.app.settings import Settings


def groups() -> tuple[str, ...]:
    """Name the groups of this process, as the operating system has them."""
    names = []
    for number in {os.getegid(), *os.getgroups()}:
        try:
            names.append(grp.getgrgid(number).gr_name)
        except KeyError:
            continue
    return tuple(names)


def reads_for(settings: Settings) -> Callable[[str], bool]:
    """Say for which owners the person of these settings reads: their own name, and the groups that they are in.

    In a state database of one's own all is one's own: nobody else could read what stands there.
    """
    if not settings.machine_wide and dict(settings.origins).get("database_url") == "default":
        return lambda _owner: True
    mine = {settings.owner, *groups()}
    return mine.__contains__
