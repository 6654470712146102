"""Proves a build before any channel points to it, by looking into its running container.

Two containers are asked at once: one without any network, for what is inside and for a start offline; one that a
browser beside it and a kernel client reach over the network, as a person would.
"""

from __future__ import annotations

import json
import re
import secrets
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from manager.app import leftovers
from manager.app.handover import archive
from manager.app.layers import PREFIXES
from manager.app.sandbox import printed, read_results, script
from manager.app.steps.containers import free_port, listening
from manager.core.containers import ContainerSpec, Mount, Publish, Tmpfs
from manager.core.delivery import PLACE
from manager.core.environments import runtime_tmpfs
from manager.core.ingredients import BROWSER, base_key
from manager.core.locks import parse, pins_for
from manager.core.observed import Build, Result
from manager.errors import Failed, ManagerError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from manager.app.apply import Progress
    from manager.app.leftovers import Labels
    from manager.app.world import World
    from manager.core.actions import ProveBuild
    from manager.core.catalog import Family, Release

# Reads a probe and its question from the arguments, because exec hands over no standard input.
_ASK = (
    "import io, sys; sys.stdin = io.StringIO(sys.argv[2]); "
    "exec(compile(sys.argv[1], 'probe', 'exec'), {'__name__': '__main__'})"
)
_READY = (
    "import sys, time, urllib.request as r\n"
    "for n in range(240):\n"
    "    try: sys.exit(r.urlopen(sys.argv[1], timeout=5).status != 200)\n"
    "    except OSError: time.sleep(0.25)\n"
    "sys.exit(1)"
)
_START_SECONDS = 90
# For all other questions about the inside together, and for each module that is imported.
_INSIDE_SECONDS = 120
_IMPORT_SECONDS = 15


def prove(world: World, action: ProveBuild, progress: Progress) -> tuple[Result, ...]:
    """Ask everything that an image must prove; keeps the results as evidence of the digest.

    Raises Failed, naming every answer that is not a pass; the build stays a candidate then.
    """
    made = progress.results.get(f"image:{action.release}")
    digest = made.digest if isinstance(made, Build) else action.digest
    release = world.catalog.release(action.release, world.today)
    family = world.catalog.family(release.family)
    with leftovers.passing(world) as labels, ThreadPoolExecutor(2) as pool:
        inside = pool.submit(_inside, world, digest, family, release, labels, progress)
        reached = pool.submit(_reached, world, digest, family, labels, progress)
    results = (_size(world, digest, family), *inside.result(), *reached.result())
    world.store.record(digest, results, world.clock.now())
    wrong = [result for result in results if result.outcome != "pass"]
    if wrong:
        raise Failed(
            f"{release.name} {action.version} did not pass {len(wrong)} of {len(results)} checks",
            why="; ".join(f"{one.probe} {one.outcome}: {one.reason}" for one in wrong)[:1500],
            hint=f"the channel stays where it is; the evidence:  solvent image show {release.name}",
        )
    progress.say(f"{len(results)} checks passed")
    return results


def _size(world: World, digest: str, family: Family) -> Result:
    image = world.engine.image(digest)
    if image is None:
        return Result("image.size", "error", "the image is gone")
    if image.size > family.size_budget:
        return Result("image.size", "fail", f"{image.size} bytes, the budget is {family.size_budget}")
    return Result("image.size", "pass", f"{image.size} of {family.size_budget} bytes")


@contextmanager
def _container(
    world: World,
    digest: str,
    family: Family,
    token: str,
    labels: Labels,
    networks: tuple[str, ...],
    publish: tuple[Publish, ...] = (),
) -> Iterator[str]:
    """Run a build as an environment would run it, with volumes of its own; everything is removed afterwards."""
    name = f"{world.names.realm}-check-{secrets.token_hex(4)}"
    launch = family.launch
    volumes = [
        Mount(f"{name}-{target.strip('/').replace('/', '-')}", target) for target in (launch.home, launch.workspace)
    ]
    spec = ContainerSpec(
        name=name,
        image=digest,
        labels=labels,
        environment=launch.environment,
        mounts=tuple(volumes),
        tmpfs=runtime_tmpfs(launch.uid),
        networks=networks,
        publish=publish,
        memory=2 * 1024**3,
        cpus=2.0,
        stdin=True,
    )
    try:
        for volume in volumes:
            world.engine.create_volume(volume.source, dict(labels))
        world.engine.create(spec)
        world.engine.start(name, archive(token, (), launch.uid))
        yield name
    finally:
        world.engine.remove(name)
        for volume in volumes:
            world.engine.remove_volume(volume.source)


