"""``solvent image promote``, ``rollback``, ``quarantine``, ``prune``: stdout, stderr, and exit codes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from manager.core.observed import BuildStatus
from tests.cli.conftest import RELEASE

if TYPE_CHECKING:
    from tests.cli.conftest import World


@pytest.fixture
def four(solvent: World) -> World:
    """Give a world with four builds of one release, promoted one after the other."""
    first = solvent.build(status=BuildStatus.SUPERSEDED)
    for number in range(2, 5):
        labels = {"io.solvent.realm": "solvent", "io.solvent.kind": "image", "io.solvent.release": RELEASE}
        digest = solvent.engine.add_image(f"solvent/{RELEASE}-20261120.{number}", labels)
        status = BuildStatus.PROMOTED if number == 4 else BuildStatus.SUPERSEDED
        made = first.created + timedelta(hours=number)
        solvent.store.add_build(
            replace(
                first, version=f"20261120.{number}", digest=digest, status=status, created=made, spec_hash=str(number)
            )
        )
    solvent.store.move_channel(RELEASE, "stable", "", solvent.store.kept[-1].digest)
    return solvent


def test_a_rollback_says_what_became_of_both_builds(four: World) -> None:
    """A plan as JSON with the builds as they are; the history has who and why."""
    found = four("image", "rollback", RELEASE, "-o", "json").json

    assert [step["kind"] for step in found["steps"]] == ["roll back"]
    assert [(one["version"], one["status"], one["channels"]) for one in found["builds"]] == [
        ("20261120.3", "promoted", ["stable"])
    ]
    shown = four("image", "show", RELEASE, "-o", "json").json["release"]
    assert shown["rollback"] == ["20261120.4", "20261120.2", "20261120.1"]
    assert shown["builds"][3]["reason"] == "rolled back to 20261120.3"
    assert (four.store.entries[-1].kind, four.store.entries[-1].before) == ("roll back", "20261120.4")


def test_a_dry_run_and_a_check_change_nothing(four: World) -> None:
    """``--check`` exits with 3 where something would change."""
    assert "roll back" in four("image", "rollback", RELEASE, "--dry-run").out
    assert four("image", "rollback", RELEASE, "--check").code == 3
    assert four("image", "promote", RELEASE, "20261120.4", "--check").code == 0
    assert four.store.pointers[RELEASE, "stable"] == four.store.kept[-1].digest


def test_promote_of_what_is_not_there(four: World) -> None:
    """A near miss is named; exit code 2."""
    ran = four("image", "promote", RELEASE, "20261120.5")

    assert ran.code == 2
    assert "did you mean 20261120." in ran.err


def test_a_read_only_catalog_takes_no_quarantine(four: World) -> None:
    """Exit code 5, with the way to a catalog of one's own; nothing is judged."""
    ran = four("image", "quarantine", RELEASE, "--reason", "broken", "-o", "json")

    assert (ran.code, ran.error["message"]) == (5, "the shipped catalog is read-only")
    assert "solvent init DIR" in ran.error["hint"]
    assert four.store.kept[-1].status is BuildStatus.PROMOTED


def test_a_quarantine_needs_a_reason(four: World) -> None:
    """Exit code 2."""
    assert four("image", "quarantine", RELEASE).code == 2
    for words in (("--reason", " "), ("--reason", "\udcff"), ("--reason", "CVE", "--approved-by", " ")):
        assert four("image", "quarantine", RELEASE, *words).code == 2


def test_a_prune_is_confirmed(four: World) -> None:
    """Refused without a yes of its own; with it, the build is pruned, and its entry stays."""
    refused = four("image", "prune", "--no-input")
    assert refused.code == 5
    assert "--approve-destructive" in refused.err

    found = four("image", "prune", "--approve-destructive", "-o", "json").json

    assert [(one["version"], one["status"], one["bytes"]) for one in found["builds"]] == [
        ("20261120.1", "tombstoned", "pruned")
    ]
    assert found["freed"] == 1000
    assert four("image", "prune", "--check").code == 0


def test_what_is_skipped_by_all_is_named(solvent: World) -> None:
    """On stderr and in JSON, with the reason; skipping is no failure."""
    ran = solvent("image", "build", "--all", "--dry-run")

    assert ran.code == 0
    assert "left out: jupyterlab:4.2-py3.9 is retired since" in ran.out
