"""``solvent catalog diff`` and ``accept``: how a catalog of one's own and the shipped one part ways."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import pytest

from manager.world import files

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import World

FAMILY = "images/jupyterlab/family.toml"
KERNEL = "images/jupyterlab/locks/4.6-py3.13/kernel.lock"
CONFIG = "images/jupyterlab/files/etc/jupyter/jupyter_server_config.py"
RISK = 'id = "risk"\ntitle = "Risk"\nowner = "risk"\nextends = "shipped:jupyterlab"\n'


@pytest.fixture
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a copy of the shipped catalog that can be changed as a new version of Solvent would."""
    root = tmp_path / "shipped"
    for part in ("images", "connectors", "compose"):
        shutil.copytree(files.shipped_root() / part, root / part, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(files.shipped_root() / "solvent.toml", root / "solvent.toml")
    for place in ("manager.world.files", "manager.world.files.extending", "manager.world.files.location"):
        monkeypatch.setattr(f"{place}.shipped_root", lambda: root)
    return root


@pytest.fixture
def own(solvent: World, shipped: Path, tmp_path: Path) -> Path:
    """Give a catalog of one's own, made against it."""
    assert solvent("init", str(tmp_path / "own")).code == 0
    return tmp_path / "own"


def edit(file: Path, old: str, new: str) -> None:
    """Replace text that occurs in a file."""
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new, 1))


def changed(solvent: World, own: Path, *words: str) -> list[dict[str, Any]]:
    """Give the changes as JSON."""
    found: list[dict[str, Any]] = solvent("catalog", "diff", *words, "--catalog", str(own), "-o", "json").json[
        "changes"
    ]
    return found


def test_a_fresh_copy_differs_in_nothing(solvent: World, own: Path) -> None:
    """Neither from the shipped catalog nor from what it was; exit 0, and nothing on stdout."""
    for words in ((), ("--upstream",)):
        ran = solvent("catalog", "diff", *words, "--check", "--catalog", str(own))
        assert (ran.code, ran.out) == (0, "")
        assert "no difference" in ran.err


def test_what_ones_own_says_otherwise_is_told_by_key(solvent: World, own: Path) -> None:
    """Before is shipped, after is one's own; --check gives 3."""
    edit(own / FAMILY, '"800 MB"', '"2 GB"')
    edit(own / CONFIG, "c = ", "c  = ")

    ran = solvent("catalog", "diff", "--check", "--catalog", str(own))

    assert ran.code == 3
    lines = [line.split() for line in ran.out.splitlines()]
    assert lines[0] == ["FILE", "KEY", "CHANGE", "BEFORE", "AFTER"]
    assert lines[2][:3] == [CONFIG, "-", "changed"]
    assert lines[1] == [FAMILY, "size_budget", "changed", '"800', 'MB"', '"2', 'GB"']
    assert solvent("catalog", "diff", "--catalog", str(own)).code == 0
    assert changed(solvent, own)[0] == {
        "file": FAMILY, "key": "size_budget", "kind": "changed", "before": '"800 MB"', "after": '"2 GB"',
    }  # fmt: skip


def test_what_the_shipped_one_changed_is_told_with_what_became_of_ones_own_copy(
    solvent: World, own: Path, shipped: Path
) -> None:
    """A pin that moved, a key, a file that came and one that went: with before and after."""
    edit(own / FAMILY, '"800 MB"', '"2 GB"')
    edit(shipped / FAMILY, '"800 MB"', '"1600 MB"')
    edit(shipped / KERNEL, "ipykernel==", "ipykernel==99.")
    (shipped / "images/jupyterlab/files/etc/motd").write_text("new\n")
    (shipped / "compose/README.md").unlink()
    shutil.rmtree(own / "compose")

    ran = solvent("catalog", "diff", "--upstream", "--check", "--catalog", str(own))
    found = {(one["file"], one["key"]): one for one in changed(solvent, own, "--upstream")}

    assert ran.code == 3
    assert len(found) == 4
    budget, pin = found[FAMILY, "size_budget"], found[KERNEL, "ipykernel"]
    assert (budget["before"], budget["after"], budget["copy"]) == ('"800 MB"', '"1600 MB"', "edited")
    assert pin["after"] == f'"99.{pin["before"][1:]}'
    assert (pin["kind"], pin["copy"], pin["extended_by"]) == ("changed", "untouched", [])
    assert found["images/jupyterlab/files/etc/motd", None]["kind"] == "added"
    assert found["images/jupyterlab/files/etc/motd", None]["copy"] == "absent"
    assert (found["compose/README.md", None]["kind"], found["compose/README.md", None]["copy"]) == ("removed", "taken")


def test_families_that_extend_have_the_change_already(solvent: World, own: Path, shipped: Path) -> None:
    """They are named; a catalog need have no copy of what it extends."""
    for copied in (own / "images").glob("*/family.toml"):
        shutil.rmtree(copied.parent)
    (own / "images/risk").mkdir()
    (own / "images/risk/family.toml").write_text(RISK)
    edit(shipped / FAMILY, '"800 MB"', '"1600 MB"')

    (found,) = changed(solvent, own, "--upstream")

    assert (found["key"], found["copy"], found["extended_by"]) == ("size_budget", "absent", ["risk"])


def test_accepting_begins_anew(solvent: World, own: Path, shipped: Path) -> None:
    """The record is written into the catalog, and nothing else of it changes."""
    edit(shipped / FAMILY, '"800 MB"', '"1600 MB"')
    before = (own / FAMILY).read_bytes()

    ran = solvent("catalog", "accept", "--catalog", str(own))

    assert (ran.code, ran.out) == (0, f"{own / 'upstream.lock'}\n")
    assert changed(solvent, own, "--upstream") == []
    assert (own / FAMILY).read_bytes() == before


def test_a_catalog_without_a_record_says_how_to_begin(solvent: World, own: Path) -> None:
    """It was made before there were records, or by hand."""
    (own / "upstream.lock").unlink()

    ran = solvent("catalog", "diff", "--upstream", "--catalog", str(own))

    assert (ran.code, ran.out) == (2, "")
    assert "solvent catalog accept" in ran.err


@pytest.mark.parametrize("line", ["<<<<<<< HEAD", '["a", "b"]', '["a", "b", 1]'])
def test_a_record_that_git_could_not_merge_is_told_with_its_line(solvent: World, own: Path, line: str) -> None:
    """And how it is written anew."""
    edit(own / "upstream.lock", "\n[", f"\n{line}\n[")

    ran = solvent("catalog", "diff", "--upstream", "--catalog", str(own))

    assert ran.code == 4
    assert "upstream.lock:2" in ran.err
    assert "solvent catalog accept" in ran.err


def test_the_shipped_catalog_has_nothing_to_compare(solvent: World) -> None:
    """It is the other side; it keeps no record either."""
    for words in ((), ("--upstream",)):
        ran = solvent("catalog", "diff", *words)
        assert (ran.code, ran.out) == (0, "")
        assert "the shipped catalog itself" in ran.err
    assert solvent("catalog", "accept").code == 5
