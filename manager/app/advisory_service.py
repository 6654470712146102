"""Asks the address of the settings for advisories: an archive in OSV's format, fetched when it has changed.

An archive is asked for, and not the service's API, which would learn every package of every lock; any file server can
have it, also inside a network of one's own.
"""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING

from manager.core import advisories
from manager.core.plan import digest_of
from manager.errors import UsageError

if TYPE_CHECKING:
    from manager.app.world import World
    from manager.world.upstream import Upstream


def asked(world: World, upstream: Upstream) -> None:
    """Ask for advisories, and keep those about what is in locks or builds.

    What was kept stays where nobody answers, or half; ``upstream`` notes of which day it is. Raises Unreachable where
    nothing was ever answered, Failed where advisories cannot be kept.
    """
    from manager.app import dangers
    from manager.world import advisories as files

    address, names = world.settings.advisories_url, dangers.names(world)
    # Only what concerns these packages is kept, so about others it has to be asked anew; a fragment is not sent.
    place = f"{address}#{digest_of(sorted(names))[:16]}"
    told = upstream.document(place, partial(_reduced, frozenset(names)))
    if told.state != "kept":
        found = advisories.read(json.loads(told.text))
        file = dangers.place_kept(world)
        files.keep(file, advisories.joined(files.kept(file), found, names))


def _reduced(names: frozenset[str], content: bytes) -> str:
    """Make a short text of an archive: what is about some packages, and what was withdrawn. Raises ValueError."""
    from manager.world.advisories import read_answer

    try:
        found = read_answer("the answer", content)
    except UsageError as error:
        raise ValueError(error.sentence) from None
    return json.dumps([one.to_json() for one in found if not one.names or names & set(one.names)], ensure_ascii=False)
