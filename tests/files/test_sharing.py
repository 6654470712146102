"""Shared connections in a catalog: read, judged, and edited without losing a comment or a colleague's work."""

from __future__ import annotations

# A case stays on one line, however long: the table is read by column.
# ruff: noqa: E501
import stat
import threading
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from manager.core.catalog import Place
from manager.core.sharing import SharedConnection
from manager.errors import CatalogError, Refused, UsageError
from manager.world import files
from tests.files.spoiling import Case, spoiled

if TYPE_CHECKING:
    from conftest import Small

FILE = "connectors/connections.toml"
TEXT = """\
# Asked for by sales.
[[connection]]
name = "warehouse"
connector = "postgresql"
owner = "data platform"   # ask them
description = "The sales warehouse."
network = "bank"
needs = ["user", "password"]
parameters = { host = "db.example", port = 5433 }

[[connection]]
name = "sample"
connector = "postgresql"
owner = "platform"
source = "postgresql-17"
"""
BILLING = SharedConnection(
    "billing", "postgresql", (("host", "billing.example"),), ("password",), Place("", 0), owner="ana"
)


@pytest.fixture
def shared(small: Small) -> Small:
    """Give a catalog that shares two connections."""
    small.write(FILE, TEXT)
    return small


def test_what_a_catalog_shares(shared: Small) -> None:
    """Values are text, needs are as written or the usual ones, and each knows its line."""
    warehouse, sample = files.load(shared.root, shipped=False).connections

    assert warehouse == SharedConnection(
        "warehouse", "postgresql", (("host", "db.example"), ("port", "5433")), ("user", "password"), Place(FILE, 2),
        network="bank", description="The sales warehouse.", owner="data platform",
    )  # fmt: skip
    assert (sample.source, sample.needs, sample.place.line) == ("postgresql-17", (), 11)


def test_the_usual_needs_are_the_password_and_what_is_missing(shared: Small) -> None:
    """A file that says nothing about it asks for what the connector cannot do without."""
    shared.edit(FILE, 'needs = ["user", "password"]\n', "")
    shared.edit("connectors/postgresql/connector.toml", 'name = "user"\n', 'name = "user"\nrequired = true\n')

    assert files.load(shared.root, shipped=False).connections[0].needs == ("user", "password")


