"""What bundles brought, where nobody else answers: locks are resolved from the wheels' own descriptions.

An index that answers is asked first, always: a bundle is of the day on which it was made.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from manager.app.archiving import archive
from manager.app.mirrors import reach
from manager.core.mirrors import Mirrors
from manager.core.reach import Reach
from manager.errors import Failed, Unreachable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from manager.app.world import World
    from manager.world.wheelhouse import Wheelhouse


def house(world: World) -> Wheelhouse:
    """Give the index of what bundles brought."""
    from manager.world.wheelhouse import Wheelhouse

    store = archive(world)
    return Wheelhouse(store.folder, store.made)


def resolved(
    world: World,
    indexes: Mapping[str, str],
    resolve: Callable[[Mapping[str, str], Reach], str],
    say: Callable[[str], None],
) -> str:
    """Resolve by the index; where it does not answer, by what bundles brought, in which nothing is newer than there.

    ``resolve`` is given the addresses of single distributions and the way. Raises what it raises; Unreachable where
    neither helps.
    """
    try:
        return resolve(indexes, reach(world, "python"))
    except Unreachable as silent:
        brought = house(world)
        if not brought.distributions:
            raise
        say(f"{silent.message}: resolving from what bundles brought")
        try:
            with brought.served() as address:
                return resolve({}, Reach(Mirrors(python=address)))
        except Failed as error:
            why = f"{silent.why}\nof what bundles brought nothing fits: {error.why}"
            raise Unreachable(silent.message, why=why, hint=silent.hint) from None
