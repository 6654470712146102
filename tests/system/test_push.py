"""Builds in a registry with TLS, an authority of its own and a login, through the real engine.

The builds are as small as can be: what is asked is who gets which bytes. Solvent's own certificate folder of Docker is
used, under the registry's own host, and taken away again.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import tarfile
import time
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pytest

from manager.app.manager import Manager
from manager.app.settings import load
from manager.core.builds import layer_groups
from manager.core.ingredients import base_key, ingredients, spec_hash
from manager.core.observed import Build, BuildStatus
from manager.core.reach import Login
from manager.core.secrets import Secret
from manager.world.trusted import CERTIFICATES
from tests.system.support_registry import Registry, address, program
from tests.system.support_search import forms, home_places
from tests.system.world import World, docker, sweep

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.engine

REALM = f"t-push-{os.getpid()}"
RELEASE = "jupyterlab:4.6-py3.13"
VERSION = "20261121.1"


@dataclass(frozen=True)
class Bank:
    """A world with one promoted build, and the registry that its settings name."""

    world: World
    registry: Registry
    manager: Manager
    digest: str
    folder: Path

    def says(self, table: str) -> None:
        """Write the person's settings."""
        self.world.home.joinpath("config").mkdir(parents=True, exist_ok=True)
        self.world.home.joinpath("config", "config.toml").write_text(table)

    def imported(self, reference: str, content: str) -> str:
        """Make an image of one file; give its digest."""
        (self.folder / "marker").write_text(content)
        with tarfile.open(self.folder / "root.tar", "w") as archive:
            archive.add(self.folder / "marker", "marker")
        system = self.manager.catalog.system(self.manager.catalog.release(RELEASE, self.manager.today).system)
        labels = self.manager.names.labels("image", release=RELEASE, version=VERSION, base_key=base_key(system))
        return self.manager.engine.import_image(self.folder / "root.tar", reference, dict(labels))

    def push(self) -> dict[str, object]:
        """Push the build; give what is printed of it."""
        (found,) = self.world.json("image", "push", RELEASE)["pushes"]
        return found  # type: ignore[no-any-return]

    def forgets(self) -> None:
        """Take the build's bytes off the engine."""
        docker("rmi", "-f", self.digest)
        assert self.manager.engine.image(self.digest) is None


@pytest.fixture(scope="module")
def bank(prepared_machine: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bank]:
    """Give the build, promoted as the catalog has it now, and the registry, up."""
    folder = tmp_path_factory.mktemp("bank")
    world = World(folder / "home", REALM)
    password = secrets.token_urlsafe(24)
    os.environ["BUILDS_LOGIN"] = f"ana:{password}"
    registry = Registry(program(tmp_path_factory.mktemp("package")), folder, address(), password)
    environ = {name: text for name, text in world.environ.items() if name.startswith("SOLVENT_")}
    manager = Manager(load(environ))
    made = Bank(world, registry, manager, "", folder)
    try:
        registry.start()
        family, line = RELEASE.split(":")
        made = replace(made, digest=made.imported(manager.names.image(family, line, VERSION), "a build\n"))
        release = manager.catalog.release(RELEASE, manager.today)
        parts = ingredients(manager.catalog.family(family), release, layer_groups(manager.catalog, release), "sha256:b")
        now = manager.clock.now()
        manager.store.add_build(
            Build(RELEASE, VERSION, made.digest, spec_hash(parts), parts, BuildStatus.PROMOTED, now, 100)
        )
        manager.store.move_channel(RELEASE, "stable", "", made.digest)
        made.says(registry.table)
        yield made
    finally:
        registry.stop()
        manager.close()
        del os.environ["BUILDS_LOGIN"]
        shutil.rmtree(CERTIFICATES / registry.host, ignore_errors=True)
        with suppress(OSError):
            CERTIFICATES.rmdir()
        sweep(REALM)


def test_an_engine_that_does_not_know_the_authority_sends_nothing(bank: Bank) -> None:
    """The command that helps is named. Loopback addresses would be let through, so this is the negative control."""
    bank.says("".join(line for line in bank.registry.table.splitlines(keepends=True) if "ca_bundle" not in line))

    ended = bank.world("image", "push", RELEASE, code=6)

    assert "unknown authority" in ended.stderr
    assert f"/etc/docker/certs.d/{bank.registry.host}/ca.crt" in ended.stderr
    assert "/v2/solvent" not in bank.registry.requests
    bank.says(bank.registry.table)


