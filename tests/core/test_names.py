"""Names and labels: what an engine takes, and what two people or two realms never share."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from manager.core.names import Names, checked
from manager.errors import UsageError

DOCKER = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_.-]+")


@pytest.mark.parametrize("name", ["a", "a" * 40, "lab-2", "0.x_y"])
def test_names_that_are_taken(name: str) -> None:
    """Lower case, digits and three signs, beginning with a letter or digit."""
    assert checked(name) == name


@pytest.mark.parametrize(
    ("name", "hint"), [("", "work"), ("A b", "a-b"), ("-x", "x"), ("ä", "work"), ("a" * 41, "a" * 40)]
)
def test_names_that_are_not(name: str, hint: str) -> None:
    """The hint is a name that would be taken."""
    with pytest.raises(UsageError, match="cannot be used") as caught:
        checked(name)

    assert caught.value.hint == f"try {hint!r}"
    assert checked(hint) == hint


@given(owner=st.text(max_size=40))
def test_any_owner_gives_a_name_that_an_engine_takes(owner: str) -> None:
    """The operating system takes more than an engine does."""
    names = Names()

    for name in (names.environment(owner, "x"), names.workspace(owner, "x"), names.home(owner, "lab")):
        assert DOCKER.fullmatch(name), name


@given(owners=st.lists(st.text(min_size=1, max_size=40), min_size=2, max_size=2, unique=True))
def test_two_owners_never_share_a_volume(owners: list[str]) -> None:
    """Not by case, by signs, or by length."""
    assert len({Names().workspace(owner, "x") for owner in owners}) == 2


def test_owners_that_are_plain_keep_their_name() -> None:
    """The usual case is readable; the same owner gives the same name each time."""
    assert Names().workspace("ana", "files") == "solvent-ws-ana-files"
    assert Names("t-1").environment("first.last-of-a-long-name", "x").startswith("t-1-first.last-of-")
    assert Names().home("Ana", "lab") == Names().home("Ana", "lab") != Names().home("ana", "lab")


def test_realms_are_apart() -> None:
    """Every name begins with the realm, every label set says it."""
    one, two = Names("one"), Names("two")

    assert dict(one.labels("home", family="lab")) == {
        "io.solvent.realm": "one", "io.solvent.kind": "home", "io.solvent.family": "lab"
    }  # fmt: skip
    assert one.filter() == {"io.solvent.realm": "one"}
    assert one.filter("base") == {"io.solvent.realm": "one", "io.solvent.kind": "base"}
    for name in ("network", "sources"):
        assert getattr(one, name).startswith("one-")
        assert getattr(one, name) != getattr(two, name)
    assert one.image("lab", "4") == "one/lab:4"
    assert one.image("lab", "4", "20261121.1") == "one/lab:4-20261121.1"
    assert one.base("trixie", "0123456789abcdef") == "one/base:trixie-0123456789ab"
