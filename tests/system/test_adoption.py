"""What people have made without Solvent is listed right, is not changed by being looked at, and can be continued."""

from __future__ import annotations

import hashlib
import json
import secrets
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from tests.system import support_running
from tests.system.hand_made import TWENTY, imported, make, metadata, put
from tests.system.world import World, docker

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.engine


@pytest.fixture
def prefix(ready_world: World) -> Iterator[str]:
    """Give the beginning of names of this test's own, and take away what has them."""
    prefix = f"hand-{secrets.token_hex(3)}-"
    yield prefix
    if found := docker("ps", "-aq", "--filter", f"name=^/{prefix}").split():
        docker("rm", "-fv", *found, check=False)
    if found := docker("images", "-q", "--filter", f"reference={prefix}*").split():
        docker("rmi", "-f", *found, check=False)
    if found := docker("volume", "ls", "-q", "--filter", f"name={prefix}").split():
        docker("volume", "rm", "-f", *found, check=False)


@pytest.fixture
def base(ready_world: World) -> str:
    """Give the base that the world's images stand on, as one that people build on."""
    return support_running.base(ready_world, "trixie")


def _images() -> list[str]:
    return docker("images", "-aq", "--no-trunc").split()


def state_of(names: list[str]) -> tuple[Any, dict[str, str]]:
    """Give what the engine says of containers, and a digest of what differs in each from its image.

    It says mounts and differences in any order.
    """
    inspected = json.loads(docker("inspect", *names))
    for one in inspected:
        one["Mounts"].sort(key=lambda mount: mount["Destination"])
    with ThreadPoolExecutor(4) as several:
        lines = [sorted(said.splitlines()) for said in several.map(lambda name: docker("diff", name), names)]
    digests = [hashlib.sha256("\n".join(found).encode()).hexdigest() for found in lines]
    return inspected, dict(zip(names, digests, strict=True))


def test_containers_of_every_kind_are_listed_right_and_none_is_changed(
    ready_world: World, base: str, prefix: str
) -> None:
    """Running, stopped, paused, without a shell, without an image: what is in them is found in their bytes."""
    imported(f"{prefix}plain:1", {"/etc/empty": b""})
    words = {"VOLUME": f"{prefix}files", "REALM": ready_world.realm}
    with ThreadPoolExecutor(4) as several:
        list(several.map(lambda one: make(one, base, prefix, words), TWENTY))
    names = [prefix + one.name for one in TWENTY]
    before = state_of(names)
    # Those of these containers that are still there: other tests make and remove images of their own meanwhile.
    images = {*docker("inspect", "--format", "{{.Image}}", *names).split()} & {*_images()}

    found = {one["name"]: one for one in ready_world.json("adopt", "scan", *names)["unmanaged"]}
    again = {one["name"]: one for one in ready_world.json("adopt", "scan", *names)["unmanaged"]}

    assert state_of(names) == before
    assert len(images) > 1
    assert images <= {*_images()}
    assert len(TWENTY) >= 20
    assert again == found
    (python,) = found[prefix + "nothing"]["scan"]["languages"]
    for one in TWENTY:
        seen = found[prefix + one.name]
        told = (seen["state"], seen["scan"]["ides"], seen["scan"]["languages"], seen["scan"]["drivers"])
        languages = sorted(
            python if each == "BASE" else each for each in one.languages if not (one.image and each == "BASE")
        )
        assert (told[0], told[1], sorted(told[2]), told[3]) == (
            one.state, list(one.ides), languages, list(one.drivers),
        ), one.name  # fmt: skip
        assert (seen["owner"] or {}).get("hint", "") == one.owner, one.name
    mounts = {one["target"]: (one["kind"], one["mode"]) for one in found[prefix + "mounts"]["mounts"]}
    assert mounts == {"/work": ("volume", "rw"), "/data-unnamed": ("volume", "rw"), "/h": ("bind", "ro")}
    assert [one["path"] for one in found[prefix + "mounts"]["scan"]["unread"]] == ["/data-unnamed", "/h", "/work"]
    (port,) = {(one["address"], one["port"]) for one in found[prefix + "published"]["published"]} - {("::", 8888)}
    assert port == ("0.0.0.0", 8888)
    assert [one["why"] for one in found[prefix + "damaged"]["scan"]["unread"]] == ["it names no package and version"]
    listed = ready_world.json("env", "list", "--everyone")["unmanaged"]
    assert set(names) <= {one["name"] for one in listed}
    (matter,) = [one for one in ready_world.json("status")["matters"] if one["kind"] == "unmanaged"]
    assert matter["pay"] == "solvent adopt scan"


def test_a_containers_files_go_on_in_an_environment(ready_world: World, base: str, prefix: str) -> None:
    """Files of another user, closed to everybody else, belong to the one who works there; the old ones stay."""
    old, volume = f"{prefix}lab", f"{prefix}work"
    docker("create", "--name", old, "-v", f"{volume}:/home/ana/work", "-u", "1234", base, "sleep", "3600")
    put(old, {"notes.txt": b"of ana", "deep/er/a.ipynb": b"{}"}, "/home/ana/work", uid=1234)
    put(old, metadata("jupyterlab", "4.1.5"))
    docker("start", old)
    before = state_of([old])

    defined = ready_world("adopt", "environment", old, "--as", "continued")
    early = ready_world("env", "start", "continued", code=5)
    assert state_of([old]) == before
    docker("stop", "-t", "0", old)
    started = ready_world("env", "start", "continued")

    assert "jupyterlab" in defined.stdout
    assert f"docker stop {old}" in early.stderr
    assert "2 files of" in started.stderr
    inside = ready_world(
        "env",
        "shell",
        "continued",
        "--",
        "sh",
        "-c",
        "stat -c '%u %a %n' notes.txt deep/er/a.ipynb; cat notes.txt; touch mine",
    )
    assert inside.stdout == "1000 600 notes.txt\n1000 600 deep/er/a.ipynb\nof ana"
    kept = docker("run", "--rm", "-v", f"{volume}:/v", "--entrypoint", "stat", base, "-c", "%u", "/v/notes.txt")
    assert kept == "1234\n"
    assert state_of([old])[1] == before[1]
    ready_world("env", "remove", "continued", "--delete-workspace", "--approve-destructive")
