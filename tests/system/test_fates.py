"""What becomes of builds, on a real engine: small images stand for them, as only moving and removing is looked at."""

from __future__ import annotations

import io
import os
import secrets
import subprocess
import tarfile
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from manager.core.evidence import Result
from manager.core.observed import Build, BuildStatus
from manager.world.store import open_store
from tests.system.world import World, docker, sweep

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.engine
RELEASE = "jupyterlab:4.6-py3.13"
VERSIONS = tuple(f"20261101.{number}" for number in range(1, 6))


@pytest.fixture
def shelf(prepared_machine: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """Give a world with a catalog of its own and five builds that were promoted one after the other."""
    world = World(tmp_path / "home", f"t-{secrets.token_hex(3)}")
    world("init", str(tmp_path / "catalog"))
    monkeypatch.setenv("SOLVENT_CATALOG", str(tmp_path / "catalog"))
    store = open_store(f"sqlite:///{world.home}/state/state.db")
    for number, version in enumerate(VERSIONS):
        digest = image(world.realm, version)
        last = version == VERSIONS[-1]
        status = BuildStatus.PROMOTED if last else BuildStatus.SUPERSEDED
        made = datetime(2026, 11, 1, tzinfo=UTC) + timedelta(days=number)
        store.add_build(Build(RELEASE, version, digest, version, (), status, made, 1))
        store.record(digest, (Result("page", "pass"),), made)
        if last:
            store.move_channel(RELEASE, "stable", "", digest)
    store.close()
    yield world
    for name in docker("ps", "-aq", "--filter", f"name={world.realm}-by-hand").split():
        docker("rm", "-f", name)
    sweep(world.realm)


def image(realm: str, version: str) -> str:
    """Import an image of one small file, labelled and named as a build; give its digest."""
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w") as archive:
        file = tarfile.TarInfo("build")
        file.size = 64 * 1024
        archive.addfile(file, io.BytesIO(os.urandom(file.size)))
    labels = {"realm": realm, "kind": "image", "release": RELEASE, "version": version}
    changes = [word for key, value in labels.items() for word in ("--change", f"LABEL io.solvent.{key}={value}")]
    name = f"{realm}/{RELEASE}-{version}"
    command = ("docker", "import", *changes, "--change", 'CMD ["/build"]', "-", name)
    done = subprocess.run(command, input=content.getvalue(), capture_output=True, check=True)
    return done.stdout.decode().strip()


def here(world: World) -> list[str]:
    """Give the versions whose bytes are here, as the command line says it."""
    return [
        one["version"] for one in world.json("image", "show", RELEASE)["release"]["builds"] if one["bytes"] == "present"
    ]


def test_channels_move_and_only_what_nothing_refers_to_goes(shelf: World) -> None:
    """Rolled back, forbidden, fallen back, pruned by digest with two names on it; a container keeps its image."""
    digests = {one["version"]: one["digest"] for one in shelf.json("image", "show", RELEASE)["release"]["builds"]}
    docker("tag", digests[VERSIONS[0]], f"{shelf.realm}/second:name")
    docker("create", "--name", f"{shelf.realm}-by-hand", digests[VERSIONS[1]], "/build")

    moved = shelf.json("image", "rollback", RELEASE)
    assert [(one["version"], one["channels"]) for one in moved["builds"]] == [(VERSIONS[3], ["stable"])]
    assert docker("images", "-q", "--no-trunc", f"{shelf.realm}/{RELEASE}").strip() == digests[VERSIONS[3]]

    forbidden = shelf.json("image", "quarantine", f"{RELEASE}@{VERSIONS[3]}", "--reason", "wrong results")
    assert {one["version"]: one["status"] for one in forbidden["builds"]}[VERSIONS[3]] == "quarantined"
    shown = shelf.json("image", "show", RELEASE)["release"]
    assert (shown["build"]["version"], shown["rollback"]) == (VERSIONS[4], [VERSIONS[2], VERSIONS[1], VERSIONS[0]])

    pruned = shelf.json("image", "prune", "--approve-destructive")
    assert [one["version"] for one in pruned["builds"]] == [VERSIONS[0]]
    assert pruned["freed"] >= 64 * 1024
    assert here(shelf) == list(VERSIONS[1:])
    assert not shelf.json("image", "prune", "--dry-run")["steps"]
    assert shelf.json("image", "show", RELEASE)["release"]["builds"][0]["bytes"] == "pruned"
