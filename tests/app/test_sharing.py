"""Connections that the catalog shares: completed by each person, used once they are whole, edited for everybody."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from manager.app.connectors import active_with
from manager.app.saving import Given
from manager.app.sharing import Offer
from manager.core.environments import LaunchRequest
from manager.errors import Refused, UsageError
from tests.app.conftest import RELEASE, REPOSITORY, World, run

if TYPE_CHECKING:
    from pathlib import Path

    from manager.app.manager import Manager

FILE = "connectors/connections.toml"
TEXT = """\
[[connection]]
name = "warehouse"
connector = "postgresql"
owner = "data platform"
network = "bank"
needs = ["user", "password"]
parameters = { host = "db.example", database = "sales", sslmode = "verify-full" }

[[connection]]
name = "sample"
connector = "postgresql"
owner = "platform"
source = "postgresql-17"
parameters = { host = "postgresql-17", database = "sample", user = "solvent" }
"""


@pytest.fixture
def root(tmp_path: Path, world: World) -> Path:
    """Give a catalog of one's own, trusted, that shares two connections."""
    made = tmp_path / "ours"
    made.mkdir()
    shutil.copy(REPOSITORY / "solvent.toml", made)
    for part in ("images", "connectors", "compose"):
        shutil.copytree(REPOSITORY / part, made / part)
    (made / FILE).write_text(TEXT)
    manager = world.manager()
    from manager.app import catalogs

    catalogs.trust(made, manager.settings)
    return made


@pytest.fixture
def manager(world: World, root: Path) -> Manager:
    """Give a Manager of that catalog."""
    return world.manager(catalog=root)


def completed(manager: Manager) -> Manager:
    """Bring what is this person's own."""
    manager.add_connection("warehouse", parameters={"user": "ana"}, secrets={"password": "env:WAREHOUSE"})
    return manager


def test_shared_and_personal_connections_are_listed_together(manager: Manager) -> None:
    """With their origin, and with what is missing."""
    manager.add_connection("mine", "postgresql", url="postgresql://ana@db/x")

    found = {one.name: (one.origin, one.missing) for one in manager.connections()}

    assert found == {
        "mine": ("personal", ()), "sample": ("shared", ()), "warehouse": ("shared", ("user", "password"))
    }  # fmt: skip


def test_an_incomplete_one_is_refused_with_the_command_that_completes_it(world: World, manager: Manager) -> None:
    """Before anything is made, for a launch and for a test; completed, it is delivered whole."""
    world.engine.create_network("bank", {})
    request = LaunchRequest(RELEASE, name="work", connections=("warehouse",))

    for attempt in (lambda: manager.plan_launch(request), lambda: list(manager.test_connection("warehouse"))):
        with pytest.raises(Refused) as caught:
            attempt()
        assert caught.value.message == "connection warehouse lacks your user and your password"
        assert f"{FILE}:1" in caught.value.why
        assert caught.value.hint == ("solvent connection add warehouse --set user=... --secret password=env:VARIABLE")
    assert world.engine.specs == {}


def test_a_completed_one_is_delivered_whole(world: World, manager: Manager, monkeypatch: pytest.MonkeyPatch) -> None:
    """The catalog's parameters, the person's user and password, and the network that it is reached through."""
    world.engine.create_network("bank", {})
    monkeypatch.setenv("WAREHOUSE", "pä/ss")
    completed(manager)

    files = {one.path.rpartition("/")[2]: one.content.decode() for one in manager.delivery("warehouse")}
    run(manager, manager.plan_launch(LaunchRequest(RELEASE, name="work", connections=("warehouse",))))

    assert files["url"].startswith("postgresql+psycopg://ana:p%C3%A4%2Fss@db.example:5432/sales")
    assert "sslmode=verify-full" in files["url"]
    assert next(iter(world.engine.specs.values())).networks == ("solvent-environments", "bank")


