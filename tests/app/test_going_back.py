"""``env upgrade --back``, what is owed, and what was cut short."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from manager.app.upgrades import Asked
from manager.core.announcements import Announcement
from manager.core.catalog import Place
from manager.core.observed import BuildStatus
from manager.core.overrides import Override
from manager.core.upgrade_actions import CreateSuccessor, YieldPlace
from manager.errors import Refused
from tests.app.conftest import run
from tests.app.upgrading import NEW, OLD, back, container, upgraded
from tests.fakes.clock import TODAY

if TYPE_CHECKING:
    from datetime import date

    from manager.app.manager import Manager
    from tests.app.conftest import World


# -- and back ------------------------------------------------------------------------------------------------------


def test_back_returns_to_the_digest_and_the_definition(lab: World) -> None:
    """After more than one upgrade as well, one at a time; then there is nothing more."""
    first, spec = container(lab), lab.engine.specs[container(lab).name]
    middle = lab.build(OLD)
    upgraded(lab)
    upgraded(lab)
    looked = len(lab.engine.calls)

    back(lab)
    assert container(lab).image == middle.digest
    back(lab)

    assert (container(lab).image, container(lab).name, container(lab).state) == (first.image, first.name, "running")
    now = lab.engine.specs[first.name]
    assert replace(now, name="", image="") == replace(spec, name="", image="")
    assert all("sandbox" not in str(words) for _, words in lab.engine.calls[looked:])
    with pytest.raises(Refused, match="nothing to go back to"):
        lab.manager().plan_back(("work",))
    assert lab.store.environments()[0].environment.digest == first.image


def test_back_is_refused_to_what_may_not_start_or_is_quarantined(lab: World) -> None:
    """As a start of it would be."""
    upgraded(lab)

    with pytest.raises(Refused, match="restarts are refused since"):
        lab.manager(TODAY.replace(year=2029)).plan_back(("work",))
    lab.store.set_status(lab.store.kept[1].digest, BuildStatus.QUARANTINED, "it leaks")
    with pytest.raises(Refused, match="is quarantined, so work does not go back"):
        lab.manager().plan_back(("work",))


def test_back_to_a_family_that_left_the_catalog_stops_nothing(lab: World) -> None:
    """How its environments are started is written nowhere; what runs goes on."""
    upgraded(lab)
    manager = lab.manager()
    families = tuple(one for one in manager.declared.families if one.id != "jupyterlab")
    manager.__dict__["declared"] = replace(manager.declared, families=families)

    with pytest.raises(Refused, match="family jupyterlab of work is no longer in the catalog"):
        manager.plan_back(("work",))

    assert container(lab).state == "running"


def test_back_without_the_bytes_names_the_way(lab: World) -> None:
    """Prune keeps them; whoever removed them by hand builds again."""
    old = container(lab).image
    upgraded(lab)
    lab.engine.remove_image(old)

    with pytest.raises(Refused, match=r"the image of build .* is gone") as caught:
        lab.manager().plan_back(("work",))

    assert f"solvent image build {OLD}" in caught.value.hint


def test_a_snapshot_that_somebody_edited_is_not_returned_to(lab: World) -> None:
    """The same suspicion as for what is brought back."""
    upgraded(lab)
    lab.store.shots = [(one, replace(spec, mounts=spec.mounts[:1])) for one, spec in lab.store.shots]

    with pytest.raises(Refused, match="does not fit together"):
        lab.manager().plan_back(("work",))


def test_an_environment_that_is_removed_has_no_snapshots(lab: World) -> None:
    """A later one of its name begins anew."""
    upgraded(lab)
    manager: Manager = lab.manager()

    run(manager, manager.plan_remove("work", delete_workspace=False))

    assert lab.store.snapshots() == ()


# -- what is owed, and what was cut short --------------------------------------------------------------------------


def test_a_list_and_status_say_what_is_owed(lab: World) -> None:
    """A newer build; else the successor of a release that is on its way out; each with the command."""
    day = next(one.schedule.deprecated for one in lab.manager().catalog.releases if one.name == OLD)
    owed = lab.manager(day).environments()[0].to_json()["upgrade"]
    matters = [(one.kind, one.pay) for one in lab.manager(day).status()]

    assert (owed["release"], owed["build"]) == (NEW, None)
    assert ("deprecated", f"solvent env upgrade work --to {NEW}") in matters
    newer = lab.build(OLD)
    owed = lab.manager().environments()[0].to_json()["upgrade"]
    assert (owed["release"], owed["build"]) == (OLD, newer.version)


def test_nothing_is_owed_to_what_is_up_to_date(lab: World) -> None:
    """The negative control."""
    upgraded(lab)

    assert lab.manager().environments()[0].to_json()["upgrade"] is None
    assert "upgrade" not in [one.kind for one in lab.manager().status()]


def test_a_build_that_only_the_catalog_quarantines_is_owed_to_nobody(lab: World) -> None:
    """Either half of a quarantine is enough; without it the build is owed, with it the successor of the release."""
    newer = lab.build(OLD)
    before = lab.manager().environments()[0].owed
    manager = lab.manager()
    forbidding(manager, newer.digest)

    assert manager.builds(OLD)[-1].status is BuildStatus.QUARANTINED
    after = manager.environments()[0].owed
    assert before is not None
    assert after is not None
    assert (before.release, before.version, after.release, after.version) == (OLD, newer.version, NEW, "")


def test_a_build_that_no_database_knows_and_the_catalog_quarantines_does_not_start(lab: World) -> None:
    """The file alone forbids its digest."""
    manager = lab.manager()
    run(manager, manager.plan_stop("work"))
    lab.store.kept = []
    manager = lab.manager()
    forbidding(manager, container(lab).image)

    with pytest.raises(Refused, match=f"of {OLD} is quarantined"):
        manager.plan_start("work")


def forbidding(manager: Manager, subject: str) -> None:
    """Let the catalog of a Manager have a quarantine, and the database not."""
    one = Override("quarantine", subject, TODAY, "it leaks", "ana", Place("images/overrides/it.toml", 1))
    manager.__dict__["declared"] = replace(manager.declared, overrides=(one,))


def test_what_left_the_catalog_starts_until_what_was_announced_of_it(lab: World) -> None:
    """Taking a release's file away makes nothing last longer."""
    manager = lab.manager()
    found = manager.catalog.release(OLD, TODAY)
    last = Announcement(OLD, 1, TODAY, found.schedule, found.stage(TODAY), TODAY)
    run(manager, manager.plan_stop("work"))
    lab.store.announcements.announce(last, None)

    assert f"announced to retire on {found.schedule.end_of_life}" in " ".join(
        without(lab, TODAY).plan_start("work").notes
    )
    with pytest.raises(Refused, match=f"restarts are refused since {found.schedule.restart_block}"):
        without(lab, found.schedule.restart_block).plan_start("work")


