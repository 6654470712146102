"""What the tests of upgrades begin with: ``work`` on the older of two releases, and what is done to it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from manager.app.upgrades import Asked
from manager.core.environments import LaunchRequest
from tests.app.conftest import run
from tests.fakes.engine import Outcome

if TYPE_CHECKING:
    from manager.app.upgrades import Upgrades
    from manager.core.observed import Container
    from tests.app.conftest import World

OLD, NEW = "jupyterlab:4.4-py3.11", "jupyterlab:4.5-py3.11"
KERNEL = ("/opt/solvent/kernel/bin/python",)
PROBE, PIP = (*KERNEL, "-I", "-c"), (*KERNEL, "-m", "pip")
NOTHING = {
    "outcome": "seen", "uses": [], "there": [], "overlay": "", "packages": [], "r": [], "read": 0, "skipped": [],
    "left": 0, "others": 0, "cut": "",
}  # fmt: skip


def prepare(world: World) -> None:
    """Put builds of two releases there, and ``work`` running on the older one, with a connection."""
    world.build(OLD)
    world.build(NEW)
    world.home.mkdir(exist_ok=True)
    (world.home / "password").write_text("s3cret-word")
    manager = world.manager()
    secret = {"password": f"file:{world.home / 'password'}"}
    manager.add_connection("warehouse", "postgresql", url="postgresql://ana@db/dwh", secrets=secret)
    request = LaunchRequest(OLD, name="work", workspace="files", connections=("warehouse",), memory=2**31)
    run(manager, manager.plan_launch(request))
    looks(world)


def looks(world: World, **by_release: dict[str, object]) -> None:
    """Let looks from inside releases give what they are said to; nothing where nothing is said."""

    def answer(container: str, stdin: bytes) -> Outcome:
        image = world.engine.specs[container].image
        release = next(build.release for build in world.store.kept if build.digest == image)
        line = release.partition(":")[2].partition("-")[0].replace(".", "_")
        assert json.loads(stdin)["workspace"] == "/workspace"
        return Outcome(stdout=b"a warning\n" + json.dumps(NOTHING | by_release.get(f"r{line}", {})).encode() + b"\n")

    world.engine.teach(PROBE, answer)


def upgraded(world: World, *names: str, **more: object) -> Upgrades:
    """Upgrade to the end; give what was said."""
    manager = world.manager()
    found = manager.plan_upgrade(Asked(names or ("work",), **more))  # type: ignore[arg-type]
    run(manager, found.plan)
    return found


def back(world: World, name: str = "work") -> Upgrades:
    """Go back."""
    manager = world.manager()
    found = manager.plan_back((name,))
    run(manager, found.plan)
    return found


def container(world: World, name: str = "work") -> Container:
    """Give the one container of an environment, whatever it is called."""
    (one,) = (each for each in world.engine.containers({"io.solvent.environment": name}))
    return one