def test_what_a_person_keeps_holds_only_their_own(manager: Manager) -> None:
    """When the team moves the server, nobody has to do anything."""
    completed(manager)

    text = (manager.settings.connections_dir / "warehouse.toml").read_text()

    assert text == '[parameters]\nuser = "ana"\n\n[secrets]\npassword = "env:WAREHOUSE"\n'


def test_the_catalog_s_word_counts(world: World, manager: Manager, root: Path) -> None:
    """What it decides cannot be taken over, and what it decides later wins over what a person has said."""
    with pytest.raises(UsageError, match="sslmode of warehouse is decided by the catalog"):
        manager.add_connection(
            "warehouse", parameters={"user": "ana", "sslmode": "disable"}, secrets={"password": "env:W"}
        )
    with pytest.raises(UsageError, match="network of warehouse is decided"):
        manager.add_connection("warehouse", parameters={"user": "ana"}, secrets={"password": "env:W"}, network="other")
    completed(manager)
    text = (root / FILE).read_text()
    (root / FILE).write_text(
        text.replace('sslmode = "verify-full"', 'sslmode = "verify-full", user = "team"').replace(
            'needs = ["user", "password"]', 'needs = ["password"]'
        )
    )

    assert dict(world.manager(catalog=root).connection("warehouse").parameters)["user"] == "team"


def test_half_of_what_is_needed_is_not_saved(manager: Manager) -> None:
    """All that is missing is named at once."""
    with pytest.raises(UsageError, match="needs your user as well"):
        manager.add_connection("warehouse", secrets={"password": "env:W"})
    with pytest.raises(UsageError, match="needs your password as well") as caught:
        manager.add_connection("warehouse", parameters={"user": "ana"})
    assert "--secret KEY=env:VARIABLE" in caught.value.hint
    assert manager.connection("warehouse").missing == ("user", "password")


def test_a_personal_one_of_that_name_wins(manager: Manager) -> None:
    """Nothing of the shared one is mixed into it, and the person hears of it."""
    connection, warnings = manager.add_connection("warehouse", "postgresql", url="postgresql://ana@mine/x")

    assert connection.origin == "personal"
    assert dict(manager.connection("warehouse").parameters) == {"host": "mine", "database": "x", "user": "ana"}
    assert manager.connection("warehouse").network == ""
    assert warnings == (f"it hides the connection warehouse that the catalog shares ({FILE}:1)",)


def test_removing_forgets_the_person_s_part_alone(manager: Manager) -> None:
    """The catalog's own is taken out by another word, and that is said."""
    completed(manager)

    manager.remove_connection("warehouse")

    assert manager.connection("warehouse").missing == ("user", "password")
    with pytest.raises(UsageError, match="nothing of yours to forget") as caught:
        manager.remove_connection("warehouse")
    assert caught.value.hint.endswith("solvent connection remove warehouse --shared")


def test_a_part_of_what_is_shared_no_longer(world: World, manager: Manager, root: Path) -> None:
    """It is listed, refused where it would be used, and can be forgotten."""
    completed(manager)
    (root / FILE).write_text("")
    later = world.manager(catalog=root)

    assert [(one.name, one.origin) for one in later.connections()] == [("warehouse", "orphaned")]
    with pytest.raises(Refused, match="this catalog shares none of that name"):
        later.plan_launch(LaunchRequest(RELEASE, connections=("warehouse",)))
    later.remove_connection("warehouse")
    assert later.connections() == ()


def test_a_shared_source_needs_nothing_of_anybody(world: World, manager: Manager) -> None:
    """Its password is made where it runs."""
    world.compose.start("postgresql-17", manager.settings.state_dir / "sources", lambda _: None)

    files = {one.path: one.content for one in manager.delivery("sample")}

    assert files["connections/sample/secrets/password"] == b"hunter2"


def test_sharing_writes_the_catalog_s_file(manager: Manager, root: Path) -> None:
    """Under canonical names, without secrets, with the usual needs; the others stay as they are."""
    made = manager.share_connection(
        "billing", "postgresql",
        Given(url="postgresql://billing.example/billing", parameters=(("dbname", "bills"),), network="bank"),
        Offer(description="Invoices."),
    )  # fmt: skip

    assert made.parameters == (("database", "bills"), ("host", "billing.example"))
    assert (made.needs, made.network) == (("user", "password"), "bank")
    assert made.owner == manager.settings.owner
    assert (root / FILE).read_text().startswith(TEXT)
    assert manager.connection("billing").origin == "shared"