def _inside(
    world: World, digest: str, family: Family, release: Release, labels: Labels, progress: Progress
) -> tuple[Result, ...]:
    """Start without any network and ask the inside probes."""
    progress.say("starting without a network")
    question = _question(world, family, release)
    launch = family.launch
    began = time.monotonic()
    with _container(world, digest, family, secrets.token_urlsafe(32), labels, ("none",)) as name:
        address = f"http://127.0.0.1:{launch.port}{launch.ready}"
        answer = world.engine.exec(name, ("/usr/bin/python3", "-I", "-c", _READY, address), timeout=_START_SECONDS)
        if answer.code != 0:
            log = b"".join(world.engine.logs(name, tail=10)).decode(errors="replace")
            return (Result("image.starts-offline", "fail", log.strip()[-400:] or "it does not answer"),)
        started = Result("image.starts-offline", "pass", "", round(time.monotonic() - began, 3))
        progress.say("asking what is inside")
        command = ("/usr/bin/python3", "-I", "-c", _ASK, script("inside"), json.dumps(question))
        patience = _INSIDE_SECONDS + _IMPORT_SECONDS * len(question["imports"])
        answer = world.engine.exec(name, command, timeout=patience)
    results = read_results(answer.stdout.decode(errors="replace"))
    if answer.code != 0 or not results:
        said = answer.stderr.decode(errors="replace").strip()[-300:]
        return (started, *results, Result("inside", "error", f"the probe ended with {answer.code}: {said}"))
    return (started, *results)


def _question(world: World, family: Family, release: Release) -> dict[str, Any]:
    """Say what the inside of an image must be, from the lock and the catalog."""
    prefixes = {}
    for lock in (one for one in release.locks if one.kind in PREFIXES):
        pins = pins_for(parse(Path(lock.path).read_text(encoding="utf-8")), release.python, "x86_64")
        prefixes[lock.kind] = {"path": PREFIXES[lock.kind], "versions": {pin.name: pin.version for pin in pins}}
    # The IDE's own package must not be seen by the kernel: jupyterlab==4.6.* gives jupyterlab.
    ide = re.split(r"[^A-Za-z0-9_.-]", release.ide_requirement, maxsplit=1)[0].replace("-", "_")
    modules = [driver.import_name for name in release.connectors for driver in world.catalog.connector(name).drivers]
    modules += [name for one in world.catalog.sets_of(release) for name in one.proven_by]
    return {
        "uid": family.launch.uid,
        "prefixes": prefixes,
        "absent": [["kernel", ide]],
        "imports": [["kernel", name] for name in dict.fromkeys(modules)],
        "secrets": [f"{PLACE}/token"],
        "health": ["/opt/solvent/bin/healthy"],
    }


def _reached(world: World, digest: str, family: Family, labels: Labels, progress: Progress) -> tuple[Result, ...]:
    """Start on the environments' network; ask the page in a browser and the kernel over the published port."""
    from manager.world.web import ready

    launch = family.launch
    token = secrets.token_urlsafe(32)
    if world.engine.network(world.names.network) is None:
        world.engine.create_network(world.names.network, dict(world.names.labels("network")))
    check = f"{world.names.realm}-checks-{secrets.token_hex(4)}"
    world.engine.create_network(check, dict(labels), internal=True)
    settings = world.settings
    port = free_port(world, settings.port_first + secrets.randbelow(settings.port_last - settings.port_first + 1))
    browser = f"{world.names.realm}-browser-{secrets.token_hex(4)}"
    try:
        networks = (world.names.network, check)
        published = (Publish(launch.port, port),)
        with (
            _container(world, digest, family, token, labels, networks, published) as name,
            ThreadPoolExecutor(1) as pool,
        ):
            progress.say("starting on the network, and a browser beside it")
            page = pool.submit(_page, world, family, token, name, check, browser, labels)
            try:
                ready(port, launch.ready, _START_SECONDS)
                progress.say("looking at the page in a browser and running a cell")
                kernel = _kernel(port, token)
            except BaseException:
                # Nobody waits for a page of a server that did not start.
                world.engine.remove(browser)
                raise
            return (*page.result(), *kernel)
    finally:
        listening(world, port)
        world.engine.remove_network(check)


def _kernel(port: int, token: str) -> tuple[Result, ...]:
    """Run a cell in a kernel, over the published port."""
    from manager.world import jupyter

    try:
        cell = jupyter.run_cell(f"http://127.0.0.1:{port}", token, script("cell"), timeout=60)
    except ManagerError as error:
        return (Result("kernel", "fail", f"{error.message}; {error.why}"),)
    return read_results(cell.text) or (Result("kernel", "error", cell.error or cell.text[-300:]),)


def _page(
    world: World, family: Family, token: str, host: str, network: str, name: str, labels: Labels
) -> tuple[Result, ...]:
    """Open the page in a headless browser that stands in a container of its own, on an internal network."""
    system = world.catalog.system(BROWSER)
    question = {
        "url": f"http://{host}:{family.launch.port}",
        "page": family.launch.page,
        "selector": family.launch.selector,
        "token": token,
        "timeout": 60,
    }
    spec = ContainerSpec(
        name=name,
        image=world.names.base(system.id, base_key(system)),
        labels=labels,
        entrypoint=("/usr/bin/python3",),
        command=("-c", script("page")),
        environment=(("HOME", "/tmp"),),  # noqa: S108 - the container's own
        user="65534:65534",
        tmpfs=(
            Tmpfs("/tmp", "rw,exec,nosuid,nodev,size=1g,mode=1777"),  # noqa: S108 - the container's own
            Tmpfs("/dev/shm", "rw,nosuid,nodev,size=512m,mode=1777"),  # noqa: S108 - the container's own
        ),
        networks=(network,),
        memory=2 * 1024**3,
        stdin=True,
    )
    try:
        text = printed(world, spec, json.dumps(question).encode(), 180)
    except Failed as error:
        return (Result("page", "error", error.message),)
    return read_results(text) or (Result("page", "error", f"no answer: {text.strip()[-300:]}"),)
