"""``source add``, ``list`` and ``remove`` for a data source of a person's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from manager.app.settings import load

if TYPE_CHECKING:
    from tests.cli.conftest import World

URL = "postgresql://tenant@db.example.com/shop"


def test_a_source_is_saved_with_its_connection_and_goes_with_it(solvent: World) -> None:
    """A password in clear is kept elsewhere; the files say where."""
    added = solvent("source", "add", "shop", "--connector", "postgresql", "--url", URL, "--set", "password=Cl3ar-text",
                    "--able", "schema-only", "--able", "may_kill", "--schema", "checks", "-o", "json")  # fmt: skip

    assert added.code == 0, added.err
    assert added.json["source"]["capabilities"] == ["schema-only", "may_kill"]
    folder = load().config_dir
    texts = [file.read_text() for kind in ("sources", "connections") for file in (folder / kind).glob("*.toml")]
    assert len(texts) == 2
    assert not any("Cl3ar" in text for text in (*texts, added.out, added.err))
    assert (folder / "sources" / "shop.toml").stat().st_mode & 0o777 == 0o600
    listed = {one["name"]: one for one in solvent("source", "list", "-o", "json").json["sources"]}
    assert (listed["shop"]["kind"], listed["shop"]["state"]) == ("real", "own")
    assert "postgresql-17" in listed

    assert solvent("source", "remove", "shop").code == 0
    assert not list((folder / "connections").iterdir())
    assert solvent("source", "remove", "shop").code == 2


def test_a_source_may_name_a_saved_connection_which_stays(solvent: World) -> None:
    """It is not the source's."""
    solvent("connection", "add", "shop", "--connector", "postgresql", "--url", URL, "--secret", "password=env:SHOP")

    assert solvent("source", "add", "test-of-shop", "--connection", "shop").code == 0
    assert solvent("source", "add", "again", "--connection", "shop", "--url", URL).code == 2
    refused = solvent("connection", "remove", "shop")
    assert (refused.code, "solvent source remove test-of-shop" in refused.err) == (5, True)
    assert solvent("source", "remove", "test-of-shop").code == 0
    assert [one["name"] for one in solvent("connection", "list", "-o", "json").json["connections"]] == ["shop"]
    assert solvent("connection", "remove", "shop").code == 0


def test_a_shipped_source_is_neither_removed_nor_tested_as_an_own_one(solvent: World) -> None:
    """The words for it are others."""
    for word in ("remove", "test"):
        ran = solvent("source", word, "postgresql-17")

        assert (ran.code, "shipped" in ran.err) == (2, True)


def test_a_parameter_that_is_given_twice_is_refused(solvent: World) -> None:
    """As it is for a connection: nobody can tell which was meant."""
    for option, words in (("--set", ("host=a", "host=b")), ("--secret", ("password=env:A", "password=env:B"))):
        ran = solvent("source", "add", "shop", "--connector", "postgresql", option, words[0], option, words[1])

        assert (ran.code, "is given twice" in ran.err) == (2, True)
    assert not (load().config_dir / "connections").exists()