def test_a_wrong_login_sends_nothing(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    """The engine is made to trust the registry first, by a step that is announced; then the registry says no."""
    monkeypatch.setenv("BUILDS_LOGIN", "ana:falsch")

    ended = bank.world("image", "push", RELEASE, "--progress", "plain", code=6)

    assert f"trust registry {bank.registry.host}" in ended.stderr
    assert "wants another login" in ended.stderr
    assert not list(bank.folder.glob("data/**/_manifests"))


def test_what_is_pushed_comes_back_by_its_digest(bank: Bank) -> None:
    """A second push sends nothing; a machine without the bytes pulls those that were proven, under its own names."""
    found = bank.push()
    uploads = bank.registry.requests.count("POST /v2/")
    assert (found["digest"], found["sent"]) == (bank.digest, True)
    assert bank.registry.host not in docker("image", "inspect", bank.digest)
    assert bank.push() == found | {"sent": False}
    assert bank.registry.requests.count("POST /v2/") == uploads

    bank.forgets()
    plan = bank.world("env", "launch", RELEASE, "--dry-run").stdout
    bank.world("image", "build", RELEASE)

    assert "1. pull build" in plan
    family, line = RELEASE.split(":")
    there = bank.manager.engine.image(bank.manager.names.image(family, line))
    assert there is not None
    assert there.digest == bank.digest
    assert bank.registry.host not in docker("image", "inspect", bank.digest)
    entry = bank.manager.store.history(limit=1)[0]
    assert (entry.kind, entry.outcome) == ("pull build", "done")


def test_a_manifest_of_other_bytes_is_never_kept(bank: Bank) -> None:
    """What stands behind the manifest has to have the digest that was proven."""
    bank.push()
    other = f"{bank.registry.host}/solvent/jupyterlab:other"
    stranger = bank.imported(f"{REALM}/stranger:1", "another\n")
    bank.manager.engine.tag(stranger, other)
    manifest = bank.manager.engine.push(other, str, Login("ana", Secret(bank.registry.password)))
    docker("rmi", "-f", stranger)
    (copy,) = bank.manager.store.copies()
    bank.manager.store.keep_copy(replace(copy, manifest=manifest))
    bank.forgets()

    ended = bank.world("image", "build", RELEASE, code=1)

    assert stranger in ended.stderr
    assert bank.manager.engine.image(stranger) is None
    bank.manager.store.keep_copy(copy)
    bank.world("image", "build", RELEASE)


def test_a_silent_registry_is_told_and_a_launch_builds(bank: Bank) -> None:
    """A push ends as unreachable; who has no bytes builds as without a registry."""
    bank.push()
    bank.registry.stop()
    try:
        assert "no registry answers" in bank.world("image", "push", RELEASE, code=6).stderr
        bank.forgets()
        plan = bank.world("env", "launch", RELEASE, "--dry-run").stdout
    finally:
        bank.registry.start()
    bank.world("image", "build", RELEASE)

    assert "build image" in plan
    assert "note: no registry answers" in plan


def test_the_login_stays_nowhere(bank: Bank) -> None:
    """Not in the home, the database, the image, its history, the engine's events, or what is printed."""
    since = time.time() - 600
    said = bank.world("image", "push", RELEASE, "-o", "json", "--progress", "json")
    shown = bank.world("config", "show", "-o", "json")
    places = dict(home_places(bank.world.home, since))
    places["printed"] = "".join((said.stdout, said.stderr, shown.stdout, shown.stderr)).encode()
    places["image"] = docker("image", "inspect", bank.digest).encode()
    places["history"] = docker("history", "--no-trunc", "--format", "{{json .}}", bank.digest).encode()
    places["events"] = docker("events", "--since", str(int(since)), "--until", "0s", "--format", "{{json .}}").encode()

    assert json.loads(said.stdout)["pushes"]
    assert len(places) > 5
    wanted = forms(bank.registry.password)
    assert not [place for place, content in places.items() if any(form in content for form in wanted)]
