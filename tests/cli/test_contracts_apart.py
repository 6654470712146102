"""Two versions that nobody knows are installed side by side; Snowflake's 4 and 5 by the contracts that are kept."""

from __future__ import annotations

from threading import Barrier, BrokenBarrierError
from typing import TYPE_CHECKING, Any

import pytest

from manager.app.settings import load
from manager.core.locks import Pin
from manager.errors import Failed
from manager.world import resolver

# The stub, its index and its catalog.
from tests.cli.test_connector_params import index

if TYPE_CHECKING:
    from tests.cli.conftest import World
    from tests.fakes import drivers

__all__ = ["index"]
SNOWFLAKE = ("--connector", "snowflake", "--set", "account=myorg-me", "--set", "user=ana")
OLD = ("--set", "region=eu-central-1", "--set", "ocsp_fail_open=true")
MOVE = ("--from", "4.0.0", "--to", "5.2.0")


def meeting(monkeypatch: pytest.MonkeyPatch, seconds: float) -> list[bool]:
    """Let each installation wait for another one that goes on meanwhile; gives whether each met one."""
    met: list[bool] = []
    both, install = Barrier(2), resolver.install

    def waiting(*words: Any, **more: Any) -> None:
        try:
            both.wait(seconds)
            met.append(True)
        except BrokenBarrierError:
            met.append(False)
        install(*words, **more)

    monkeypatch.setattr("manager.world.resolver.install", waiting)
    return met


def test_two_versions_are_installed_side_by_side(
    solvent: World, index: drivers.Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither waits for the other, both are said, and nothing of them is left."""
    met = meeting(monkeypatch, 30)

    ran = solvent("connector", "params", "stub", "--from", "1.0", "--to", "2.0")

    assert (ran.code, met) == (0, [True, True])
    said = [line for line in ran.err.splitlines() if "stub" in line]
    for version in ("1.0", "2.0"):
        # A slow machine says a line again, with its seconds.
        resolving = [at for at, line in enumerate(said) if f"resolving stub {version} for Python 3.13" in line]
        asking = [at for at, line in enumerate(said) if f"asking stub {version} for its parameters" in line]
        assert resolving[0] < asking[0]
    assert [one for one in (load().cache_dir / "contracts").iterdir() if one.is_dir()] == []


def test_a_version_that_is_known_keeps_the_other_from_waiting(
    solvent: World, index: drivers.Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: one installation alone meets nobody."""
    assert solvent("connector", "params", "stub", "--version", "1.0").code == 0
    met = meeting(monkeypatch, 0.1)

    assert solvent("connector", "params", "stub", "--from", "1.0", "--to", "2.0").code == 0
    assert (met, index.installed) == ([False], ["1.0", "2.0"])


@pytest.mark.parametrize(
    ("first", "second", "words"),
    [("1.0", "3.0", "hollow"), ("4.0", "2.0", "about to hang"), ("1.0", "8.0", "no version"),
     ("8.0", "2.0", "no version")],
)  # fmt: skip
def test_one_of_two_that_cannot_be_asked_is_the_error(
    solvent: World, index: drivers.Index, monkeypatch: pytest.MonkeyPatch, first: str, second: str, words: str
) -> None:
    """Whichever it is; nothing is on stdout and no folder is left."""
    from packaging.version import Version

    monkeypatch.setattr("manager.app.contracts._published", lambda *_: [Version(one) for one in ("1.0", "7.0")])

    ran = solvent("connector", "params", "stub", "--from", first, "--to", second, "-o", "json")

    assert (ran.code in (1, 2), ran.out) == (True, "")
    assert words in ran.error["message"] + ran.error["why"]
    assert [one for one in (load().cache_dir / "contracts").iterdir() if one.is_dir()] == []


def test_what_stands_in_for_what_has_no_wheel_is_kept_and_shown(
    solvent: World, index: drivers.Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With its version, also when it is read again; the negative control needs nothing of the kind."""
    plain = solvent("connector", "params", "stub", "--version", "2.0", "-o", "json")
    assert plain.json["stood_in"] == {}
    beside = resolver.beside

    def lacking(*words: Any, any_version: tuple[str, ...] = (), **more: Any) -> tuple[Pin, ...]:
        if not any_version:
            raise Failed("resolving: uv found no way", why="Because thrift==0.20.0 has no usable wheels, ...")
        assert any_version == ("thrift",)
        return (*beside(*words, **more), Pin("thrift", "0.22.0", "", ("sha256:" + "0" * 64,)))

    monkeypatch.setattr("manager.world.resolver.beside", lacking)
    words = ("connector", "params", "stub", "--version", "1.0")

    for _ in range(2):
        assert "asked with thrift 0.22.0, which stands in for one that has no wheel" in solvent(*words).err
    assert solvent(*words, "-o", "json").json["stood_in"] == {"thrift": "0.22.0"}
    assert sorted(index.installed) == ["1.0", "2.0"]


def test_a_connection_of_snowflake_4_is_told_what_5_ignores(solvent: World) -> None:
    """Both by name, that it ignores them; one that does not give them has nothing to fear from them."""
    assert solvent("connection", "add", "old", *SNOWFLAKE, *OLD).code == 0
    assert solvent("connection", "add", "plain", *SNOWFLAKE).code == 0

    old = solvent("connection", "lint", "old", *MOVE, "-o", "json")
    now = solvent("connection", "lint", "old", "--to", "5.2.0", "-o", "json")
    fine = solvent("connection", "lint", "plain", "--to", "5.2.0", "-o", "json")
    moved = solvent("connection", "lint", "plain", *MOVE, "-o", "json")

    assert (old.code, now.code, fine.code) == (3, 3, 0)
    for ran in (old, now):
        found = {one["parameter"]: one for one in ran.json["findings"]}
        for name in ("region", "ocsp_fail_open"):
            assert (found[name]["kind"], found[name]["severity"]) == ("disposition", "high")
            assert f"5.2.0 ignores it: Unknown parameter '{name}'" in found[name]["message"]
    assert fine.json["findings"] == []
    # Defaults that turn are all that it feels on the way.
    assert {one["kind"] for one in moved.json["findings"]} <= {"default"}


def test_snowflake_4_and_5_are_compared_without_index_and_engine(solvent: World) -> None:
    """The catalog keeps both; a parameter that is gone and swallowed is listed as both."""
    ran = solvent("connector", "params", "snowflake", *MOVE, "-o", "json")

    found = {(one["name"], one["kind"]): one for one in ran.json["changes"]}
    for name in ("region", "ocsp_fail_open"):
        assert found[name, "removed"]["severity"] == "high"
        gone = found[name, "disposition"]
        assert (gone["before"], gone["after"], gone["severity"]) == ("accepted", "ignored", "high")
    assert ("account", "removed") not in found
