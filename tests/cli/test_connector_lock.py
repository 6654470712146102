"""``connector lock``, ``suspend`` and ``unsuspend``: what is shown, asked and written."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.app.locked import RELEASE, Locked, prepared
from tests.fakes.indexes import serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.cli.conftest import World

DECISION = "connectors/decisions/2026-11-21-suspend-beta.toml"


@pytest.fixture
def locked(solvent: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Locked]:
    """Give a small catalog with its first lock, and the index that it came from."""
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "cache"))
    with serving() as index:
        monkeypatch.setenv("UV_DEFAULT_INDEX", f"{index.address}/simple")
        yield prepared(lambda root: solvent.open(root, None), tmp_path, index)


def upgrade(locked: Locked) -> tuple[str, ...]:
    """Have a newer driver of alpha, and give the words that take it."""
    locked.add("shared", "2.0")
    locked.add("alpha-driver", "2.0", needs=("shared>=2",))
    return ("connector", "lock", "--upgrade", "alpha", "--catalog", str(locked.root), "--progress", "none")


def test_what_moves_is_shown_and_nothing_is_written_before_a_yes(solvent: World, locked: Locked) -> None:
    """The table; without somebody to ask and without -y it is refused."""
    words, before = upgrade(locked), locked.path.read_text()

    ran = solvent(*words, "--dry-run")

    assert (ran.code, ran.out) == (
        0,
        "RELEASE       DISTRIBUTION  FROM  TO   WHY\n"
        "lab:1-py3.13  alpha-driver  1.0   2.0  it is named\n"
        "lab:1-py3.13  shared        1.0   2.0  alpha-driver needs it\n",
    )
    assert solvent(*words, "--check").code == 3
    refused = solvent(*words)
    assert (refused.code, "it needs a yes" in refused.err) == (5, True)
    assert locked.path.read_text() == before
    assert solvent(*words, "-y").code == 0
    assert (locked.pins["alpha-driver"], locked.pins["beta-driver"]) == ("2.0", "1.0")
    assert (solvent(*words, "--check").code, "nothing moves" in solvent(*words, "--check").err) == (0, True)


def test_the_same_as_json(solvent: World, locked: Locked) -> None:
    """Schema 1, with the cause of each move."""
    found = solvent(*upgrade(locked), "--dry-run", "-o", "json").json

    (one,) = found["locks"]
    assert (found["written"], one["release"], one["lock"]) == (False, RELEASE, "images/lab/locks/1-py3.13/kernel.lock")
    assert [(each["distribution"], each["cause"], each["machines"]) for each in one["changes"]] == [
        ("alpha-driver", "named", ["x86_64", "aarch64"]), ("shared", "dependency", ["x86_64", "aarch64"]),
    ]  # fmt: skip
    assert (one["suspends"], one["error"]) == ([], None)


def test_image_lock_says_what_moved(solvent: World, locked: Locked) -> None:
    """By the same rule, afterwards."""
    locked.add("lab", "1.0")
    upgrade(locked)

    ran = solvent("image", "lock", RELEASE, "--upgrade", "alpha-driver", "--catalog", str(locked.root))

    assert ran.code == 0
    assert f"{RELEASE} kernel: alpha-driver 1.0 -> 2.0: it is named" in ran.err
    assert locked.pins["shared"] == "2.0"


def test_a_connector_in_the_way_is_a_finding(solvent: World, locked: Locked) -> None:
    """Shown with uv's reason before anything is written; then its decision and the lock of the others are there."""
    locked.ask_for("beta", "beta-next")
    locked.add("beta-next", "1.0", needs=("shared>=9",))
    words = (*upgrade(locked), "-y")

    dry = solvent(*words, "--dry-run")

    assert (dry.code, (locked.root / DECISION).exists()) == (3, False)
    assert f"suspends beta in {RELEASE}" in dry.err
    assert "unsatisfiable" in dry.err
    assert f"solvent connector suspend beta --release {RELEASE} --reason TEXT" in dry.err
    assert solvent(*words).code == 3
    text = (locked.root / DECISION).read_text()
    assert f'release = "{RELEASE}"' in text
    assert "beta-next" in text
    assert {name for name in locked.pins if name.endswith("-driver")} == {"alpha-driver", "gamma-driver"}
    own = ("--catalog", str(locked.root))
    states = {one["id"]: one["state"] for one in solvent("connector", "list", "-o", "json", *own).json["connectors"]}
    assert states == {"alpha": "active", "beta": "suspended", "gamma": "active"}
    explained = solvent("connector", "explain", "beta", *own)
    assert f"{RELEASE} goes without it, suspended by" in explained.err
    assert "suspend" in explained.out
    assert "beta is out of" in solvent("status", *own).out
    assert solvent(*words).code == 0


def test_each_lock_that_has_no_solution_is_said(solvent: World, locked: Locked) -> None:
    """The first is what the command ends with; the others stand before it, each once."""
    family = locked.root / "images/lab/family.toml"
    text = family.read_text().replace('packages = ["base"]', 'packages = ["base>=7"]')
    other = text[text.index("[[release]]") :].replace("1-py3.13", "2-py3.13").replace("base>=7", "base>=8")
    family.write_text(f"{text}\n{other}")

    ran = solvent("connector", "lock", "--dry-run", "--catalog", str(locked.root), "--progress", "none")

    assert ran.code == 1
    for line in ("1", "2"):
        assert ran.err.count(f"the set of lab:{line}-py3.13 cannot be resolved") == 1
    assert "base>=8" in ran.err


