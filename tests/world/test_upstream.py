"""Indexes are asked conditionally, and what they said stands in where they are silent."""

from __future__ import annotations

import json
import ssl
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from manager.app.driver_notes import notes
from manager.core.editions import editions
from manager.core.mirrors import Mirrors
from manager.core.reach import Login, Reach
from manager.core.secrets import Secret
from manager.core.watching import Published
from manager.errors import Unreachable
from manager.world.upstream import Told, Upstream
from tests.fakes.indexes import Index, serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture
def index() -> Iterator[Index]:
    """Serve an index with a distribution, a package of npm and a suite."""
    with serving() as made:
        made.python("lab", ("4.6.0", "2026-06-18"), ("4.7.0", "2026-11-02"), ("4.8.0rc1", "2026-11-20"))
        made.npm("code", ("4.1.0", "2026-01-02"), ("4.2.0", "2026-02-02"))
        made.debian("trixie", git="1:2.47.3-0", libc6="2.41-12")
        yield made


@pytest.fixture
def upstream(index: Index, tmp_path: Path) -> Upstream:
    """Give the way to it."""
    return Upstream(tmp_path, reach(index), NOW)


def reach(index: Index) -> Reach:
    """Give the mirrors that lead to it, with a login for Python's."""
    mirrors = Mirrors(python=f"{index.address}/simple", npm=f"{index.address}/npm", apt=f"{index.address}/debian")
    return Reach(mirrors, (("python", Login("ana", Secret("pass-word"))),))


def test_versions_come_with_the_day_of_their_first_file(upstream: Upstream) -> None:
    """From the JSON of a simple index, and from npm's document."""
    assert upstream.python("lab")[:2] == (
        Published("4.6.0", date(2026, 6, 18)), Published("4.7.0", date(2026, 11, 2)),
    )  # fmt: skip
    assert upstream.npm("code")[1] == Published("4.2.0", date(2026, 2, 2))


def test_packages_of_a_suite_come_with_their_newest_version(index: Index, upstream: Upstream) -> None:
    """From whatever form of the list the mirror has; as dpkg orders versions."""
    text = b"Package: git\nVersion: 1:2.9-1\n\nPackage: git\nVersion: 1:2.10-1\n\nno stanza\n"
    index.pages["/debian/dists/sid/main/binary-amd64/Packages"] = text

    assert upstream.debian(f"{index.address}/debian", "trixie") == {"git": "1:2.47.3-0", "libc6": "2.41-12"}
    assert upstream.debian(f"{index.address}/debian", "sid") == {"git": "1:2.10-1"}
    with pytest.raises(Unreachable, match="no packages of potato"):
        upstream.debian(f"{index.address}/debian", "potato")


def test_yanked_files_and_files_without_a_name_do_not_count(index: Index, upstream: Upstream) -> None:
    """As an installer would not take them."""
    index.python("yanked", ("1.0", "2026-01-01"), yanked="broken")

    with pytest.raises(Unreachable, match="cannot be read"):
        upstream.python("yanked")


def test_asking_again_costs_a_short_answer(index: Index, upstream: Upstream, tmp_path: Path) -> None:
    """304 and what was kept; something newer is read anew."""
    first = upstream.python("lab")
    again = Upstream(tmp_path, reach(index), NOW).python("lab")
    index.python("lab", ("5.0", "2026-11-21"))
    fresh = Upstream(tmp_path, reach(index), NOW).python("lab")

    assert [status for _, status, _ in index.asked] == [200, 304, 200]
    assert again == first
    assert fresh == (Published("5.0", date(2026, 11, 21)),)


def test_what_was_kept_stands_in_for_a_silent_index(index: Index, upstream: Upstream, tmp_path: Path) -> None:
    """With a note of which day; without anything kept it is said that nobody answers."""
    first = upstream.python("lab")
    index.pages.clear()

    later = Upstream(tmp_path, reach(index), NOW)

    assert later.python("lab") == first
    assert [note.rpartition(": ")[2] for note in later.kept] == ["what it said on 2026-11-21 is taken"]
    with pytest.raises(Unreachable, match="answers 404"):
        later.python("other")


@pytest.mark.parametrize("damage", ["", "{", '{"sha256": 1}'])
def test_a_damaged_note_is_none(index: Index, upstream: Upstream, tmp_path: Path, damage: str) -> None:
    """It is asked for as for the first time."""
    upstream.python("lab")
    (note,) = tmp_path.glob("*.json")
    note.write_text(damage)

    assert len(Upstream(tmp_path, reach(index), NOW).python("lab")) == 3
    assert [status for _, status, _ in index.asked] == [200, 200]


@pytest.mark.parametrize("said", [b"<html>", b"[]", b"{}", b'{"files": 1}', b'{"files": [{"filename": "x"}]}'])
def test_an_answer_that_is_none_is_said(index: Index, upstream: Upstream, said: bytes) -> None:
    """Such as the page of an index without JSON, or one without days (PEP 700)."""
    index.pages["/simple/lab/"] = said

    with pytest.raises(Unreachable, match="cannot be read"):
        upstream.python("lab")


