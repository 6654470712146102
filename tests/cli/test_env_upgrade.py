"""``solvent env upgrade``: what reaches stdout and stderr, and the exit codes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.cli.conftest import RELEASE

if TYPE_CHECKING:
    from tests.cli.conftest import World


@pytest.fixture
def outdated(launched: World) -> World:
    """Give a world in which ``work`` runs and a newer build is promoted."""
    first = launched.store.kept[0]
    digest = launched.engine.add_image(
        f"solvent/{RELEASE}-20261121.1", dict(launched.engine.image(first.digest).labels)
    )  # type: ignore[union-attr]
    launched.store.add_build(replace(first, version="20261121.1", digest=digest))
    launched.store.move_channel(RELEASE, "stable", first.digest, digest)
    return launched


def test_an_upgrade_prints_the_name_and_says_what_it_is_on(outdated: World) -> None:
    """The name alone on stdout; then there is nothing to do."""
    ran = outdated("env", "upgrade", "work")

    assert (ran.code, ran.out) == (0, "work\n")
    assert "  done    replace environment work" in ran.err
    assert f"note: work is on {RELEASE} 20261121.1; its URL:  solvent env open work" in ran.err
    again = outdated("env", "upgrade", "work")
    assert (again.code, again.out) == (0, "")
    assert f"note: {RELEASE} is followed by nothing newer" in again.err


def test_a_list_says_what_is_owed(outdated: World) -> None:
    """In a note, in the wide table, and as JSON."""
    assert "note: upgrades are owed: work to build 20261121.1; what one changes:" in outdated("env", "list").err
    assert "build 20261121.1" in outdated("env", "list", "-o", "wide").out
    assert outdated("env", "list", "-o", "json").json["environments"][0]["upgrade"]["build"] == "20261121.1"
    assert "solvent env upgrade work" in outdated("status").out


def test_an_upgrade_as_json_says_what_changes(outdated: World) -> None:
    """The environment as it is now, and for each what was said before."""
    found = outdated("env", "upgrade", "work", "-o", "json").json

    assert found.keys() == {"environments", "upgrades", "left", "notes"}
    assert found["environments"][0]["build"] == "20261121.1"
    (one,) = found["upgrades"]
    assert one.keys() == {"environment", "from", "to", "changes", "missing_imports", "own_packages"}
    assert (one["from"]["build"], one["to"]["build"]) == ("20261120.1", "20261121.1")


def test_a_dry_run_shows_the_steps_and_a_check_counts_them(outdated: World) -> None:
    """Nothing is done; ``--check`` ends with 3, and with 0 when there is nothing to do."""
    shown = outdated("env", "upgrade", "work", "--dry-run")

    assert "create environment work" in shown.out
    assert "if it does not, the old one is back" in shown.out
    assert outdated("env", "upgrade", "work", "--check").code == 3
    assert outdated("env", "upgrade", "work").code == 0
    assert outdated("env", "upgrade", "work", "--check").code == 0


def test_back_goes_back_and_then_there_is_nothing(outdated: World) -> None:
    """5, with the reason, where there is nothing to go back to."""
    assert outdated("env", "upgrade", "work", "--back").code == 5
    outdated("env", "upgrade", "work")

    ran = outdated("env", "upgrade", "work", "--back")

    assert (ran.code, ran.out) == (0, "work\n")
    assert outdated("env", "show", "work", "-o", "json").json["environment"]["build"] == "20261120.1"


def test_those_that_run_are_left_by_affected_by(outdated: World) -> None:
    """3, and the command that would stop them."""
    ran = outdated("env", "upgrade", "--affected-by", RELEASE)

    assert ran.code == 3
    assert "running, and stopped only by name" in ran.err
    assert "by name:  solvent env upgrade work --dry-run" in ran.err
    assert "1 environment was left unchanged" in ran.err
    assert "nothing to do" not in ran.err
    outdated("env", "stop", "work")
    assert outdated("env", "upgrade", "--affected-by", RELEASE).out == "work\n"
    assert outdated("env", "upgrade", "--affected-by", RELEASE, "--back").out == "work\n"
    assert outdated("env", "show", "work", "-o", "json").json["environment"]["build"] == "20261120.1"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ((), "name environments, or say --affected-by"),
        (("work", "--affected-by", RELEASE), "name environments, or say --affected-by"),
        (("work", "--back", "--to", RELEASE), "--back goes without --to"),
        (("wrok",), "did you mean work?"),
        (("work", "--to", "jupyterlab:9"), "no release 'jupyterlab:9'"),
        (("work", "--deadline", "soon"), "'soon' is no day"),
        (("--affected-by", "CVE-2026-1"), "no advisory CVE-2026-1 is known"),
    ],
)
def test_bad_words_end_with_2_and_help(outdated: World, words: tuple[str, ...], says: str) -> None:
    """What to type instead."""
    ran = outdated("env", "upgrade", *words)

    assert ran.code == 2
    assert says in ran.err
