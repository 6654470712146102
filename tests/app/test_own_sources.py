"""A person's own sources: kept as files, asked with what is allowed there, and never failed for being away."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from manager.app.own_sources import Allowed
from manager.app.saving import Given
from manager.core.checks import Checked
from manager.errors import Refused, UsageError
from tests.app.test_checks import Sandbox, one, planned, request, run, sandbox, world

if TYPE_CHECKING:
    from tests.app.conftest import World

__all__ = ["sandbox", "world"]
URL = "postgresql://tenant@db.example.com/shop"


def add(world: World, able: tuple[str, ...] = ("schema-only",), schema: str = "checks", **more: Any) -> None:
    """Save a source ``shop`` with its connection; its password is in a variable."""
    given = Given(URL, references=(("password", "env:SHOP"),), **more)
    world.manager().add_source("shop", "postgresql", given, Allowed(able, schema, version="17"))


def test_it_is_asked_with_what_is_allowed_there(
    world: World, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It counts as real, nothing is started for it, and its password is nowhere."""
    monkeypatch.setenv("SHOP", "pa55-of-the-shop")
    add(world)

    found = one(world, request(sources=("shop",)))

    assert (found.verdict, found.cell.source, found.cell.source_kind) == ("verified", "shop", "real")
    told = sandbox.asked[0]["source"]
    assert {name: told[name] for name in ("host", "port", "database", "user", "schema", "own", "capabilities")} == {
        "host": "db.example.com", "port": "5432", "database": "shop", "user": "tenant", "schema": "checks",
        "own": True, "capabilities": ["schema-only"],
    }  # fmt: skip
    assert told["password"] == "pa55-of-the-shop"
    assert "pa55" not in repr(found)
    assert world.compose.up == []


def test_it_is_only_asked_where_it_is_named(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """No run of everything goes to a person's server by itself."""
    monkeypatch.setenv("SHOP", "pa55-of-the-shop")
    add(world)

    found = planned(world.manager(), request(sources=()))

    assert "shop" not in {cell.source for cell in found.cells}


def test_without_its_secret_it_is_not_run(world: World, sandbox: Sandbox) -> None:
    """That is nobody's failure, and no answer to rest on."""
    add(world)

    found = one(world, request(sources=("shop",)))

    assert (found.verdict, [each.outcome for each in found.answers]) == ("inconclusive", ["not_run"])
    assert "password" in found.reason
    assert not sandbox.asked


def test_what_cannot_be_asked_anything_is_not_run(
    world: World, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sandbox says so before it asks."""
    monkeypatch.setenv("SHOP", "pa55-of-the-shop")
    add(world)
    sandbox.raw = "{}"
    answer = Sandbox.__call__

    def away(self: Sandbox, container: str, stdin: bytes) -> Any:
        import json

        self.raw = json.dumps({"nonce": json.loads(stdin)["nonce"], "absent": "the source does not answer"})
        return answer(self, container, stdin)

    monkeypatch.setattr(Sandbox, "__call__", away)

    found = one(world, request(sources=("shop",)))

    assert (found.verdict, found.reason) == ("inconclusive", "source: the source does not answer")
    assert found.answers[0].outcome == "not_run"


def test_a_network_that_is_not_there_is_refused(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before anything is made; one that is there is the sandbox's only one."""
    monkeypatch.setenv("SHOP", "pa55-of-the-shop")
    add(world, network="lab")

    with pytest.raises(Refused, match="there is no network lab"):
        planned(world.manager(), request(sources=("shop",)))

    world.engine.create_network("lab", {})
    assert one(world, request(sources=("shop",))).verdict == "verified"


def test_what_a_driver_cannot_be_told_is_not_left_out(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection that checks the server's certificate is never made without that."""
    monkeypatch.setenv("SHOP", "pa55-of-the-shop")
    add(world, parameters=(("sslmode", "verify-ca"),))

    found = one(world, request(sources=("shop",)))

    assert (found.verdict, "sslmode" in found.reason) == ("inconclusive", True)


def test_a_server_elsewhere_is_another_source(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was found at the old place does not count at the new one."""
    monkeypatch.setenv("SHOP", "pa55-of-the-shop")
    add(world)
    run(world, request(sources=("shop",)))
    asked = request(sources=("shop",), changed=True)
    assert not planned(world.manager(), asked).cells

    manager = world.manager()
    manager.remove_source("shop")
    add(world, able=("read-only",), schema="")

    assert len(planned(world.manager(), asked).cells) == 1


def test_a_test_of_it_is_not_kept(world: World, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """A part of the probes is no answer of the cell."""
    monkeypatch.setenv("SHOP", "pa55-of-the-shop")
    add(world)
    manager = world.manager()
    *_, plan = manager.plan_source_test("shop")
    sandbox.says["connect."] = [{"outcome": "pass"}]

    assert not isinstance(plan, str)
    *_, found = manager.try_checks(plan)

    assert isinstance(found, tuple)
    assert isinstance(found[0], Checked)
    assert sandbox.asked[0]["probes"] == ["connect."]
    assert not manager.check_runs(5)
    assert len(planned(world.manager(), request(sources=("shop",), changed=True)).cells) == 1


@pytest.mark.parametrize(
    ("able", "schema", "why"),
    [
        (("everything",), "", "no capability"),
        (("read-only", "fresh-database"), "", "exclude each other"),
        (("schema-only",), "", "one schema"),
        (("read-only",), "checks", "one schema"),
    ],
)
def test_what_is_allowed_has_to_make_sense(world: World, able: tuple[str, ...], schema: str, why: str) -> None:
    """Nothing is saved otherwise."""
    with pytest.raises(UsageError, match=why):
        add(world, able, schema)

    assert not world.manager().connections()


def test_a_shipped_name_is_taken(world: World) -> None:
    """It would be asked instead."""
    with pytest.raises(Refused, match="already"):
        world.manager().add_source("postgresql-17", "postgresql", Given(URL), Allowed())


def test_a_broken_file_is_said_and_can_be_removed(world: World) -> None:
    """It hides no other source."""
    add(world)
    manager = world.manager()
    (manager.settings.sources_dir / "shop.toml").write_text("able = 3\n", encoding="utf-8")

    shown = {view.name: view.state for view in world.manager().sources()}
    assert "broken" in shown["shop"]
    assert "postgresql-17" in shown

    manager.remove_source("shop")
    assert not list(manager.settings.sources_dir.iterdir())
