"""The administrator's list of folders: what it grants to whom, what narrows it, and what a start still finds in it."""

from __future__ import annotations

import pytest

from manager.core.containers import LABEL, Mount
from manager.core.mounts import Granted, HostFolder, from_labels, grant, labelled, still_granted
from manager.errors import Refused, UsageError

DATA = HostFolder("data", "/srv/data", "rw", "/mnt/data", origin="/etc/solvent/config.toml:1")
ARCHIVE = HostFolder(
    "archive", "/srv/archive", "ro", "/mnt/archive", ("bea", "@analysts"), "/etc/solvent/config.toml:5"
)
LISTED = (DATA, ARCHIVE)


def test_the_list_decides_and_ro_narrows() -> None:
    """The mode is the list's; ``:ro`` makes less of it, and of read-only nothing is made."""
    whole, narrowed = grant(LISTED, ("data",), "ana", ()), grant(LISTED, ("data:ro",), "ana", ())
    archive = grant(LISTED, ("archive",), "bea", ())

    assert [one.mode for one in (*whole, *narrowed, *archive)] == ["rw", "ro", "ro"]
    assert narrowed[0].mount == Mount("/srv/data", "/mnt/data", read_only=True, kind="bind")


@pytest.mark.parametrize("word", ["archive:rw", "data:rw", "data:", "data:RO"])
def test_nothing_widens(word: str) -> None:
    """Whatever else stands behind the colon is refused."""
    with pytest.raises(UsageError, match="cannot be read"):
        grant(LISTED, (word,), "bea", ())


def test_folders_for_some_people_only() -> None:
    """By name or by group; everybody else is told who it is for."""
    assert grant(LISTED, ("archive",), "ana", ("users", "analysts"))

    with pytest.raises(Refused, match="mount archive is not for ana") as caught:
        grant(LISTED, ("archive",), "ana", ("users", "bea"))

    assert caught.value.why == "/etc/solvent/config.toml:5  who = bea, @analysts"


def test_unknown_names() -> None:
    """A near miss is suggested; without a list, the hint says who makes one."""
    with pytest.raises(UsageError, match="there is no mount 'dat'") as near:
        grant(LISTED, ("dat",), "ana", ())
    with pytest.raises(UsageError) as none:
        grant((), ("data",), "ana", ())

    assert near.value.hint == "did you mean data?"
    assert "/etc/solvent/config.toml" in none.value.hint


def test_a_folder_comes_once() -> None:
    """The same name twice, and two names for one place."""
    other = HostFolder("other", "/srv/other", "ro", "/mnt/data")

    with pytest.raises(UsageError, match="the mount data is asked for twice"):
        grant(LISTED, ("data", "data:ro"), "ana", ())
    with pytest.raises(UsageError, match="the folder /mnt/data is asked for twice"):
        grant((*LISTED, other), ("data", "other"), "ana", ())


def test_a_label_keeps_what_was_granted() -> None:
    """And what Solvent did not write is nothing."""
    had = grant(LISTED, ("data:ro", "archive"), "bea", ())

    assert from_labels({LABEL + "mounts": labelled(had)}) == had
    assert labelled(()) == ""
    for odd in ("", "{}", "[1]", "[[1,2]]", "nonsense", "null"):
        assert from_labels({LABEL + "mounts": odd}) == ()


@pytest.mark.parametrize(
    ("now", "why"),
    [
        ((ARCHIVE,), "there is no mount 'data'"),
        ((HostFolder("data", "/srv/data", "ro", "/mnt/data"),), "the list says now: /srv/data at /mnt/data ro"),
        ((HostFolder("data", "/srv/new", "rw", "/mnt/data"),), "the list says now: /srv/new at /mnt/data rw"),
        ((HostFolder("data", "/srv/data", "rw", "/mnt/data", ("bea",)),), "mount data is not for ana"),
    ],
)
def test_what_the_list_does_not_grant_any_more(now: tuple[HostFolder, ...], why: str) -> None:
    """Removed, narrowed, moved, or for others: the environment does not start with what it had."""
    had = (Granted("data", "/srv/data", "/mnt/data", "rw"),)
    still_granted(LISTED, had, "work", "ana", ())

    with pytest.raises(Refused, match="which is not granted any more") as caught:
        still_granted(now, had, "work", "ana", ())

    assert why in caught.value.why
    assert "solvent env remove work" in caught.value.hint
