"""Advisories in OSV's format: which versions they are about, as the schema's own evaluation says."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.version import Version

from manager.core.advisories import called, joined, looks_like_one, read


def osv(events: list[dict[str, str]] | None = None, name: str = "Psy_copg", **more: Any) -> dict[str, Any]:
    """Give a document of one advisory with one range."""
    ranges = [{"type": "ECOSYSTEM", "events": events}] if events else []
    package = {"ecosystem": "PyPI", "name": name}
    affected = [{"package": package, "ranges": ranges, "versions": more.pop("versions", [])}]
    return {"id": "GHSA-1111-2222-3333", "modified": "2026-11-01T00:00:00Z", "affected": affected, **more}


@pytest.mark.parametrize(
    ("events", "inside", "outside"),
    [
        ([{"introduced": "0"}], ["0.0.1", "99"], []),
        ([{"introduced": "0"}, {"fixed": "1.0.2"}], ["1.0.1", "1.0.2rc1"], ["1.0.2", "1.0.10"]),
        ([{"introduced": "1.0"}, {"fixed": "1.10"}], ["1.0", "1.9"], ["0.9", "1.10"]),
        ([{"introduced": "0"}, {"last_affected": "2.1"}], ["2.1", "2.1.0"], ["2.1.1", "2.1.post1"]),
        (
            [{"fixed": "1.2"}, {"introduced": "2.0"}, {"introduced": "0"}, {"fixed": "2.5"}],
            ["1.1", "2.4"],
            ["1.5", "2.5"],
        ),
        ([{"introduced": "1.4"}, {"last_affected": "1.4"}], ["1.4"], ["1.3", "1.5"]),
        ([{"introduced": "0"}, {"limit": "2.0"}], ["1.9"], ["2.0", "3"]),
        ([{"introduced": "0"}, {"limit": "*"}], ["3"], []),
        ([{"introduced": "0"}, {"fixed": "nonsense"}], ["1"], []),
        ([{"introduced": "nonsense"}, {"fixed": "2"}], ["1"], ["2"]),
        ([{"introduced": "0"}, {"fixed": "1"}, {"introduced": "1"}], ["1", "2"], []),
    ],
)
def test_a_version_is_in_a_range_by_the_last_turn_before_it(
    events: list[dict[str, str]], inside: list[str], outside: list[str]
) -> None:
    """Whatever order they are written in; what cannot be read rather affects too much."""
    (one,) = read(osv(events))

    assert [version for version in (*inside, *outside) if one.has("psy-copg", version)] == inside
    assert not any(one.has("other", version) for version in inside)


def test_listed_versions_are_affected_by_value() -> None:
    """1.0 and 1.0.0 are one; what is no version is compared as written."""
    (one,) = read(osv(versions=["1.0", "2004d"]))

    assert one.has("psy-copg", "1.0.0")
    assert one.has("psy-copg", "2004d")
    assert not one.has("psy-copg", "2004e")
    assert not one.has("psy-copg", "1.1")


def test_the_way_out_is_the_lowest_fixed_version_above() -> None:
    """None where none is named, or where it is affected again."""
    (one,) = read(osv([{"introduced": "0"}, {"fixed": "1.5"}, {"introduced": "2.0"}, {"fixed": "2.5"}]))

    assert (one.fixed("psy-copg", "1.0"), one.fixed("psy-copg", "2.1")) == ("1.5", "2.5")
    assert one.fixed("psy-copg", "1.6") == ""
    assert read(osv([{"introduced": "0"}]))[0].fixed("psy-copg", "1") == ""


def test_the_way_out_of_one_entry_does_not_lead_into_another() -> None:
    """Each of its entries may be about the same distribution."""
    said = osv([{"introduced": "0"}, {"fixed": "1.5"}])
    said["affected"] += osv([{"introduced": "1.4"}, {"fixed": "1.6"}])["affected"]
    (one,) = read(said)

    assert one.has("psy-copg", "1.5")
    assert one.fixed("psy-copg", "1.0") == "1.6"


def test_only_pypi_and_what_was_not_withdrawn_counts() -> None:
    """A list is read as a whole; ranges of commits say nothing about versions."""
    npm = {"id": "GHSA-x", "affected": [{"package": {"ecosystem": "npm", "name": "psycopg"}}]}
    git = osv()
    git["affected"][0]["ranges"] = [{"type": "GIT", "repo": "r", "events": [{"introduced": "0"}]}]

    found = read([npm, osv(withdrawn="2026-11-02T00:00:00Z"), git])

    assert [one.names for one in found] == [(), (), ("psy-copg",)]
    assert not found[2].has("psy-copg", "1")
    kept = read(osv([{"introduced": "0"}]))
    assert joined(kept, read(osv(withdrawn="2026-11-02T00:00:00Z")), ["psy-copg"]) == ()


@pytest.mark.parametrize(
    "said",
    [
        1, "x", [1], {}, {"id": "a", "affected": [1]}, {"id": "a", "affected": {"b": 1}},
        {"id": "a", "affected": [{"package": {"ecosystem": "PyPI"}}]},
        {"id": "a", "affected": [{"package": {"ecosystem": "PyPI", "name": "b"}, "ranges": {"events": []}}]},
    ],
)  # fmt: skip
def test_what_is_no_advisory_is_said(said: Any) -> None:
    """One error, and never another one."""
    with pytest.raises(ValueError, match="no advisory in the format of OSV"):
        read(said)


def test_newer_ones_take_the_place_of_earlier_and_others_go() -> None:
    """By id; an alias finds it too, in any case."""
    old, new = read(osv([{"introduced": "0"}], summary="old")), read(osv([{"introduced": "0"}], aliases=["CVE-2026-1"]))
    other = read(osv([{"introduced": "0"}], name="other", id="GHSA-9"))

    found = joined(old, (*new, *other), ["Psy.copg"])

    assert found == new
    assert called(found, "cve-2026-1") == called(found, "GHSA-1111-2222-3333") == new[0]
    assert called(found, "CVE-2026-2") is None
    assert read([one.to_json() for one in found]) == found


@pytest.mark.parametrize(
    ("modified", "stays"),
    [
        ("2026-01-31T00:00:00Z", True),
        ("2026-10-31T23:59:59.999+00:00", True),
        ("2026-11-01T00:00:00Z", False),
        ("2026-11-01T00:00:00.5Z", False),
        ("", False),
        ("some day", False),
    ],
)
def test_what_was_modified_later_stays(modified: str, *, stays: bool) -> None:
    """An older bundle or file takes nothing back; what does not say when it was modified is taken as it comes."""
    kept = read(osv([{"introduced": "0"}], summary="kept"))
    came = read(osv([{"introduced": "0"}], summary="came", modified=modified))

    assert joined(kept, came, ["psy-copg"]) == (kept if stays else came)


@pytest.mark.parametrize(
    ("text", "is_one"),
    [("CVE-2026-12345", True), ("ghsa-1234-abcd-56ef", True), ("PYSEC-2026-1", True), ("DSA-5678-1", True),
     ("go-task-bin", False), ("psycopg", False), ("cve-tools", False)],
)  # fmt: skip
def test_ids_are_told_from_packages(text: str, is_one: bool) -> None:
    """What looks like one and is not known is a mistake, and no package that nobody has."""
    assert looks_like_one(text) == is_one


@given(st.integers(0, 20), st.integers(0, 20), st.integers(0, 20), st.booleans())
def test_a_range_is_what_lies_between(first: int, last: int, version: int, is_fixed: bool) -> None:
    """From the introduction on and below the fix, or up to the last one."""
    end = "fixed" if is_fixed else "last_affected"
    (one,) = read(osv([{end: f"1.{last}"}, {"introduced": f"1.{first}"}]))
    at, start, stop = Version(f"1.{version}"), Version(f"1.{first}"), Version(f"1.{last}")

    if start <= stop:
        assert one.has("psy-copg", str(at)) == (start <= at < stop or (not is_fixed and at == stop) or
                                                (is_fixed and start == stop and at >= start))  # fmt: skip
