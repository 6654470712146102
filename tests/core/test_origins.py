"""Addresses of git repositories: what is read, what is refused with the way out, and that no credential is repeated."""

from __future__ import annotations

import pytest

from manager.core.origins import Origin, parse_origin, same
from manager.errors import UsageError

URL = "https://git.example/team/work.git"


@pytest.mark.parametrize(
    ("text", "origin"),
    [
        (URL, Origin(URL)),
        (f"{URL}#main", Origin(URL, "main")),
        (f"{URL}#feature/one-2.0+x", Origin(URL, "feature/one-2.0+x")),
        ("http://127.0.0.1:8080/work", Origin("http://127.0.0.1:8080/work")),
        ("git://git.example/work.git", Origin("git://git.example/work.git")),
    ],
)
def test_an_address_with_and_without_a_ref(text: str, origin: Origin) -> None:
    """It is written again as it was read."""
    assert parse_origin(text) == origin
    assert str(origin) == text


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("git@git.example:team/work.git", "not cloned over ssh", "--git https://git.example/team/work.git"),
        ("ssh://git@git.example:22/team/work.git", "not cloned over ssh", "--git https://git.example/team/work.git"),
        ("/srv/work.git", "not cloned from a folder", "--mount NAME"),
        ("file:///srv/work.git", "not cloned from a folder", "--mount NAME"),
        ("ftp://git.example/work.git", "not reached by ftp://", "https://"),
        ("https://git.example/", "names no git repository", "https://"),
        ("https:///work.git", "names no git repository", "https://"),
        ("https://git.example:x/work.git", "malformed", "https://"),
        ("https://git.example/a b", "malformed", "https://"),
        ("https://[::1/work.git", "malformed", "https://"),
        ("https://git.example/w\n.git", "malformed", "https://"),
        (f"{URL}#-x", "no branch, tag or commit", "#main"),
        (f"{URL}#a..b", "no branch, tag or commit", "#main"),
        (f"{URL}#a b", "no branch, tag or commit", "#main"),
    ],
)
def test_what_cannot_be_cloned_is_refused_with_the_way_out(text: str, message: str, hint: str) -> None:
    """ssh, folders and other schemes are named as what they are."""
    with pytest.raises(UsageError, match=message) as caught:
        parse_origin(text)

    assert hint in caught.value.hint


@pytest.mark.parametrize(
    "text",
    [
        "https://ana:hunter2-in-clear@git.example/work.git",
        "https://hunter2-in-clear@git.example/work.git",
        "https://git.example/work.git?private_token=hunter2-in-clear",
    ],
)
def test_a_credential_in_the_address_is_refused_and_not_repeated(text: str) -> None:
    """The hint says where it belongs."""
    with pytest.raises(UsageError) as caught:
        parse_origin(text)

    said = f"{caught.value.message} {caught.value.why} {caught.value.hint}"
    assert "hunter2" not in said
    assert "--git-secret env:NAME" in said


def test_spellings_of_one_repository() -> None:
    """The suffix, a last slash and the host's case do not count; everything else does."""
    assert same(URL, "https://GIT.example/team/work/")
    assert not same(URL, "https://git.example/team/Work.git")
    assert not same(URL, "http://git.example/team/work.git")