def without(lab: World, day: date) -> Manager:
    """Open a Manager on a catalog that has lost the older release."""
    manager = lab.manager(day)
    families = tuple(
        replace(one, releases=tuple(each for each in one.releases if each.name != OLD))
        for one in manager.declared.families
    )
    manager.__dict__["declared"] = replace(manager.declared, families=families)
    return manager


def cut_short(lab: World) -> None:
    """Let an upgrade end as by a kill while the successor was waited for: both are there, the old one is stopped."""
    manager = lab.manager()
    plan = manager.plan_upgrade(Asked(("work",))).plan
    for step in plan.steps:
        if isinstance(step.do, CreateSuccessor):
            lab.engine.create(step.do.spec)
        if isinstance(step.do, YieldPlace):
            lab.engine.stop(step.do.container)


def test_what_was_cut_short_is_finished_or_undone_and_not_started(lab: World) -> None:
    """Two containers would want one port; both ways out are named."""
    name = container(lab).name
    cut_short(lab)

    with pytest.raises(Refused, match="an upgrade of work was cut short") as caught:
        lab.manager().plan_start("work")
    assert "solvent env upgrade work --back" in caught.value.hint
    assert [one.text for one in lab.manager().doctor() if "cut short" in one.text] == [
        "an upgrade was cut short: work of " + lab.manager().settings.owner
    ]

    back(lab)

    one = container(lab)
    assert (one.name, one.state, one.labels["io.solvent.release"]) == (name, "running", OLD)


@pytest.mark.parametrize("why", ["quarantined", "restarts are refused since", "cannot be read"])
def test_an_upgrade_that_is_called_off_starts_nothing_that_may_not_start(lab: World, why: str) -> None:
    """A quarantine, its restart_block and a secret that is gone are the same as at every start; the rest is undone."""
    cut_short(lab)
    day = TODAY
    if why == "quarantined":
        lab.store.set_status(lab.store.environments()[0].environment.digest, BuildStatus.QUARANTINED, "it leaks")
    elif why == "cannot be read":
        (lab.home / "password").unlink()
    else:
        day = TODAY.replace(year=2029)
    manager = lab.manager(day)

    plan = manager.plan_back(("work",)).plan

    assert [step.kind for step in plan.steps] == ["remove environment"]
    assert [note for note in plan.notes if note.startswith("work is not started again: ") and why in note]
    if day == TODAY:
        run(manager, plan)
        assert container(lab).state == "exited"


def test_what_was_cut_short_goes_with_its_environment(lab: World) -> None:
    """A removal leaves nothing beside it."""
    cut_short(lab)
    manager = lab.manager()

    run(manager, manager.plan_remove("work", delete_workspace=True))

    assert lab.engine.containers({"io.solvent.environment": ""}) == ()
