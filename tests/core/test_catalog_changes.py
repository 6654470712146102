"""Differences of catalogs: by key where a file is data, by file otherwise, and what only moved is none."""

from __future__ import annotations

import random
import tomllib

from manager.core.catalog_changes import Change, Saying, changes, sayings

FAMILY = """
title = "Lab"
connectors = ["postgresql"]
[policy]
active_for = "P21M"
[[release]]
line = "2"
released = 2026-06-18
[[release]]
line = "1"
python = "3.11"
"""


def said(text: str, file: str = "family.toml", digest: str = "d1") -> tuple[Saying, ...]:
    """Give what a TOML text says."""
    return (Saying(file, "", digest), *sayings(file, tomllib.loads(text)))


def test_each_key_is_named_as_a_person_would() -> None:
    """Elements of arrays by what they are known by; values as JSON."""
    assert {one.key: one.value for one in said(FAMILY) if one.key} == {
        "title": '"Lab"',
        "connectors": '["postgresql"]',
        "policy.active_for": '"P21M"',
        "release[2].line": '"2"',
        "release[2].released": '"2026-06-18"',
        "release[1].line": '"1"',
        "release[1].python": '"3.11"',
    }


def test_keys_are_added_removed_and_changed() -> None:
    """With both sides where there are two; the digest of the file goes without saying."""
    after = FAMILY.replace('"Lab"', '"Laboratory"').replace('python = "3.11"', 'system = "trixie"')

    assert changes(said(FAMILY), said(after, digest="d2")) == (
        Change("family.toml", "release[1].python", "removed", '"3.11"', ""),
        Change("family.toml", "release[1].system", "added", "", '"trixie"'),
        Change("family.toml", "title", "changed", '"Lab"', '"Laboratory"'),
    )


def test_an_element_that_only_moved_is_no_change_of_a_key() -> None:
    """Nor are the lines of a file in another order; that the bytes differ is said."""
    one, two = (part for part in FAMILY.split("[[release]]")[1:])
    moved = FAMILY.split("[[release]]", maxsplit=1)[0] + f"[[release]]{two}[[release]]{one}"
    lines = list(said(FAMILY))
    random.Random(1).shuffle(lines)

    assert changes(said(FAMILY), said(moved)) == ()
    assert changes(said(FAMILY), lines) == ()
    assert changes(said(FAMILY), said(moved, digest="d2")) == (Change("family.toml", "", "changed", "d1", "d2"),)


def test_a_whole_file_is_said_once() -> None:
    """By its digest, however many keys it has."""
    assert changes(said(FAMILY), ()) == (Change("family.toml", "", "removed", "d1", ""),)
    assert changes((), said(FAMILY)) == (Change("family.toml", "", "added", "", "d1"),)