def test_a_cache_that_cannot_be_written_only_costs_time(index: Index, tmp_path: Path) -> None:
    """The answer is there all the same, and asked for again the next time."""
    (tmp_path / "file").write_text("")
    upstream = Upstream(tmp_path / "file" / "cache", reach(index), NOW)

    assert upstream.python("lab") == upstream.python("lab")
    assert not upstream.kept


def test_a_login_reaches_the_index_and_nothing_else(index: Index, upstream: Upstream, tmp_path: Path) -> None:
    """It is in no file, and other indexes do not get it."""
    upstream.python("lab")
    upstream.npm("code")

    (_, _, python), (_, _, npm) = index.asked
    assert python["Authorization"].startswith("Basic ")
    assert "Authorization" not in npm
    assert all(b"pass-word" not in file.read_bytes() for file in tmp_path.iterdir())


def test_without_a_mirror_the_index_is_that_of_uv(
    index: Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As this machine has it."""
    monkeypatch.setenv("UV_DEFAULT_INDEX", f"{index.address}/simple")
    way = replace(reach(index), mirrors=Mirrors(), logins=())

    assert len(Upstream(tmp_path, way, NOW).python("lab")) == 3


def test_where_nothing_names_an_index_the_clients_own_is_asked(
    index: Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A variable comes first; without either it is said which one is missing."""
    for name in ("UV_DEFAULT_INDEX", "UV_INDEX_URL", "npm_config_registry", "NPM_CONFIG_REGISTRY"):
        monkeypatch.delenv(name, raising=False)
    defaults = {"python": lambda: f"{index.address}/simple/", "npm": lambda: ""}
    upstream = Upstream(tmp_path, replace(reach(index), mirrors=Mirrors(), logins=()), NOW, defaults)

    assert len(upstream.python("lab")) == 3
    with pytest.raises(Unreachable, match="nothing names an index for npm"):
        upstream.npm("code")


def test_several_distributions_are_asked_at_once_and_each_has_its_answer(index: Index, upstream: Upstream) -> None:
    """Every file with what matters of it; one that nobody knows says why, and spoils nothing."""
    index.python("driver", ("1.0", "2026-01-01"), yanked="broken", **{"requires-python": ">=3.9"})
    for number in range(20):
        index.python(f"one-{number}", ("1.0", "2026-01-01"))

    told = upstream.distributions(["lab", "Driver", "gone", *(f"one-{number}" for number in range(20))])

    (file,) = told["driver"].files
    assert (file.name, file.yanked, file.why, file.requires_python) == (
        "driver-1.0-py3-none-any.whl", True, "broken", ">=3.9",
    )  # fmt: skip
    assert len(told["lab"].files) == 3
    assert (told["gone"].state, told["gone"].why.endswith("/simple/gone/ answers 404")) == ("silent", True)
    assert sum(one.state == "asked" for one in told.values()) == 22
    assert all(path.startswith("/simple/") for path, _, _ in index.asked)
    assert not upstream.kept


def test_a_second_round_is_answered_in_short(index: Index, upstream: Upstream, tmp_path: Path) -> None:
    """304 for each; the same files."""
    first = upstream.distributions(["lab"])
    again = Upstream(tmp_path, reach(index), NOW).distributions(["lab"])

    assert [status for _, status, _ in index.asked] == [200, 304]
    assert (again["lab"].state, again["lab"].files) == ("unchanged", first["lab"].files)


def test_the_same_bytes_from_an_index_without_etags_are_not_read_again(
    index: Index, upstream: Upstream, tmp_path: Path
) -> None:
    """They come whole each time, and count as unchanged; others are read."""
    index.tags = False
    first = upstream.distributions(["lab"])
    again = Upstream(tmp_path, reach(index), NOW + timedelta(days=1)).distributions(["lab"])
    index.python("lab", ("9.9", "2026-11-22"))
    fresh = Upstream(tmp_path, reach(index), NOW).distributions(["lab"])

    assert [status for _, status, _ in index.asked] == [200] * 3
    assert (again["lab"].state, again["lab"].files) == ("unchanged", first["lab"].files)
    assert again["lab"].at == NOW + timedelta(days=1)
    assert (fresh["lab"].state, len(fresh["lab"].files)) == ("asked", 1)


@pytest.mark.parametrize("how", ["half", "page", "silent", "slow", "no index"])
def test_nothing_replaces_what_was_kept_but_a_whole_answer(
    index: Index, upstream: Upstream, tmp_path: Path, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half an answer, another page, a slow one, none: what was said before counts, with its day."""
    first = upstream.distributions(["lab"])
    index.python("lab", ("9.9", "2026-11-22"))
    way = reach(index)
    if how == "half":
        index.broken.add("/simple/lab/")
    elif how == "page":
        index.pages["/simple/lab/"] = b"<html>sign in</html>"
    elif how == "silent":
        way = replace(way, mirrors=Mirrors(python="http://127.0.0.1:9/simple"))
        del index.pages["/simple/lab/"]
    elif how == "slow":
        monkeypatch.setattr("manager.world.upstream._WHOLE", -1.0)
    else:
        for name in ("UV_DEFAULT_INDEX", "UV_INDEX_URL"):
            monkeypatch.delenv(name, raising=False)
        way = replace(way, mirrors=Mirrors(), logins=())
    later = Upstream(tmp_path, way, NOW + timedelta(days=3))

    told = later.distributions(["lab"])

    assert (told["lab"].state, told["lab"].files, told["lab"].at) == ("kept", first["lab"].files, NOW)
    assert told["lab"].why
    # The negative control: a whole answer does.
    monkeypatch.setattr("manager.world.upstream._WHOLE", 30.0)
    index.broken.clear()
    index.python("lab", ("9.9", "2026-11-22"))
    fresh = Upstream(tmp_path, reach(index), NOW).distributions(["lab"])
    assert [one.name for one in fresh["lab"].files] == ["lab-9.9-py3-none-any.whl"]


def test_what_was_learnt_is_known_without_asking(index: Index, upstream: Upstream, tmp_path: Path) -> None:
    """Whatever index it came from; what nobody asked for is left out, and so is what was damaged."""
    upstream.distributions(["lab"])
    asked = len(index.asked)

    elsewhere = Upstream(tmp_path, now=NOW)
    assert elsewhere.learnt(["Lab", "other"]).keys() == {"lab"}
    assert elsewhere.learnt(["lab"])["lab"].at == NOW
    assert len(index.asked) == asked
    for damage in ("{", "[]", '{"lab": "../../etc/passwd"}', '{"lab": 1}'):
        (tmp_path / "names.json").write_text(damage)
        assert elsewhere.learnt(["lab"]) == {}


@pytest.mark.parametrize("at", [{}, {"at": "x"}, {"at": 1}])
def test_an_answer_that_does_not_say_when_is_none(
    index: Index, upstream: Upstream, tmp_path: Path, at: dict[str, Any]
) -> None:
    """As one with other bytes is none: it is asked for again."""
    upstream.distributions(["lab"])
    (file,) = [one for one in tmp_path.glob("*.json") if one.name != "names.json"]
    known = json.loads(file.read_text())
    file.write_text(json.dumps({key: value for key, value in known.items() if key != "at"} | at))

    assert Upstream(tmp_path, now=NOW).learnt(["lab"]) == {}
    assert Upstream(tmp_path, reach(index), NOW).distributions(["lab"])["lab"].state == "asked"


def test_a_time_without_a_zone_is_one_in_utc(index: Index, upstream: Upstream) -> None:
    """It is compared with others, and no machine's own zone moves its day."""
    index.pages["/simple/bare/"] = json.dumps({"files": [
        {"filename": "bare-1.0.tar.gz", "upload-time": "2026-01-01T23:30:00"},
        {"filename": "bare-1.0-py3-none-any.whl", "upload-time": "2026-01-02T01:00:00+02:00"},
    ]}).encode()  # fmt: skip

    (one,) = editions(upstream.distributions(["bare"])["bare"].files)

    assert one.released == date(2026, 1, 1)


def test_an_index_without_times_is_told_so(index: Index, upstream: Upstream) -> None:
    """Files without an upload-time have none; the versions are there all the same."""
    index.pages["/simple/bare/"] = b'{"files": [{"filename": "bare-1.0-py3-none-any.whl", "yanked": false}]}'

    assert upstream.distributions(["bare"])["bare"].files[0].at is None


def test_of_an_answer_only_what_matters_is_kept(index: Index, upstream: Upstream, tmp_path: Path) -> None:
    """No address of a file, which may hold a login, and no hash."""
    index.python("lab", ("1.0", "2026-01-01"), url="https://ana:pass-word@index/lab.whl", hashes={"sha256": "f" * 64})

    upstream.distributions(["lab"])

    assert all(b"pass-word" not in file.read_bytes() and b"fff" not in file.read_bytes() for file in tmp_path.iterdir())


def test_a_silent_index_is_said_once_with_the_age_of_what_counts() -> None:
    """Not a line for each distribution."""
    why = "https://index/simple/{}/ does not answer"
    told = {name: Told("", NOW, "kept", why.format(name)) for name in "abcd"} | {"e": Told(why=why.format("e"))}

    assert notes(told, NOW + timedelta(days=3)) == (
        "4 distributions (a, ...): https://index/simple does not answer:"
        " what it said on 2026-11-21 (3 days ago) is taken",
        "e: https://index/simple does not answer",
    )
    assert notes({"a": Told("", NOW, "asked")}, NOW) == ()


def test_authorities_are_read_once_for_all_who_ask(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Others that a variable names, and those of another bundle, are read anew."""
    from manager import web_client

    read: list[str] = []
    context = ssl.create_default_context()
    monkeypatch.setattr(
        "manager.web_client.ssl.create_default_context", lambda cadata=None: read.append(cadata or "") or context
    )
    web_client._trust.cache_clear()

    for _ in range(3):
        web_client.opened().close()
    assert read == [""]
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "other.pem"))
    web_client.opened().close()
    web_client.opened(Reach(bundle="PEM")).close()
    assert len(read) == 3
    web_client._trust.cache_clear()
