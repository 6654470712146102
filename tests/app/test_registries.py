"""Pushing and pulling through a Manager: which login goes where, what is remembered, what is never kept."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from manager.core.builds import layer_groups
from manager.core.environments import LaunchRequest
from manager.core.ingredients import base_key, ingredients, spec_hash
from manager.core.observed import BuildStatus
from manager.errors import Failed, NotTrusted, Refused, Unreachable, UsageError
from manager.world import trusted
from tests.app.conftest import RELEASE, World, ended, run
from tests.fakes.store import FakeStore

if TYPE_CHECKING:
    from pathlib import Path

    from manager.app.manager import Manager
    from manager.core.observed import Copy
    from manager.core.plan import Plan

HOST = "registry.bank:5000"
LOGIN = "ana:geheim-3f9a"
PEM = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"


@pytest.fixture
def bank(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """Give a world whose person names a registry, with a login by reference and an authority."""
    monkeypatch.setenv("BUILDS_LOGIN", LOGIN)
    config = world.home / "config"
    config.mkdir(parents=True)
    (config / "ca.pem").write_text(PEM)
    (config / "config.toml").write_text(
        f'[mirror]\nbuilds = "{HOST}/solvent"\nca_bundle = "ca.pem"\n'
        '[mirror.credentials]\nbuilds = "env:BUILDS_LOGIN"\n'
    )
    return world


def pushed(world: World) -> Copy:
    """Push the build; give where it is."""
    manager = world.manager()
    run(manager, manager.plan_push((RELEASE,)))
    (copy,) = world.store.copies()
    return copy


def logins(world: World, method: str) -> list[str]:
    """Give the logins that the engine was handed, in clear."""
    given = [arguments[-1] for name, arguments in world.engine.calls if name == method]
    return [f"{one.user}:{one.password.reveal()}" if one else "" for one in given]  # type: ignore[attr-defined]


def test_a_push_is_remembered_and_leaves_no_name_of_the_registry(bank: World) -> None:
    """The history says where it went; the image goes by the names of the realm as before."""
    before = bank.engine.images({})

    copy = pushed(bank)

    assert copy.reference.startswith(f"{HOST}/solvent/{RELEASE}-20261120.1-")
    assert bank.store.entries[-1].after == str(copy)
    assert bank.engine.images({}) == before
    assert logins(bank, "push") == [LOGIN]


def test_what_was_pushed_is_told_again_without_pushing(bank: World) -> None:
    """The command prints the same reference."""
    copy = pushed(bank)
    manager = bank.manager()

    plan = manager.plan_push((RELEASE,))

    assert not plan
    assert [(str(one.copy), one.sent) for one in manager.pushes(plan, None)] == [(str(copy), False)]


def test_a_login_is_sent_to_its_own_registry_only(bank: World) -> None:
    """Another one gets what the engine's client keeps for it, if anything."""
    manager = bank.manager()

    run(manager, manager.plan_push((RELEASE,), to="stranger.example/solvent"))

    assert logins(bank, "push") == logins(bank, "manifest") == [""]


