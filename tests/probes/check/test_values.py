"""What comes back has to be what was stored: a driver that changes a value is found, and says which."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.probes.check.support import of_echo

if TYPE_CHECKING:
    from pathlib import Path

# A driver that does not do as it should: probe, what it does, the signature of it.
WRONG = [
    ("values.decimal", "given = float", "decimal float"),
    ("values.decimal", "sent = lambda value: type(value)(str(value)[:-1])", "decimal Decimal"),
    ("values.money", "given = str", "money str"),
    ("values.timestamp", "given = lambda value: value.date()", "timestamp date"),
    ("values.timestamp-fraction", "given = lambda value: value.replace(microsecond=0)", "timestamp datetime"),
    ("values.early-date", "given = lambda value: value + datetime.timedelta(10)", "date date"),
    ("values.early-timestamp", "given = lambda value: value - datetime.timedelta(10)", "timestamp datetime"),
    ("values.last-day", "given = lambda value: None", "date NoneType"),
    ("values.last-timestamp", "given = lambda value: value.replace(year=1999)", "timestamp datetime"),
    ("values.date", "given = lambda value: datetime.datetime(value.year, value.month, value.day)", "date datetime"),
    ("values.time", "given = lambda value: value.replace(second=0)", "time time"),
    ("values.time-fraction", "given = lambda value: value.replace(microsecond=0)", "time time"),
    ("values.unicode", "given = lambda value: value.encode('ascii', 'replace').decode()", "text str"),
    ("values.empty", "given = lambda value: value or None", "empty NoneTypeNoneType"),
    ("values.empty", "given = lambda value: value or ''", "empty strstr"),
    ("values.bytes", "given = lambda value: value.split(b'\\0')[0]", "bytes bytes"),
    ("values.bytes", "given = lambda value: value.hex()", "bytes str"),
    ("values.large-text", "given = lambda value: value[:65535]", "large text"),
    ("values.large-bytes", "sent = lambda value: value[:65535]", "large bytes bytes"),
    ("values.boolean", "given = lambda value: None if value is None else int(value)", "boolean int"),
    ("values.boolean", "given = bool", "boolean bool"),
    ("values.int64", "given = lambda value: int(float(value))", "bigint int"),
    ("values.int64", "sent = lambda value: value & 0xffffffff", "bigint int"),
    ("values.double", "sent = lambda value: float(f'{value:.15g}')", "double float"),
    ("values.infinity", "given = lambda value: None", "double NoneType"),
    ("values.nan", "given = lambda value: 0.0", "nan float"),
    ("values.uuid", "given = lambda value: value.hex", "uuid str"),
    ("values.json", "given = lambda value: value.replace('9007199254740993', '9007199254740992')", "json dict"),
    ("values.array", "given = str", "array str"),
    ("values.array", "given = lambda value: [one for one in value if one]", "array list"),
    ("values.interval", "given = lambda value: datetime.timedelta(abs(value).days)", "interval timedelta"),
]


def test_a_driver_that_keeps_values_passes(tmp_path: Path) -> None:
    """What comes back as it was is a pass, for each question that a driver is found wrong with below."""
    probes = sorted({probe for probe, _, _ in WRONG})

    lines = of_echo(tmp_path, "", probes)

    assert {name: line["outcome"] for name, line in lines.items()} == dict.fromkeys(probes, "pass")


@pytest.mark.parametrize(("probe", "wrong", "sign"), WRONG)
def test_a_driver_that_changes_a_value_fails(tmp_path: Path, probe: str, wrong: str, sign: str) -> None:
    """A failure with a signature that says which value, and what became of it."""
    line = of_echo(tmp_path, wrong, [probe])[probe]

    assert (line["outcome"], line["signature"]) == ("fail", f"Wrong {sign}")


def test_what_an_engine_has_not_is_not_asked(tmp_path: Path) -> None:
    """MySQL has no NaN, no infinity, no arrays and no intervals; its booleans are numbers, its times timedeltas."""
    lacking = ["values.array", "values.infinity", "values.interval", "values.nan"]
    own = """
def given(value):
    if isinstance(value, datetime.time):
        return datetime.datetime.combine(datetime.datetime.min, value) - datetime.datetime.min
    return int(value) if isinstance(value, bool) else value
"""

    lines = of_echo(tmp_path, own, [*lacking, "values.time", "values.boolean"], driver="pymysql", engine="mysql")

    outcomes = {name: line["outcome"] for name, line in lines.items()}
    assert outcomes == {**dict.fromkeys(lacking, "unsupported"), "values.boolean": "pass", "values.time": "pass"}
