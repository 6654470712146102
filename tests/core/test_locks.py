"""Locks: what they say, for whom, and what moved."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from manager.core.locks import MACHINES, Pin, merge, parse, pins_for, render, versions_of
from manager.errors import CatalogError

A, B = "sha256:" + "a" * 64, "sha256:" + "b" * 64
SHIPPED = sorted(
    path for kind in ("ide", "kernel") for path in (Path(__file__).parents[2] / "images").glob(f"*/locks/*/{kind}.lock")
)

_pins = st.builds(
    Pin,
    st.from_regex(r"[a-z][a-z0-9]{0,8}(-[a-z0-9]{1,4})?", fullmatch=True),
    st.from_regex(r"[0-9]{1,4}(\.[0-9]{1,3}){0,3}", fullmatch=True),
    st.sampled_from(["", "platform_machine == 'aarch64'", "python_version < '3.10'"]),
    st.lists(st.sampled_from([A, B]), min_size=1, unique=True).map(lambda found: tuple(sorted(found))),
)


@given(st.lists(_pins, unique_by=lambda pin: (pin.name, pin.marker)))
def test_what_is_written_is_read_back(pins: list[Pin]) -> None:
    """A lock that was rendered parses to the same pins, sorted."""
    text = render(pins, "a comment")

    assert parse(text) == tuple(sorted(pins))


def test_every_fault_is_told_at_once_with_its_line() -> None:
    """A wrong lock gives all its problems, each with file, line and name."""
    text = (
        "# a comment\n"
        "--index-url https://index.invalid/simple\n"
        f"good==1.0 --hash={A}\n"
        "bare==1.0\n"
        "loose>=1.0\n"
        f"odd==one.two \\\n    --hash={A}\n"
        "short==1.0 --hash=sha256:123\n"
        f"marked==1.0 ; machine is big --hash={A}\n"
        f"Good==2.0 --hash={B}\n"
    )

    with pytest.raises(CatalogError) as caught:
        parse(text, "ide.lock")

    assert [(one.file, one.line, one.key, one.why) for one in caught.value.problems] == [
        ("ide.lock", 2, "", "is no pin of the form name==version"),
        ("ide.lock", 4, "bare", "has no hash, so any file would do"),
        ("ide.lock", 5, "", "is no pin of the form name==version"),
        ("ide.lock", 6, "odd", "'one.two' is no exact version"),
        ("ide.lock", 8, "short", "'sha256:123' is no sha256 hash"),
        ("ide.lock", 9, "marked", "'machine is big' is no marker"),
        ("ide.lock", 10, "good", "is pinned twice"),
    ]


def test_a_machine_gets_what_its_markers_allow() -> None:
    """Markers are judged for CPython on Linux, by Python version and machine."""
    pins = (
        Pin("both", "1", "", (A,)),
        Pin("arm", "1", "platform_machine == 'aarch64'", (A,)),
        Pin("old", "1", "python_version < '3.10'", (A,)),
        Pin("windows", "1", "sys_platform == 'win32'", (A,)),
    )

    assert [pin.name for pin in pins_for(pins, "3.13", "x86_64")] == ["both"]
    assert [pin.name for pin in pins_for(pins, "3.13", "aarch64")] == ["both", "arm"]
    assert [pin.name for pin in pins_for(pins, "3.9", "x86_64")] == ["both", "old"]
    assert {pin.marker for pin in pins_for(pins, "3.9", "aarch64")} == {""}


def test_two_versions_of_one_distribution_are_refused() -> None:
    """A lock that leaves one machine with two versions of a distribution is wrong."""
    pins = (Pin("twice", "1", "", (A,)), Pin("twice", "2", "python_version > '3.10'", (A,)))

    assert pins_for(pins, "3.9", "x86_64")
    with pytest.raises(CatalogError, match="twice"):
        pins_for(pins, "3.13", "x86_64")


def test_a_marker_stands_only_where_machines_differ() -> None:
    """Merged pins of the machines carry a marker exactly where one machine lacks or differs."""
    both, here, there = Pin("both", "1", "", (A,)), Pin("moves", "2", "", (A,)), Pin("moves", "1", "", (B,))

    merged = merge({"x86_64": (both, here), "aarch64": (both, there)})

    assert [(pin.name, pin.version, pin.marker) for pin in merged] == [
        ("both", "1", ""),
        ("moves", "1", "platform_machine == 'aarch64'"),
        ("moves", "2", "platform_machine == 'x86_64'"),
    ]
    assert pins_for(merged, "3.13", "x86_64") == (both, here)
    assert pins_for(merged, "3.13", "aarch64") == (both, there)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_shipped_locks_are_whole_and_name_no_address(path: Path) -> None:
    """Every shipped lock parses, fits both machines, and holds nothing of the index that it was made from."""
    text = path.read_text()
    python = path.parent.name.rpartition("-py")[2]

    pins = parse(text, path.name)

    assert "://" not in text
    assert all(pins_for(pins, python, machine) for machine in MACHINES)
    # A kernel has the family's drivers, and no server of Jupyter; an IDE has no driver.
    names = {pin.name for pin in pins}
    assert ("psycopg" in names) == (path.stem == "kernel")
    assert "jupyterlab" not in names or path.stem == "ide"


def test_there_are_shipped_locks() -> None:
    """The test above had something to look at."""
    assert len(SHIPPED) >= 6


def test_single_pins_are_read_without_the_rest() -> None:
    """However a name is spelt, with a marker or not; a name that another one begins with is not meant."""
    text = (
        "# psycopg==1\n"
        f"psycopg==3.3.9 \\\n    --hash=sha256:{'0' * 64}\n"
        f"Psycopg_Binary==3.3.8 ; platform_machine == 'x86_64' \\\n    --hash=sha256:{'0' * 64}\n"
        "psycopg2==2.9\nno lock at all\n"
    )
    assert versions_of(text, ["psycopg", "psycopg-binary"]) == (("psycopg", "3.3.9"), ("psycopg-binary", "3.3.8"))
    assert versions_of(text, ["psyc", "binary"]) == ()
    assert versions_of(text, []) == ()


@pytest.mark.parametrize("before", ["", "  ", "\t", "beta==1 --hash=sha256:" + "0" * 64 + "\u2028", "\\\n", "# x\x85"])
@pytest.mark.parametrize("name", ["psycopg-binary", "Psycopg_Binary", "PSYCOPG.binary", "psycopg_-.binary"])
def test_what_is_read_alone_is_what_is_locked(before: str, name: str) -> None:
    """Whatever a line begins with and however a name is spelt: what parse takes for a pin is found."""
    text = f"{before}{name}==3.3.9 --hash=sha256:{'0' * 64}\n"
    pins = {(pin.name, pin.version) for pin in parse(text)}
    assert ("psycopg-binary", "3.3.9") in pins
    assert set(versions_of(text, ["psycopg-binary"])) == pins - {("beta", "1")}
    assert versions_of(text, ["binary"]) == ()
