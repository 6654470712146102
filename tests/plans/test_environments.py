"""Plans of ``env start``, ``env stop``, ``env remove`` and ``workspace remove``, as a person reads them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from manager.core import planner, starting
from manager.core.names import Names
from manager.core.observed import BuildStatus, Silent
from manager.core.workspaces import plan_remove_workspace
from manager.errors import Refused, Unreachable, UsageError
from tests.fakes.world import World, catalog


@pytest.fixture
def stopped(ready: World) -> World:
    """Give a world with a stopped environment ``work``."""
    ready.running("work")
    ready.apply(ready.stop("work"))
    return ready


def test_start_keeps_the_digest(stopped: World) -> None:
    """A newer build was promoted meanwhile; the container is the same."""
    before = stopped.environment("work").digest
    stopped.build(version="20261115.1", spec="newer")

    plan = stopped.apply(stopped.start("work"))

    assert (
        plan.text()
        == """\
plan: start work (as of 2026-11-21)
  1. start environment work  - -> ready
      because it is stopped"""
    )
    assert stopped.environment("work").digest == before
    assert not stopped.start("work"), "a running one needs nothing"


def test_start_makes_the_network_that_is_gone(stopped: World) -> None:
    """Somebody pruned the engine's networks."""
    stopped.engine.remove_network("solvent-environments")

    assert (
        stopped.start("work").text()
        == """\
plan: start work (as of 2026-11-21)
  1. create network solvent-environments
      because environments publish their ports through it
  2. start environment work  - -> ready
      because it is stopped"""
    )


@pytest.mark.parametrize(
    ("line", "note"),
    [
        ("2", "lab:2 retires on 2027-01-03; its successor is lab:4"),
        ("1", "lab:1 retires on 2026-12-01; its successor is lab:4"),
        ("0", "lab:0 retired on 2026-11-01; its successor is lab:4"),
    ],
)
def test_start_warns_until_restart_block(stopped: World, line: str, note: str) -> None:
    """New environments may be refused long before restarts are."""
    one = replace(stopped.environment("work"), release=f"lab:{line}")

    plan = starting.plan_start(stopped.catalog, stopped.observe(), one, names=stopped.names, today=stopped.today)

    assert [step.kind for step in plan.steps] == ["start environment"]
    assert plan.notes == (note,)


def test_start_is_refused_from_restart_block_on_with_the_way_out(stopped: World) -> None:
    """The way out is the successor on the same files; one that runs is left alone, with a word."""
    one = replace(stopped.environment("work"), release="lab:00")

    with pytest.raises(Refused) as caught:
        starting.plan_start(stopped.catalog, stopped.observe(), one, names=stopped.names, today=stopped.today)

    error = caught.value
    assert error.message == "lab:00 is retired since 2025-10-31; restarts are refused since 2026-01-29"
    assert error.why == "images/lab/family.toml:20  restart_block = 2026-01-29 (bound by policy)"
    assert error.hint == "launch its successor:  solvent env launch lab:4 --workspace work"
    runs = replace(one, state="running", wanted="running")
    plan = starting.plan_start(stopped.catalog, stopped.observe(), runs, names=stopped.names, today=stopped.today)
    assert (
        plan.text()
        == """\
plan: start work (as of 2026-11-21)
  nothing to do
  note: lab:00 retired on 2025-10-31; its successor is lab:4"""
    )


def test_start_is_refused_on_a_quarantined_build(stopped: World) -> None:
    """Whatever the dates say."""
    stopped.store.set_status(stopped.environment("work").digest, BuildStatus.QUARANTINED, "broken")

    with pytest.raises(Refused, match=r"build 20261101.1 of lab:4 is quarantined") as caught:
        stopped.start("work")

    assert caught.value.hint == "remove it, its workspace stays:  solvent env remove work"


def test_start_of_a_build_that_this_database_does_not_know(stopped: World) -> None:
    """It starts: the bytes are what they are. A note says that nothing is known of them."""
    stopped.store.kept.clear()

    plan = stopped.start("work")

    assert [step.kind for step in plan.steps] == ["start environment"]
    assert plan.notes == ("build 20261101.1 is not known to this database; nothing is known about its quality",)


def test_start_of_a_release_that_left_the_catalog(stopped: World) -> None:
    """The release may be gone, the family may not: how to start is written there."""
    stopped.catalog = catalog("3")
    assert stopped.start("work").notes == ("lab:4 is no longer in the catalog; nothing is known about its dates",)
    stopped.catalog = replace(stopped.catalog, families=())

    with pytest.raises(Refused, match="family lab of work is no longer in the catalog") as caught:
        stopped.start("work")

    assert "--workspace work" in caught.value.hint


def test_start_without_the_network_of_its_source(ready: World) -> None:
    """The source was stopped meanwhile."""
    ready.engine.create_network("solvent-sources", {"io.solvent.realm": "solvent"}, internal=True)
    ready.running("work", networks=("solvent-sources",))
    ready.apply(ready.stop("work"))
    ready.engine.remove_network("solvent-sources")

    with pytest.raises(Refused, match="there is no network solvent-sources"):
        ready.start("work")


def test_stop(ready: World) -> None:
    """A running one is stopped, a stopped one needs nothing."""
    ready.running("work")

    assert (
        ready.stop("work").text()
        == """\
plan: stop work (as of 2026-11-21)
  1. stop environment work  running -> stopped
      because its owner asks for it"""
    )
    ready.apply(ready.stop("work"))
    assert ready.stop("work").text() == "plan: stop work (as of 2026-11-21)\n  nothing to do"


