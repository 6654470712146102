"""Plans of ``image pull``: a build that another machine pushed and this database does not know."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from manager.core import adopting
from manager.core.observed import Answer, BuildStatus
from manager.errors import Refused, Unreachable, UsageError
from tests.fakes.world import World

if TYPE_CHECKING:
    from manager.core.plan import Plan

SILENT = Answer("", "silent", "", "no registry answers", "connection refused")


@pytest.fixture
def printed(ready: World) -> str:
    """Give what a push on another machine printed."""
    ready.apply(ready.push("lab:4"))
    return str(ready.store.copies()[0])


@pytest.fixture
def second(ready: World) -> World:
    """Give another machine with a database of its own, before the same registry."""
    made = World()
    made.engine.pushes, made.engine.pushed = ready.engine.pushes, ready.engine.pushed
    return made


def pull(world: World, text: str) -> Plan:
    """Plan to take a build over."""
    copy, release, version = adopting.pushed(world.catalog, text)
    seen = world.observe()
    asked = replace(seen, answers=(*seen.answers, world.answer(copy.exact)))
    return adopting.plan_adopt(world.catalog, asked, copy, release, version, world.today)


def test_a_build_of_another_machine_is_proven_here(second: World, printed: str) -> None:
    """Evidence is not taken over: the checks run on the bytes that came, then the channel moves."""
    manifest = printed.partition("@")[2]

    assert (
        pull(second, printed).text()
        == f"""\
plan: pull lab:4 20261101.1 (as of 2026-11-21)
  1. adopt build lab:4 20261101.1  - -> registry.bank:5000/solvent/lab@{manifest}
      because another machine pushed it, and this database does not know it
  2. make base browser  - -> bookworm, 1 packages asked for
      because the page of a build is looked at in it
  3. prove build lab:4 20261101.1
      because no channel moves before every check passed on that digest
  4. promote build lab:4 20261101.1  - -> 20261101.1
      because every required check passed"""
    )


def test_what_is_known_is_only_brought_here(ready: World, printed: str) -> None:
    """With its bytes there is nothing to do; without them they are pulled, and proven they are already."""
    assert pull(ready, printed).notes == ("lab:4 20261101.1 is known here, and promoted",)

    ready.engine.remove_image(ready.store.copies()[0].digest)

    assert [step.kind for step in pull(ready, printed).steps] == ["pull build"]


def test_a_pull_that_was_cut_short_goes_on(ready: World, printed: str) -> None:
    """A candidate that is here waits for its checks; one without bytes is brought again."""
    digest = ready.store.copies()[0].digest
    ready.store.set_status(digest, BuildStatus.CANDIDATE, "its checks were interrupted")
    assert "adopt build" not in [step.kind for step in pull(ready, printed).steps]

    ready.engine.remove_image(digest)

    assert [step.kind for step in pull(ready, printed).steps][:2] == ["adopt build", "prove build"]


def test_a_quarantined_build_is_not_taken_over(ready: World, printed: str) -> None:
    """Whoever pushed it may not know that yet."""
    ready.store.set_status(ready.store.copies()[0].digest, BuildStatus.QUARANTINED, "a test says so")

    with pytest.raises(Refused, match="is quarantined: it is not pulled"):
        pull(ready, printed)


def test_the_registry_has_to_answer_and_to_have_it(second: World, printed: str) -> None:
    """Silence is unreachable; a manifest that is not there was never pushed."""
    second.registry = SILENT
    with pytest.raises(Unreachable, match="no registry answers"):
        pull(second, printed)

    second.registry = None
    second.engine.pushes.clear()
    with pytest.raises(UsageError, match="the registry has no"):
        pull(second, printed)


@pytest.mark.parametrize("change", [("@sha256:", "@sha512:"), ("lab:4-", "lab-4-"), ("-20261101.1-", "-")])
def test_only_what_a_push_printed_names_a_build(second: World, printed: str, change: tuple[str, str]) -> None:
    """A tag alone may mean other bytes tomorrow."""
    with pytest.raises(UsageError, match="names no build"):
        pull(second, printed.replace(*change))


def test_a_release_that_the_catalog_does_not_have(second: World, printed: str) -> None:
    """It is named as the tag says it."""
    with pytest.raises(UsageError, match="no release 'lab:44'"):
        pull(second, printed.replace("lab:4-", "lab:44-"))
