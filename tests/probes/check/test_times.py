"""A moment has to be the same one on the server and when it comes back: a driver that drops its offset is found."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.probes.check.support import of_echo

if TYPE_CHECKING:
    from pathlib import Path

_DROPPED = "sent = lambda value: value.replace(tzinfo=datetime.timezone.utc)"
_NAIVE = "given = lambda value: value.replace(tzinfo=None)"
_WHOLE = "given = lambda value: value.replace(microsecond=0)"
# Rounds the moment to what an offset in whole minutes says.
_MINUTES = """
def sent(value):
    second = datetime.timedelta(seconds=value.utcoffset().total_seconds() % 60)
    return value + second
"""
# Takes both readings of an hour for the first one.
_FOLDED = """
def sent(value):
    offset = value.replace(fold=0).utcoffset()
    return value.replace(tzinfo=datetime.timezone(offset))
"""
_HOUR = "given = lambda value: value + datetime.timedelta(hours=value.month == 10)"
WRONG = [
    ("times.utc", _NAIVE, "moment without a zone"),
    ("times.fraction", _WHOLE, "moment lost its fraction when given back"),
    ("times.offset", _DROPPED, "moment lost its offset when sent"),
    ("times.historical-offset", _MINUTES, "moment is another moment when sent"),
    ("times.gap", _DROPPED, "moment lost its offset when sent"),
    ("times.gap", _FOLDED, "moment is another moment when sent"),
    ("times.session-zone", _HOUR, "moment is another moment when given back"),
]


def test_a_driver_that_keeps_moments_passes(tmp_path: Path) -> None:
    """The same moment on both ways is a pass."""
    probes = sorted({probe for probe, _, _ in WRONG})

    lines = of_echo(tmp_path, "", probes)

    assert {name: line["outcome"] for name, line in lines.items()} == dict.fromkeys(probes, "pass")


@pytest.mark.parametrize(("probe", "wrong", "sign"), WRONG)
def test_a_driver_that_changes_a_moment_fails(tmp_path: Path, probe: str, wrong: str, sign: str) -> None:
    """A failure with a signature that says on which way."""
    line = of_echo(tmp_path, wrong, [probe])[probe]

    assert (line["outcome"], line["signature"]) == ("fail", f"Wrong {sign}")


def test_a_lost_offset_has_one_signature_whatever_the_offset(tmp_path: Path) -> None:
    """A driver of MySQL that drops offsets fails three questions of the same cause with the same words, not UTC's."""
    probes = ["times.gap", "times.historical-offset", "times.offset", "times.utc"]
    naive = "sent = lambda value: value.replace(tzinfo=None)"

    lines = of_echo(tmp_path, naive, probes, driver="pymysql", engine="mysql")

    assert lines["times.utc"]["outcome"] == "pass"
    assert {lines[one]["signature"] for one in probes[:3]} == {"Wrong moment lost its offset when sent"}