def test_remove(ready: World) -> None:
    """Files stay, so it is not destructive."""
    ready.running("work")

    plan = ready.remove("work")

    assert (
        plan.text()
        == """\
plan: remove work (as of 2026-11-21)
  1. remove environment work  running -> gone
      because its owner asks for it; files in the workspace and the home stay"""
    )
    assert not plan.destructive


def test_remove_with_the_workspace(ready: World) -> None:
    """The mark says that something is lost; the home stays all the same."""
    ready.running("work")

    plan = ready.apply(ready.remove("work", deletes=True))

    assert (
        plan.text()
        == """\
plan: remove work (as of 2026-11-21)
  1. remove environment work  running -> gone
      because its owner asks for it; the home stays
! 2. delete workspace work  all its files -> gone
      because its owner asks for it"""
    )
    assert [one.name for one in ready.observe().volumes] == ["solvent-home-ana-lab"]


def test_a_workspace_in_use_is_not_deleted(ready: World) -> None:
    """Not with an environment of its own, not by itself; another person's of the same name does not count."""
    ready.running("one", workspace="shared")
    ready.running("two", workspace="shared")
    ready.apply(ready.launch(name="one", workspace="shared", owner="bea"))

    with pytest.raises(Refused, match="workspace shared is in use by two"):
        ready.remove("one", deletes=True)
    with pytest.raises(Refused, match="workspace shared is in use by one, two"):
        ready.remove_workspace("shared")
    for name in ("one", "two"):
        ready.apply(ready.remove(name))
    ready.apply(ready.remove_workspace("shared"))
    assert "solvent-ws-bea-shared" in [one.name for one in ready.observe().volumes]


def test_remove_workspace(ready: World) -> None:
    """Destructive, and known by name only when it is one's own, in this realm."""
    ready.running("work")
    ready.apply(ready.remove("work"))
    other = dict(Names("other").labels("workspace", owner="ana", workspace="elsewhere"))
    ready.engine.create_volume("other-ws-ana-elsewhere", other)

    assert (
        ready.remove_workspace("work").text()
        == """\
plan: remove workspace work (as of 2026-11-21)
! 1. delete workspace work  all its files -> gone
      because its owner asks for it"""
    )
    for name, owner in (("wrok", "ana"), ("work", "bea"), ("elsewhere", "ana")):
        with pytest.raises(UsageError, match=f"no workspace '{name}'"):
            ready.remove_workspace(name, owner)


def test_a_workspace_that_is_not_ours_is_not_deleted(ready: World) -> None:
    """Somebody replaced the volume by one without our labels."""
    ready.running("work")
    ready.apply(ready.stop("work"))
    observed = ready.observe()
    bare = tuple(replace(one, labels={}) for one in observed.volumes)
    one = ready.environment("work")

    with pytest.raises(Refused, match="is not Solvent's"):
        planner.plan_remove(replace(observed, volumes=bare), one, names=ready.names, today=ready.today, deletes=True)
    gone = planner.plan_remove(replace(observed, volumes=()), one, names=ready.names, today=ready.today, deletes=True)
    assert not gone.destructive, "what is gone needs no deleting"


def test_unknown_names_get_a_suggestion(ready: World) -> None:
    """Only one's own names are known."""
    ready.running("work")

    with pytest.raises(UsageError) as caught:
        ready.environment("wrok")
    assert caught.value.hint == "did you mean work?"
    with pytest.raises(UsageError, match="no environment named 'work'") as caught:
        ready.environment("work", owner="bea")
    assert caught.value.hint == "launch one:  solvent env launch jupyterlab"


@pytest.mark.parametrize("part", ["engine", "records"])
def test_unreachable_parts_give_no_plan_at_all(ready: World, part: str) -> None:
    """What was not read is not decided on."""
    one = ready.running("work")
    silent = replace(ready.observe(), **{part: Silent("the container engine", "refused", "start it")})
    names, today = ready.names, ready.today

    for plan in (
        lambda: starting.plan_start(ready.catalog, silent, one, names=names, today=today),
        lambda: planner.plan_stop(silent, one, today=today),
        lambda: planner.plan_remove(silent, one, names=names, today=today, deletes=True),
        lambda: plan_remove_workspace(silent, "ana", "work", names=names, today=today),
        lambda: planner.chosen(silent, "work", "ana"),
    ):
        with pytest.raises(Unreachable, match="the container engine cannot be reached"):
            plan()


# -- what was done and not written down ---------------------------------------------------------------------------


def test_one_that_runs_and_was_stopped_last_is_known_to_be_wanted_again(stopped: World) -> None:
    """Its start was killed before it was recorded, or was the engine's own; the next plan has nothing left to do."""
    stopped.engine.start(stopped.environment("work").container, b"token")

    plan = stopped.apply(stopped.start("work"))

    assert [step.kind for step in plan.steps] == ["resume environment"]
    assert stopped.environment("work").wanted == "running"
    assert not stopped.start("work")


def test_one_that_ended_and_is_still_wanted_can_be_stopped(stopped: World) -> None:
    """From then on it is not started with what ran; the next plan has nothing left to do."""
    stopped.apply(stopped.start("work"))
    stopped.engine.stop(stopped.environment("work").container)

    plan = stopped.apply(stopped.stop("work"))

    assert [step.kind for step in plan.steps] == ["stop environment"]
    assert stopped.environment("work").wanted == "stopped"
    assert not stopped.stop("work")


def test_a_quarantined_environment_is_upgraded_where_there_is_something_newer(stopped: World) -> None:
    """Removing it is the last resort."""
    stopped.store.set_status(stopped.environment("work").digest, BuildStatus.QUARANTINED, "broken")
    stopped.build(version="20261115.1", spec="newer", points=True)

    with pytest.raises(Refused, match="is quarantined") as caught:
        stopped.start("work")

    assert caught.value.hint == "upgrade it:  solvent env upgrade work"
