"""Decisions about drivers: what their files must say, and the values that they become."""

from __future__ import annotations

from typing import TYPE_CHECKING

from manager.core.catalog import Place
from manager.core.holds import DriverDecision, faults
from manager.core.overrides import DRIVERS
from manager.world.files.consistency import Sound, tables
from manager.world.files.judgement import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any


def decision(file: str, data: Mapping[str, Any]) -> DriverDecision:
    """Make a decision of what its file says."""
    return DriverDecision(place=Place(file, 1), **data)


def check(sound: list[Sound], connectors: list[Sound]) -> Iterator[Finding]:
    """Check decisions against the connectors that they are about."""
    dists = {
        str(data["id"]): [str(one["dist"]).partition("[")[0] for _, one in tables(data, "driver") if "dist" in one]
        for _, data in connectors
        if "id" in data
    }
    for file, data in sound:
        begins = f"{DRIVERS}/{data['day']}-{data['kind']}-{data['subject']}"
        if not file.startswith(begins):
            yield Finding(file, ("day",), f"the file's name has to begin with {begins.removeprefix(DRIVERS + '/')}")
        try:
            for fault in faults(decision(file, data), dists):
                yield Finding(file, (fault.key,), fault.why, fault.hint)
        except OverflowError:
            yield Finding(file, ("until",), "its dates leave the calendar (years 1 to 9999)")
