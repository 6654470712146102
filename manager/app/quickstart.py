"""From nothing to a notebook that queries a database, as a row of ordinary plans; and away again.

Each phase finds what is there and does the rest, so a second run is quick and an interrupted one goes on.
What it makes is noted, so that taking it away leaves everything else alone.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from manager.app import hosting
from manager.app.events import StepStarted
from manager.core.actions import RemoveContainer, RemoveNetwork, RemoveVolume, StopSource
from manager.core.build_actions import RemoveImage
from manager.core.containers import LABEL
from manager.core.environments import LaunchRequest
from manager.core.observed import readable
from manager.core.plan import Plan, Step, in_order
from manager.core.references import references
from manager.errors import Failed, Refused, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from manager.app.events import Event
    from manager.app.manager import Manager
    from manager.core.actions import Action
    from manager.core.observed import Container, Environment, Observed

FAMILY = "jupyterlab"
ENVIRONMENT = "quickstart"
CONNECTION = "warehouse"
CONNECTOR = "postgresql"
SOURCE = "postgresql-17"
NOTEBOOK = "quickstart.ipynb"

# The two lines that the README shows, and a question that the sample data can answer.
CONNECT = f"""\
import sqlalchemy, pathlib
engine = sqlalchemy.create_engine(pathlib.Path("/run/solvent/connections/{CONNECTION}/url").read_text())"""
QUERY = """\
with engine.connect() as connection:
    rows = connection.execute(sqlalchemy.text(\"\"\"
        select c.country, count(distinct o.id) as orders, sum(i.quantity * i.unit_price) as revenue
        from orders o join customers c on c.id = o.customer_id join order_items i on i.order_id = o.id
        group by c.country order by revenue desc limit 5\"\"\")).all()
for country, orders, revenue in rows:
    print(f"{country:<8} {orders:>6} orders {revenue:>14,} euro")"""


@dataclass(frozen=True, slots=True)
class QuickstartDone:
    """Where the notebook is, what its first cell showed, and what to try next."""

    environment: str
    url: str
    rows: str
    try_next: tuple[str, ...]


def quickstart(manager: Manager) -> Iterator[Event | str | QuickstartDone]:
    """Do whatever is missing; yields headings (str), the events of each plan, and at the end QuickstartDone.

    Raises Unreachable where the machine must be prepared by hand, and what any of the plans raises.
    """
    yield "engine: looking"
    yield from _apply(manager, hosting.plan(manager.settings, manager.today))
    manager.catalog.source(SOURCE)
    release = manager.catalog.release(FAMILY, manager.today)

    yield f"{release.name}: image and data source"
    building = manager.plan_build((release.name,))
    starting = manager.plan_source_start((SOURCE,))
    steps = {step.id: step for step in (*building.steps, *starting.steps)}
    both = replace(building, subject=f"prepare {release.name} and {SOURCE}", steps=in_order(steps.values()))
    yield from _apply(manager, both)

    if CONNECTION not in {connection.name for connection in manager.connections()}:
        manager.add_connection(CONNECTION, CONNECTOR, source=SOURCE)
        _note(manager, [f"connection:{CONNECTION}"])
        yield f"connection {CONNECTION}: saved, to {SOURCE}"
    else:
        yield f"connection {CONNECTION}: saved before"

    yield f"environment {ENVIRONMENT}: launching"
    yield from _apply(manager, _launch_plan(manager, release.name))
    view = manager.environment(ENVIRONMENT)
    if not view.url:
        raise Failed(f"{ENVIRONMENT} gives no URL", hint=f"solvent env logs {ENVIRONMENT}")

    yield "notebook: running a cell in the environment's own kernel"
    rows, url = _first_cell(view.url)
    yield QuickstartDone(ENVIRONMENT, url, rows, _try_next())


def _launch_plan(manager: Manager, release: str) -> Plan:
    """Launch the environment, or start it; one that runs gets a connection that has changed, as at every start."""
    observed = manager.observe()
    readable(observed)
    mine = [one for one in observed.environments if (one.owner, one.name) == (manager.settings.owner, ENVIRONMENT)]
    if mine and mine[0].state != "created":
        return manager.plan_start(ENVIRONMENT)
    return manager.plan_launch(LaunchRequest(release, name=ENVIRONMENT, connections=(CONNECTION,)))


def _first_cell(url: str) -> tuple[str, str]:
    """Save the notebook, run its cells, and give what they printed with the notebook's own URL."""
    from manager.world import jupyter

    address, _, token = url.partition("/lab?token=")
    jupyter.save_notebook(address, token, NOTEBOOK, (CONNECT, QUERY))
    result = jupyter.run_cell(address, token, f"{CONNECT}\n{QUERY}", timeout=60)
    if result.status != "ok":
        raise Failed("the first cell did not run", why=result.error, hint="solvent connection test " + CONNECTION)
    return result.text.rstrip(), f"{address}/lab/tree/{NOTEBOOK}?token={token}"


def _try_next() -> tuple[str, ...]:
    return (
        "solvent env list",
        f"solvent connection test {CONNECTION}",
        "solvent image list --all",
        f"solvent env launch {FAMILY} --name work --connection {CONNECTION}",
        "solvent quickstart --remove",
    )


def remove(manager: Manager) -> Iterator[Event | str]:
    """Take away what quickstart made and nobody else uses; distribution packages and the engine stay.

    Saying ``--remove`` is the yes: the environment's workspace goes with everything in it. What others still use
    stays noted, for the next time.
    """
    made = _noted(manager)
    if not made:
        yield "quickstart has made nothing that is still here"
        return
    plan, kept = _removal(manager, made)
    yield from kept.values()
    yield from manager.apply(plan)
    if f"connection:{CONNECTION}" in made:
        try:
            manager.remove_connection(CONNECTION)
            yield f"connection {CONNECTION}: removed"
        except UsageError:
            yield f"connection {CONNECTION}: was gone already"
        except Refused as refusal:
            kept[f"connection:{CONNECTION}"] = refusal.message
            yield f"{refusal.message}: it stays"
    _record(manager).unlink(missing_ok=True)
    if kept:
        _note(manager, list(kept))
        yield "when nobody uses them any more, say  solvent quickstart --remove  again"
    elif not manager.engine.images(manager.names.filter()):
        # Nothing is built from what the cache holds, so it is only in the way.
        for name in ("bases", "trees"):
            shutil.rmtree(manager.settings.cache_dir / name, ignore_errors=True)
    yield "the engine and what was installed from the distribution stay; solvent doctor says what there is"


def _removal(manager: Manager, made: list[str]) -> tuple[Plan, dict[str, str]]:
    """Plan the removal of noted things that still exist; also give those that others use, and who does."""
    observed = manager.observe()
    readable(observed)
    container = manager.names.environment(manager.settings.owner, ENVIRONMENT)
    ours = f"create:{container}" in made
    others = [one for one in observed.environments if one.container != container or not ours]
    kept: dict[str, str] = {}
    steps: list[Step] = []
    if len(others) < len(observed.environments):
        steps.append(_gone("remove environment", ENVIRONMENT, RemoveContainer(container), ()))
    first = tuple(step.id for step in steps)
    steps += _volumes_gone(manager, observed, made, others, first, kept)
    if f"source:{SOURCE}" in made:
        users = [one.name for one in others if manager.names.sources in one.networks and one.state == "running"]
        if users:
            kept[f"source:{SOURCE}"] = f"source {SOURCE} stays: {', '.join(users)} may use it"
        else:
            steps.append(_gone("stop source", SOURCE, StopSource(SOURCE), first))
    network = f"network:{manager.names.network}"
    own = network in made
    if own and others:
        kept[network] = f"network {manager.names.network} stays: environments use it"
    elif own and any(one.name == manager.names.network for one in observed.networks):
        steps.append(_gone("remove network", manager.names.network, RemoveNetwork(manager.names.network), first))
    used = _used(manager, replace(observed, environments=tuple(others)), container if ours else "")
    steps += _images_gone(observed, made, used, tuple(step.id for step in steps), kept)
    return Plan("take quickstart away", manager.today, in_order(steps)), kept


def _gone(kind: str, target: str, action: Action, needs: tuple[str, ...], *, destructive: bool = False) -> Step:
    return Step(f"{kind}:{target}", kind, target, "quickstart made it", action, "there", "gone", destructive, needs)


def _volumes_gone(
    manager: Manager,
    observed: Observed,
    made: list[str],
    others: list[Environment],
    needs: tuple[str, ...],
    kept: dict[str, str],
) -> list[Step]:
    steps = []
    for volume in observed.volumes:
        if f"volume:{volume.name}" not in made:
            continue
        users = [
            one.name
            for one in others
            if volume.name
            in (manager.names.workspace(one.owner, one.workspace), manager.names.home(one.owner, one.family))
        ]
        if users:
            kept[f"volume:{volume.name}"] = f"volume {volume.name} stays: {', '.join(users)} uses it"
        else:
            steps.append(_gone("delete volume", volume.name, RemoveVolume(volume.name), needs, destructive=True))
    return steps


def _used(manager: Manager, observed: Observed, leaving: str) -> dict[str, list[str]]:
    """Give who needs a digest besides the container that is ``leaving``; a channel needs nothing any more."""
    here = manager.engine_id

    def stays(engine: str, container: str) -> bool:
        return (engine, container) != (here, leaving)

    remembered = manager.store.environments()
    containers = manager.engine.containers({})
    found = references(
        manager.catalog,
        observed,
        manager.today,
        remembered=[one for one in remembered if stays(one.engine, one.environment.container)],
        snapshots=[one for one in manager.store.snapshots() if stays(one.engine, one.container)],
        containers=[one for one in containers if stays(here, one.name) and not _of_source(manager, one)],
        realm=manager.names.realm,
    )
    used: dict[str, list[str]] = {}
    for one in found:
        if one.kind not in ("channel", "way back"):
            used.setdefault(one.digest, []).append(str(one))
    return used


def _of_source(manager: Manager, one: Container) -> bool:
    """Say whether a container is a source's, which goes with it."""
    return one.labels.get("com.docker.compose.project") == manager.names.sources


def _images_gone(
    observed: Observed, made: list[str], used: dict[str, list[str]], needs: tuple[str, ...], kept: dict[str, str]
) -> list[Step]:
    """Plan the removal of images; bases go last, and stay while they are used or an image that stays stands on them."""
    images: list[Step] = []
    bases: dict[str, tuple[str, str]] = {}
    standing: set[str] = set()
    for image in observed.images:
        label = {key.removeprefix(LABEL): value for key, value in image.labels.items()}
        kind, base = label.get("kind", ""), label.get("base-key", "")
        name = label.get({"image": "release", "base": "system", "source": "source"}.get(kind, ""), "")
        noted = f"{kind}:{name}"
        if not image.references and image.digest not in used:
            # What an interrupted build left behind: nothing points to it, and its labels are those of its base.
            images.append(_gone("remove image", image.digest[:19], RemoveImage(image.digest), needs))
        elif kind == "base":
            bases |= {base: (name, image.digest)} if noted in made else {}
        elif noted not in made or image.digest in used or (kind == "source" and noted in kept):
            standing.add(base)
            if noted in made:
                kept.setdefault(noted, f"image {name} stays: {', '.join(used.get(image.digest, ()))}")
        else:
            title = f"{name} {label.get('version', '')}".strip()
            images.append(_gone("remove image", title, RemoveImage(image.digest), needs))
    last = (*needs, *(step.id for step in images))
    gone = []
    for key, (name, digest) in bases.items():
        if key in standing or digest in used:
            kept[f"base:{name}"] = f"base {name} stays: {', '.join(used.get(digest, ['other images stand on it']))}"
        else:
            gone.append(_gone("remove base", name, RemoveImage(digest), last))
    return [*images, *gone]


def _apply(manager: Manager, plan: Plan) -> Iterator[Event]:
    """Apply a plan and note what it makes as each step begins, so that whatever kills it leaves nothing unknown."""
    if not plan:
        return
    for event in manager.apply(plan):
        if isinstance(event, StepStarted):
            _note(manager, [event.step.id])
        yield event


def _record(manager: Manager) -> Path:
    return manager.settings.state_dir / "quickstart.json"


def _noted(manager: Manager) -> list[str]:
    record = _record(manager)
    try:
        made = json.loads(record.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return []
    except (OSError, ValueError, RecursionError) as error:
        raise _unreadable(record, str(error)) from None
    if not isinstance(made, list) or not all(isinstance(one, str) for one in made):
        raise _unreadable(record, "it is no list of names")
    return made


def _unreadable(record: Path, why: str) -> Failed:
    return Failed(
        "what quickstart has made cannot be read",
        why=why,
        hint=f"nothing was changed; look with  solvent env list  and forget the note:  rm {record}",
        where=str(record),
    )


def _note(manager: Manager, made: list[str]) -> None:
    from manager.whole_files import write_private

    # As a whole or not at all: the note of a quickstart that is killed right now still says what there is.
    write_private(_record(manager), json.dumps(list(dict.fromkeys([*_noted(manager), *made]))))
