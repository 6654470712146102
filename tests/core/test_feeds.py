"""Feeds: the shape of endoflife.date, and a calendar that follows RFC 5545."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from manager.core.calendar import calendar
from manager.core.feeds import products
from manager.core.lifecycle import Schedule
from manager.core.observed import Build, BuildStatus
from tests.fakes.world import TODAY, catalog, release

CATALOG = replace(catalog(), name="bank")
BUILD = Build("lab:4", "20261101.1", "sha256:aa", "s", (), BuildStatus.PROMOTED, datetime(2026, 11, 1, tzinfo=UTC), 1)
TEXT, DAY, TRUTH = {"type": "string"}, {"type": "string", "format": "date"}, {"type": "boolean"}
MAYBE = {"type": ["string", "null"]}


def whole(**properties: Any) -> dict[str, Any]:
    """Give the schema of an object that has all of these."""
    return {"type": "object", "properties": properties, "required": list(properties)}


# What endoflife.date's API, version 1, says of "all products, with all their details".
SHAPE = whole(
    schema_version=TEXT,
    total={"type": "integer"},
    result={
        "type": "array",
        "items": whole(
            name=TEXT,
            label=TEXT,
            aliases={"type": "array", "items": TEXT},
            category=TEXT,
            tags={"type": "array", "items": TEXT, "minItems": 1},
            identifiers={"type": "array"},
            labels=whole(eol=TEXT, eoas=MAYBE, discontinued=MAYBE, eoes=MAYBE),
            links=whole(html={"type": "string", "format": "uri"}, icon=MAYBE, releasePolicy=MAYBE),
            releases={
                "type": "array",
                "items": whole(
                    name=TEXT,
                    codename=MAYBE,
                    label=TEXT,
                    releaseDate=DAY,
                    isLts=TRUTH,
                    ltsFrom=MAYBE,
                    isEoas=TRUTH,
                    eoasFrom=DAY,
                    isDiscontinued=TRUTH,
                    discontinuedFrom=DAY,
                    isEol=TRUTH,
                    eolFrom=DAY,
                    isMaintained=TRUTH,
                    latest={"anyOf": [whole(name=TEXT, date=DAY, link=MAYBE), {"type": "null"}]},
                    custom={"type": "object", "additionalProperties": MAYBE},
                ),
            },
        ),
    },
)


def cycle(line: str, day: date = TODAY) -> Any:
    """Give one release as the feed has it on a day."""
    (product,) = products(CATALOG, {"lab:4": BUILD}, day)["result"]
    return next(one for one in product["releases"] if one["name"] == line)


def test_the_feed_has_the_shape() -> None:
    """On any day, for every stage."""
    for day in (TODAY, date(2020, 1, 1), date(2035, 1, 1)):
        jsonschema.validate(products(CATALOG, {"lab:4": BUILD}, day), SHAPE)


def test_what_is_over_on_a_day_is_said() -> None:
    """The flags follow the dates; the newest release comes first; only a promoted build is the latest."""
    (product,) = products(CATALOG, {"lab:4": BUILD}, TODAY)["result"]

    assert [one["name"] for one in product["releases"]] == ["5", "4", "3", "2", "1", "0", "00"]
    old = cycle("2")
    assert (old["isEoas"], old["isDiscontinued"], old["isEol"], old["isMaintained"]) == (True, False, False, True)
    assert (old["eolFrom"], old["custom"]["successor"]) == ("2027-01-03", "lab:4")
    assert cycle("2", date(2027, 1, 3))["isEol"]
    assert not cycle("2", date(2027, 1, 2))["isEol"]
    assert not cycle("5")["isMaintained"]
    assert (cycle("4")["latest"]["name"], cycle("2")["latest"]) == ("20261101.1", None)


def events(text: str) -> list[dict[str, str]]:
    """Read a calendar back: lines unfolded, properties by name, text unescaped."""
    assert text.endswith("END:VCALENDAR\r\n")
    assert "\n" not in text.replace("\r\n", "")
    assert max(len(line.encode()) for line in text.split("\r\n")) <= 75
    found: list[dict[str, str]] = []
    for line in text.replace("\r\n ", "").split("\r\n"):
        name, _, value = line.partition(":")
        if line == "BEGIN:VEVENT":
            found.append({})
        elif found and name not in ("END", "BEGIN") and name:
            unescaped = re.sub(r"\\(.)", lambda one: "\n" if one[1] == "n" else one[1], value)
            found[-1][name.partition(";")[0]] = unescaped
    return found


def test_each_date_is_an_all_day_event_with_a_lasting_identity() -> None:
    """A date that moves keeps its UID and gets a higher sequence."""
    first = events(calendar(CATALOG, TODAY, {"lab:2": 1}))
    moved = replace(release("2"), schedule=replace(release("2").schedule, end_of_life=date(2027, 1, 20)))
    lines = tuple(moved if one.line == "2" else one for one in CATALOG.releases)
    later = replace(CATALOG, families=(replace(CATALOG.families[0], releases=lines),))
    second = events(calendar(later, TODAY + timedelta(days=1), {"lab:2": 2}))

    assert len(first) == 5 * len(CATALOG.releases)
    assert len({one["UID"] for one in first}) == len(first)
    assert [one["UID"] for one in first] == [one["UID"] for one in second]
    before, after = (
        next(one for one in found if one["UID"] == "lab:2/end_of_life@bank.solvent") for found in (first, second)
    )
    assert (before["DTSTART"], before["SEQUENCE"], before["DTSTAMP"]) == ("20270103", "0", "20261121T000000Z")
    assert (after["DTSTART"], after["SEQUENCE"], after["DTSTAMP"]) == ("20270120", "1", "20261122T000000Z")
    assert before["SUMMARY"] == "lab:2 retires"
    assert "DTSTART;VALUE=DATE:20270103\r\n" in calendar(CATALOG, TODAY, {})


def test_the_same_day_gives_the_same_bytes() -> None:
    """Whatever the order of families and releases."""
    lines = tuple(reversed(CATALOG.families[0].releases))
    turned = replace(CATALOG, families=(replace(CATALOG.families[0], releases=lines),))

    assert calendar(turned, TODAY, {}) == calendar(CATALOG, TODAY, {})
    assert products(turned, {}, TODAY) == products(CATALOG, {}, TODAY)


@given(message=st.text(max_size=300))
def test_any_text_is_folded_and_escaped(message: str) -> None:
    """No line is longer than 75 octets, no character is cut, and what is read back is what was said."""
    nasty = replace(release("2"), message=message)
    spoiled = replace(CATALOG, families=(replace(CATALOG.families[0], releases=(nasty, release("4"))),))

    found = next(one for one in events(calendar(spoiled, TODAY, {})) if one["UID"].startswith("lab:2/end"))

    # JSON's surrogates have no UTF-8, and no file of a catalog has them.
    said = " ".join("".join(char if char.isprintable() else " " for char in message).split())
    assert found["DESCRIPTION"] == "\n".join(
        ["Bound by policy.", "Its successor is lab:4.", *([said] if message else [])]
    )


@pytest.mark.parametrize("day", [date(2028, 2, 29), date(2026, 12, 31)])
def test_days_stand_as_they_are(day: date) -> None:
    """A leap day and the last of a year."""
    dates = Schedule(day, day, day, day, day, day)
    one = replace(CATALOG, families=(replace(CATALOG.families[0], releases=(replace(release("2"), schedule=dates),)),))

    assert {each["DTSTART"] for each in events(calendar(one, TODAY, {}))} == {day.strftime("%Y%m%d")}
