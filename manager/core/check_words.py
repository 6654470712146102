"""What probes are told of a connection: their own words for parameters, which connectors without SQL name otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

# Redis names the account and the number of its database so.
_CALLED = {"username": "user", "db": "database"}


def called(values: Mapping[str, str]) -> dict[str, str]:
    """Give parameters by the names that probes have for them; those that they have none for keep theirs."""
    return {_CALLED.get(name, name): value for name, value in values.items()}
