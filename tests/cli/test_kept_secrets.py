"""Secrets that Solvent keeps for a connection: none is left behind, lost to another or taken away with another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from manager.world.claims import Claims

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Ran, World

PLANTED = "pl4nted-s3cret"


def added(solvent: World, name: str, *secret: str) -> Ran:
    """Save a connection whose password comes as these words."""
    return solvent("connection", "add", name, "--connector", "postgresql",
                   "--set", "host=db", "--set", "database=sales", "--set", "user=ana", *secret)  # fmt: skip


def test_a_connection_that_cannot_be_written_leaves_no_secret(solvent: World, tmp_path: Path) -> None:
    """Its secret was kept before."""
    (tmp_path / "home" / "config").mkdir(parents=True)
    (tmp_path / "home" / "config" / "connections").write_text("in the way")

    ran = added(solvent, "sales", "--set", f"password={PLANTED}")

    assert (ran.code, ran.err.splitlines()[0]) == (1, "error: connection sales cannot be saved")
    assert [file for file in (tmp_path / "home" / "state").rglob("*") if file.is_file()] == []


def test_of_two_that_save_one_name_one_keeps_its_secret(solvent: World, tmp_path: Path) -> None:
    """The other one ends before it keeps anything."""
    other = Claims(tmp_path / "home" / "state" / "claims")
    assert other.take("connection.sales")

    ran = added(solvent, "sales", "--set", f"password={PLANTED}")
    other.close()

    assert (ran.code, "being saved by another command" in ran.err) == (5, True)
    assert not (tmp_path / "home" / "state" / "secrets").exists()
    assert added(solvent, "sales", "--set", f"password={PLANTED}").code == 0


def test_a_secret_that_another_connection_keeps_stays(solvent: World, tmp_path: Path) -> None:
    """Removing a connection that refers to it takes nothing away; removing its own does."""
    kept = tmp_path / "home" / "state" / "secrets" / "sales.password"
    added(solvent, "sales", "--set", f"password={PLANTED}")
    added(solvent, "report", "--secret", f"password=file:{kept}")

    assert solvent("connection", "remove", "report").code == 0
    assert kept.read_text() == PLANTED
    assert solvent("connection", "remove", "sales").code == 0
    assert not kept.exists()
