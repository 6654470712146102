"""What the files of decisions about drivers must say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from manager.core.driver_decisions import file_of
from manager.core.holds import faults
from manager.core.overrides import DRIVERS
from manager.world.files import values
from manager.world.files.consistency import Sound, tables
from manager.world.files.judgement import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator


def check(sound: list[Sound], connectors: list[Sound]) -> Iterator[Finding]:
    """Check decisions against the connectors that they are about."""
    dists = {
        str(data["id"]): [str(one["dist"]).partition("[")[0] for _, one in tables(data, "driver") if "dist" in one]
        for _, data in connectors
        if "id" in data
    }
    for file, data in sound:
        begins = file_of(data["kind"], data["subject"], data["day"]).removesuffix(".toml")
        if not file.startswith(begins):
            yield Finding(file, ("day",), f"the file's name has to begin with {begins.removeprefix(DRIVERS + '/')}")
        for fault in faults(values.decision(file, data), dists):
            yield Finding(file, (fault.key,), fault.why, fault.hint)