def test_suspending_by_hand_and_lifting_it(solvent: World, locked: Locked) -> None:
    """Files that are only added; what changes nothing is refused."""
    own = ("--catalog", str(locked.root))
    words = ("connector", "suspend", "beta", "--release", "lab", "--reason", "it hurts", *own)

    ran = solvent(*words)

    assert (ran.code, ran.out) == (0, DECISION + "\n")
    assert "solvent connector lock" in ran.err
    assert solvent(*words).code == 5
    assert solvent("connector", "suspend", "beta", "--release", "lab:9", "--reason", "x", *own).code == 2
    assert solvent("connector", "unsuspend", "alpha", "--reason", "x", *own).code == 5
    assert solvent("connector", "lock", "--check", *own).code == 3
    assert solvent("connector", "unsuspend", "beta", "--reason", "better", *own).code == 0
    assert solvent("connector", "lock", "--check", *own).code == 0
    assert solvent("connector", "unsuspend", "beta", "--reason", "better", *own).code == 5


def test_a_connection_is_not_tested_where_its_connector_is_suspended(solvent: World, locked: Locked) -> None:
    """As it is not launched with; the negative control is a connection of another connector."""
    own = ("--catalog", str(locked.root))
    for name in ("alpha", "beta"):
        assert solvent("connection", "add", name, "--connector", name, "--set", "host=h", *own).code == 0
    assert solvent("connector", "suspend", "beta", "--reason", "it hurts", *own).code == 0

    for words in ((), ("--release", RELEASE)):
        refused, other = (solvent("connection", "test", name, *words, *own) for name in ("beta", "alpha"))
        assert (refused.code, other.code) == (5, 5)
        assert f"beta is suspended in {RELEASE}, so connection beta cannot be used there" in refused.err
        assert "it hurts" in refused.err
        assert "no build with alpha is here to test in" in other.err


def test_the_shipped_catalog_is_not_locked(solvent: World) -> None:
    """It is read-only."""
    assert solvent("connector", "lock").code == 5


def test_out_of_one_release_is_not_out_of_all(solvent: World, locked: Locked) -> None:
    """Its state is what it was as long as a release in use has it; each release says who suspended it, and why."""
    own = ("--catalog", str(locked.root))
    family = locked.root / "images/lab/family.toml"
    release = family.read_text().partition("[[release]]")[2]
    family.write_text(f"{family.read_text()}\n[[release]]{release.replace('1-py3.13', '2-py3.13')}")
    assert solvent("connector", "suspend", "beta", "--release", RELEASE, "--reason", "it hurts", *own).code == 0

    (one,) = (each for each in solvent("connector", "list", "-o", "json", *own).json["connectors"] if each["suspended"])

    assert (one["id"], one["state"], one["suspended"]) == ("beta", "active", [RELEASE])
    assert f"active, suspended in {RELEASE}" in solvent("connector", "list", "-o", "wide", *own).out
    assert solvent("connector", "suspend", "beta", "--release", "lab:2-py3.13", "--reason", "late", *own).code == 0
    (one,) = (each for each in solvent("connector", "list", "-o", "json", *own).json["connectors"] if each["suspended"])
    assert one["state"] == "suspended"
    said = solvent("connector", "explain", "beta", *own).err
    assert [line.rpartition("without it, ")[0][6:] for line in said.splitlines() if "it hurts" in line] == [
        f"{RELEASE} goes "
    ]
    assert [line for line in said.splitlines() if "lab:2-py3.13 goes without it" in line and ": late; " in line]
    assert "it hurts; of lab:2-py3.13: " in solvent("status", "-o", "wide", *own).out


def test_a_connector_of_no_release_is_suspended_and_lifted_too(solvent: World, locked: Locked) -> None:
    """Its state shows everywhere; another connector of no release stays as it is."""
    own = ("--catalog", str(locked.root))
    family = locked.root / "images/lab/family.toml"
    family.write_text(family.read_text().replace('"beta", ', "").replace(', "beta"', "").replace(', "gamma"', ""))

    def states() -> dict[str, str]:
        found = solvent("connector", "list", "-o", "json", *own).json["connectors"]
        return {one["id"]: one["state"] for one in found}

    assert solvent("connector", "unsuspend", "beta", "--reason", "x", *own).code == 5
    assert solvent("connector", "suspend", "beta", "--reason", "no driver", *own).code == 0
    assert solvent("connector", "suspend", "beta", "--reason", "no driver", *own).code == 5
    assert states() == {"alpha": "active", "beta": "suspended", "gamma": "active"}
    assert "suspended" in solvent("connector", "show", "beta", *own).out
    assert "every release goes without it, suspended by" in solvent("connector", "explain", "beta", *own).err
    assert "beta is out of every release" in solvent("status", *own).out
    assert solvent("connector", "unsuspend", "beta", "--reason", "better", *own).code == 0
    assert states()["beta"] == "active"
    assert "every release goes" not in solvent("connector", "explain", "beta", *own).err


def test_a_retired_release_suspends_nothing(solvent: World, locked: Locked) -> None:
    """No lock of it is made any more, so there is nothing that could move."""
    words = ("connector", "suspend", "beta", "--release", RELEASE, "--reason", "x", "--catalog", str(locked.root))

    late = solvent(*words, "--dry-run", "--as-of", "2099-01-01")

    assert (late.code, "is retired" in late.err, "solvent connector lock" in late.err) == (5, True, False)
    assert solvent(*words, "--dry-run").code == 0