def test_one_login_serves_bases_and_builds_of_one_host(bank: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A company with one registry names it once."""
    monkeypatch.setenv("OTHER", "bob:anders-81")
    (bank.home / "config/config.toml").write_text(
        f'[mirror]\nbuilds = "{HOST}/solvent"\nregistry = "{HOST}/hub"\n[mirror.credentials]\nregistry = "env:OTHER"\n'
    )

    pushed(bank)

    assert logins(bank, "push") == ["bob:anders-81"]


def test_a_push_names_its_registry(world: World) -> None:
    """Without one it is a matter of usage; a name without a host would be the public registry."""
    with pytest.raises(UsageError, match="no registry is named") as told:
        world.manager().plan_push((RELEASE,))
    assert "--to" in told.value.hint
    for prefix in ("solvent", "https://registry.bank/solvent", "ana:geheim@registry.bank/solvent"):
        with pytest.raises(UsageError, match="cannot be pushed to"):
            world.manager().plan_push((RELEASE,), to=prefix)


def test_all_that_can_be_pushed_is(bank: World) -> None:
    """Releases without a promoted build are told and left."""
    plan = bank.manager().plan_push((), everything=True)

    assert [step.target for step in plan.steps] == [f"{RELEASE} 20261120.1"]
    assert "jupyterlab:4.5-py3.11 has no promoted build: not pushed" in plan.notes


def test_a_login_that_cannot_be_had_stops_a_push(bank: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """It names the key; nothing was sent."""
    monkeypatch.delenv("BUILDS_LOGIN")

    with pytest.raises(Unreachable, match=r"login of mirror.builds cannot be had"):
        bank.manager().plan_push((RELEASE,))

    assert not bank.engine.pushes


def test_a_build_that_was_quarantined_meanwhile_is_not_sent(bank: World) -> None:
    """Between plan and push somebody may have forbidden it."""
    manager = bank.manager()
    plan = manager.plan_push((RELEASE,))
    bank.store.set_status(bank.store.kept[0].digest, BuildStatus.QUARANTINED, "a test says so")

    error = ended(manager, plan)

    assert isinstance(error, Refused)
    assert not bank.engine.pushes
    assert not bank.store.copies()


def test_an_interrupted_push_goes_on(bank: World) -> None:
    """Killed after the registry had it: the next run writes down where it is."""
    manager = bank.manager()
    bank.engine.fail("push", Unreachable("gone"))
    assert isinstance(ended(manager, manager.plan_push((RELEASE,))), Unreachable)
    assert all(HOST not in name for image in bank.engine.images({}) for name in image.references)
    bank.store.pushed.clear()
    pushed(bank)
    bank.store.pushed.clear()

    assert pushed(bank).manifest in bank.engine.pushed


def test_a_launch_brings_the_bytes_back_under_their_names(bank: World) -> None:
    """The image is that of the release again, and nothing of the registry's stays beside it."""
    copy = pushed(bank)
    bank.engine.remove_image(copy.digest)

    bank.launch()

    image = bank.engine.image(copy.digest)
    assert image is not None
    assert image.references == (f"solvent/{RELEASE}", f"solvent/{RELEASE}-20261120.1")
    assert bank.engine.specs["solvent-" + bank.manager().settings.owner + "-work"].image == copy.digest


def test_another_image_behind_the_manifest_is_never_launched(bank: World) -> None:
    """The digest is the one that was proven, or nothing is kept and no container made."""
    copy = pushed(bank)
    other = bank.engine.add_image("stranger:1", {"io.solvent.realm": "solvent"})
    bank.engine.tag(other, f"{HOST}/solvent/jupyterlab:other")
    manifest = bank.engine.push(f"{HOST}/solvent/jupyterlab:other", lambda _: None)
    for digest in (copy.digest, other):
        bank.engine.remove_image(digest)
    bank.store.keep_copy(replace(copy, manifest=manifest))
    manager = bank.manager()

    error = ended(manager, manager.plan_launch(LaunchRequest(RELEASE, name="work")))

    assert isinstance(error, Failed)
    assert (copy.digest in error.why, other in error.why) == (True, True)
    assert bank.engine.image(other) is None
    assert not bank.engine.specs


def test_a_build_of_another_realm_is_named_as_such(bank: World) -> None:
    """Its labels would hide it from this one."""
    copy = pushed(bank)
    manifest, image = next(iter(bank.engine.pushed.items()))
    bank.engine.pushed[manifest] = replace(image, labels={**image.labels, "io.solvent.realm": "elsewhere"})
    bank.engine.remove_image(copy.digest)
    manager = bank.manager()

    error = ended(manager, manager.plan_launch(LaunchRequest(RELEASE, name="work")))

    assert "built in the realm elsewhere" in error.message
    assert bank.engine.image(copy.digest) is None


@pytest.mark.parametrize("uid", [0, 1000], ids=["root", "a person"])
def test_trust_is_a_step_for_root_and_a_hint_for_others(
    bank: World, uid: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The certificate is put under a name of its own, once; a registry that still is not trusted is an error."""
    folder = tmp_path / "certs.d"
    monkeypatch.setattr("os.geteuid", lambda: uid)
    for name in ("has", "trust"):
        there = getattr(trusted, name)
        monkeypatch.setattr(trusted, name, lambda *words, there=there: there(*words, folder))
    refused = NotTrusted("the engine does not know who signed it", hint="sudo install CA.pem")
    bank.engine.fail("manifest", refused)
    manager = bank.manager()
    if uid:
        with pytest.raises(Unreachable) as told:
            manager.plan_push((RELEASE,))
        assert told.value.hint == "sudo install CA.pem"
        return

    run(manager, manager.plan_push((RELEASE,)))

    assert (folder / HOST / "solvent.crt").read_text() == PEM
    assert (folder / HOST / "solvent.crt").stat().st_mode & 0o777 == 0o644
    bank.engine.fail("manifest", refused)
    with pytest.raises(Unreachable):
        manager.plan_push((RELEASE,))


def test_the_doctor_has_the_engine_ask(bank: World) -> None:
    """It is the engine that pushes and pulls; a person's own trust says nothing about it."""
    found = {one.part: one for one in bank.manager().doctor()}
    assert found["mirror builds"].outcome == "pass"

    bank.engine.fail("manifest", NotTrusted("the engine does not know who signed it", why="x509", hint="install"))
    found = {one.part: one for one in bank.manager().doctor()}

    assert found["mirror builds"].outcome == "fail"
    assert "x509" in found["mirror builds"].text


def other_machine(world: World) -> tuple[Manager, Plan]:
    """Give a Manager whose database knows nothing, and the step that takes the pushed build over."""
    text = str(pushed(world))
    for digest in [image.digest for image in world.engine.images({})]:
        world.engine.remove_image(digest)
    world.store = FakeStore()
    manager = world.manager()
    plan = manager.plan_adopt(text)
    (adopt,) = (step for step in plan.steps if step.kind == "adopt build")
    return manager, replace(plan, steps=(replace(adopt, needs=()),))


def relabelled(world: World, manager: Manager, **more: str) -> None:
    """Give the build the labels of a real one, and others."""
    catalog = manager.catalog
    release = catalog.release(RELEASE, manager.today)
    parts = ingredients(catalog.family("jupyterlab"), release, layer_groups(catalog, release), "sha256:base")
    base = {"release": RELEASE, "base_key": base_key(catalog.system(release.system)), "spec_hash": spec_hash(parts)}
    labels = manager.names.labels("image", version="20261120.1", **(base | more))
    ((manifest, image),) = world.engine.pushed.items()
    there = dict(labels) | {"org.opencontainers.image.base.digest": "sha256:base"}
    world.engine.pushed[manifest] = replace(image, labels=there)


def test_a_build_of_another_database_becomes_a_candidate(bank: World) -> None:
    """Its labels agree with the catalog; it is remembered with its ingredients and where it is."""
    manager, plan = other_machine(bank)
    relabelled(bank, manager)

    run(manager, plan)

    (build,) = bank.store.builds()
    assert (build.release, build.version, build.status) == (RELEASE, "20261120.1", BuildStatus.CANDIDATE)
    assert dict(build.inputs)["base"] == "sha256:base"
    assert [copy.digest for copy in bank.store.copies()] == [build.digest]
    image = bank.engine.image(build.digest)
    assert image is not None
    assert image.references == (f"solvent/{RELEASE}-20261120.1",)


@pytest.mark.parametrize("label", ["spec_hash", "base_key", "release", "realm"])
def test_a_build_of_another_catalog_is_not_kept(bank: World, label: str) -> None:
    """What differs is named; neither image nor record stays."""
    manager, plan = other_machine(bank)
    relabelled(bank, manager, **{label: "other"})

    error = ended(manager, plan)

    assert isinstance(error, Refused)
    assert label.replace("_", "-") in error.why
    assert not bank.engine.images({})
    assert not bank.store.builds()