CASES = [
    Case("a secret by its name", "port = 5433", 'password = "hunter2"', "parameters.password", "parameters", "a secret in"),
    Case("a secret in a URL", '"db.example"', '"tcp://u:hunter2@db"', "parameters.host", "parameters", "a secret in"),
    Case("a secret in the description", "The sales", "x://a:hunter2@b The", "description", "description", "a secret in"),
    Case("a secret as a key", 'network = "bank"', 'password = "hunter2"', "password", "password", "unknown key"),
    Case("a table of secrets", 'network = "bank"', 'secrets = { password = "hunter2" }', "secrets", "secrets", "unknown key"),
    Case("a number that is none", "port = 5433", 'port = "many"', "parameters.port", "parameters", "must be an integer"),
    Case("a number beyond all", "port = 5433", f"port = {'9' * 900}", "parameters.port", "parameters", "must be an integer"),
    Case("an alias", 'needs = ["user"', 'needs = ["username"', "needs[0]", "needs", "no canonical", "write user"),
    Case("an unknown parameter", "port = 5433", 'prot = "1"', "parameters.prot", "parameters", "no canonical", "port"),
    Case("needed and given", 'needs = ["user"', 'needs = ["host"', "needs[0]", "needs", "host is given above"),
    Case("an unknown connector", 'connector = "postgresql"', 'connector = "postgres"', "connector", "connector", "unknown connector", "postgresql"),
    Case("an unknown source", "postgresql-17", "postgresql-71", "source", "source", "unknown source", "postgresql-17"),
    Case("two ways", 'network = "bank"', 'network = "bank"\nsource = "postgresql-17"', "network", "network", "its own network"),
    Case("the host's network", '"bank"', '"host"', "network", "network", "cannot be 'host'"),
    Case("a name twice", '"sample"', '"warehouse"', "name", "name", "duplicate connection"),
    Case("nobody's", 'owner = "platform"\n', "", "owner", "[[connection]]", "is missing"),
    Case("a name that no folder takes", '"sample"', '"Sample"', "name", "name", "lower-case"),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_a_spoiled_file_gives_its_problem_with_its_line(shared: Small, case: Case) -> None:
    """One edit, one problem, and no secret in what is said of it."""
    assert spoiled(shared, FILE, case).key.split(".", 1)[1] == case.key


def test_a_connector_that_cannot_be_read_is_not_held_against_its_connections(shared: Small) -> None:
    """What it might have said is unknown; its own problem is enough."""
    shared.write("connectors/postgresql/connector.toml", "id = \n")

    with pytest.raises(CatalogError) as caught:
        files.load(shared.root, shipped=False)

    assert {one.file for one in caught.value.problems} == {"connectors/postgresql/connector.toml"}


def content(small: Small) -> str:
    """Give the digest of the catalog as it is."""
    return files.load(small.root, shipped=False).content


def test_a_connection_is_added_and_every_comment_stays(shared: Small) -> None:
    """The old text stands above the new one, byte for byte."""
    files.share(shared.root, content(shared), BILLING)

    text = (shared.root / FILE).read_text()
    assert text.startswith(TEXT + '\n[[connection]]\nname = "billing"\n')
    added = files.load(shared.root, shipped=False).connections[-1]
    assert added == replace(BILLING, place=added.place)


def test_the_first_one_makes_a_file_that_the_team_can_read(small: Small) -> None:
    """And the second keeps the mode that somebody gave it."""
    files.share(small.root, content(small), BILLING)
    file = small.root / FILE
    assert stat.S_IMODE(file.stat().st_mode) & 0o044, "readable by others, as the umask allows"
    file.chmod(0o664)

    files.share(small.root, content(small), replace(BILLING, name="other"))

    assert stat.S_IMODE(file.stat().st_mode) == 0o664
    assert [one.name for one in file.parent.iterdir() if one.name.startswith(".")] == []


def test_a_connection_is_taken_out_and_the_others_stay(shared: Small) -> None:
    """With their comments; a name that is not there is said."""
    files.unshare(shared.root, content(shared), "sample")

    text = (shared.root / FILE).read_text()
    assert text.startswith(TEXT[: TEXT.index('\n[[connection]]\nname = "sample"')])
    assert "sample" not in text
    with pytest.raises(UsageError, match="'sample'"):
        files.unshare(shared.root, content(shared), "sample")


def test_a_catalog_that_changed_since_it_was_read_is_not_written(shared: Small) -> None:
    """Any of its files counts: what was decided on is no longer what is there."""
    before = content(shared)
    shared.edit(FILE, "5433", "5434")
    text = (shared.root / FILE).read_text()

    with pytest.raises(Refused, match="has changed since it was read"):
        files.share(shared.root, before, BILLING)

    assert (shared.root / FILE).read_text() == text


def test_of_two_administrators_at_once_one_is_told(shared: Small) -> None:
    """Neither edit is lost, and neither overwrites the other."""
    before = content(shared)
    told: list[str] = []

    def edit(name: str) -> None:
        try:
            files.share(shared.root, before, replace(BILLING, name=name))
        except Refused as refusal:
            told.append(refusal.message)

    threads = [threading.Thread(target=edit, args=(f"c{number}",)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert told == ["the catalog has changed since it was read"] * 3
    assert len(files.load(shared.root, shipped=False).connections) == 3


@pytest.mark.parametrize(
    "wrong", [{"name": "warehouse"}, {"connector": "postgres"}, {"parameters": (("password", "hunter2"),)}]
)
def test_what_would_be_a_problem_is_not_written(shared: Small, wrong: dict[str, object]) -> None:
    """The catalog's own check decides, before the file is touched."""
    with pytest.raises(CatalogError) as caught:
        files.share(shared.root, content(shared), replace(BILLING, **wrong))  # type: ignore[arg-type]

    assert caught.value.problems
    assert "hunter2" not in str(caught.value.problems)
    assert (shared.root / FILE).read_text() == TEXT