@pytest.mark.parametrize(
    "given",
    [
        Given(url="postgresql://ana:hunter2@db/x"),
        Given(parameters=(("host", "db"), ("password", "hunter2"))),
        Given(parameters=(("host", "db"),), references=(("password", "env:PGPASSWORD"),)),
    ],
)
def test_a_secret_is_not_shared(manager: Manager, root: Path, given: Given) -> None:
    """Neither in clear nor by a reference, which would mean another thing to everybody."""
    with pytest.raises(UsageError, match="holds no secrets") as caught:
        manager.share_connection("billing", "postgresql", given, Offer())

    assert caught.value.hint == "--needs password"
    assert "hunter2" not in repr(vars(caught.value))
    assert (root / FILE).read_text() == TEXT


def test_the_shipped_catalog_shares_nothing_of_ours(world: World) -> None:
    """It is read-only; the way out is a catalog of one's own."""
    manager = world.manager()

    for attempt in (
        lambda: manager.share_connection("billing", "postgresql", Given(), Offer()),
        lambda: manager.unshare_connection("billing"),
    ):
        with pytest.raises(Refused, match="read-only") as caught:
            attempt()
        assert "solvent init" in caught.value.hint
    assert not (REPOSITORY / FILE).exists()


def test_a_shared_connection_in_use_is_not_taken_away(
    world: World, manager: Manager, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its environment would not start again; afterwards it goes, and what people keep stays theirs."""
    world.engine.create_network("bank", {})
    monkeypatch.setenv("WAREHOUSE", "x")
    completed(manager)
    run(manager, manager.plan_launch(LaunchRequest(RELEASE, name="work", connections=("warehouse",))))

    with pytest.raises(Refused, match="used by work"):
        manager.unshare_connection("warehouse")
    run(manager, manager.plan_remove("work"))
    manager.unshare_connection("warehouse")

    assert "warehouse" not in (root / FILE).read_text()
    assert (manager.settings.connections_dir / "warehouse.toml").is_file()


def test_a_network_is_kept_and_joined(world: World) -> None:
    """With the connection that names it; a missing one is refused before anything is made."""
    manager = world.manager()
    manager.add_connection("mart", "postgresql", url="postgresql://ana@db/x", network="bank")
    request = LaunchRequest(RELEASE, name="work", connections=("mart",))

    with pytest.raises(Refused, match="there is no network bank"):
        manager.plan_launch(request)
    world.engine.create_network("bank", {})
    run(manager, manager.plan_launch(request))

    assert next(iter(world.engine.specs.values())).networks == ("solvent-environments", "bank")


@pytest.mark.parametrize(("network", "why"), [("host", "cannot be 'host'"), ("a b", "no name that an engine gives")])
def test_networks_that_no_environment_joins(world: World, network: str, why: str) -> None:
    """They are refused where they are saved."""
    with pytest.raises(UsageError) as caught:
        world.manager().add_connection("mart", "postgresql", url="postgresql://ana@db/x", network=network)

    assert why in caught.value.why


def test_a_source_has_its_own_network(world: World) -> None:
    """Two ways to one server would be one too many."""
    with pytest.raises(UsageError, match="cannot be combined"):
        world.manager().add_connection("mart", "postgresql", source="postgresql-17", network="bank")


def test_a_connection_is_tested_in_the_newest_active_release(world: World) -> None:
    """Previews and retired ones are tested by their full name only."""
    manager = world.manager()

    names = [one.name for one in active_with(manager, manager.catalog.connector("postgresql"))]

    assert next(name for name in names if name.startswith("jupyterlab:")) == RELEASE
    assert "jupyterlab:4.2-py3.9" not in names
    assert "jupyterlab:4.4-py3.11" not in names, "it is deprecated on the tests' day"
