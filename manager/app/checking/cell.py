"""Asks the probes of one cell: in the release's own image, with the set under test in the place of the kernel.

The sandbox has the set and the probes read-only, the network of the source and no other, no capability, limits of
memory, processes and time. It is removed however it ends, and with it all that a probe may have started.
"""

from __future__ import annotations

import json
import secrets
import time
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from manager.app import leftovers, own_sources, sources
from manager.app.checking import probes, sets, suite
from manager.app.checking.hearing import Hearing
from manager.app.layers import PREFIXES
from manager.app.sandbox import LONGEST, OUTCOMES, ended, objects, period, plain
from manager.app.steps.trees import tree_of, trees
from manager.core.check_words import called
from manager.core.checks import ATTEMPTS, Answer, Attempt, Checked, excused, expected, is_chosen, judged, settled
from manager.core.containers import ContainerSpec, Mount, Tmpfs
from manager.core.secrets import masked
from manager.errors import Failed, Refused, UsageError
from manager.world import secrets as kept_secrets

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from manager.app.apply import Progress
    from manager.app.world import World
    from manager.core.check_actions import CheckCell, MakeSet
    from manager.core.checks import Cell, Demand, Known
    from manager.core.connectors import Connector, Driver, Source

# Some hundred probes take a minute on two quiet cores, and five where ten others compute.
_SECONDS = 900
_MEMORY = 1024**3
# A source of our own is ours to break: its databases are made for each attempt, its sessions may be killed.
_ABLE = ("fresh-database", "may_kill")
# What stands for all probes that nobody heard of, and for those of a person's own source that cannot be asked.
SANDBOX, SOURCE = "sandbox", "source"


@dataclass(frozen=True, slots=True)
class Said:
    """What a sandbox printed, as far as it belongs to this cell; ``whole`` is whether it came to its end.

    ``absent`` says why a person's own source could not be asked. ``known`` is what is known to fail there, as it looks
    without the password, which may be a word of it.
    """

    listed: tuple[str, ...] = ()
    attempts: tuple[Attempt, ...] = ()
    whole: bool = False
    failed: str = ""
    absent: str = ""
    known: tuple[Known, ...] = ()


def make_set(world: World, action: MakeSet, progress: Progress) -> str:
    """Install a set as a tree, or find it; gives the tree's digest. The text is kept, for a way back to it."""
    release = sets.locked(world, world.catalog.release(action.release, world.today), action.text)
    tree = tree_of(world, release, "kernel", progress)
    world.store.checks.keep_set(action.set_hash, action.release, action.text, world.clock.now())
    return tree.digest


def check_cell(world: World, action: CheckCell, progress: Progress) -> Checked:
    """Ask the probes of a cell, keep what they answered, and give it with its verdict.

    What keeps the sandbox from running is an answer that could not tell; only what the engine or the database refuses
    for everything is raised (Unreachable).
    """
    began = time.monotonic()
    connector = world.catalog.connector(action.cell.connector)
    joined = own_sources.joined(world, connector, (action.cell.source,))
    source = next(one for one in joined.sources if one.name == action.cell.source)
    cell = replace(
        action.cell,
        tree=str(progress.results.get(f"set:{action.cell.release}:{action.cell.set_hash[:12]}") or action.cell.tree),
        source_digest=sources.digest(world, source),
    )
    progress.say(f"asking {cell.driver} {cell.version} against {cell.source}")
    before = sources.instance(world, source)
    try:
        said = ask(world, cell, connector, source, action.probes, progress)
    except Failed as error:
        said = Said(failed=error.sentence)
    except UsageError as error:
        said = Said(failed=error.message)
    except Refused as error:
        if not source.own:
            raise
        said = Said(absent=error.sentence)
    gone = before != sources.instance(world, source)
    awaited = expected(said.known, cell, world.today)
    answers = tuple(excused(one, cell, said.known, world.today) for one in answered(said, awaited, gone=gone))
    verdict, reason = judged(answers, demands(connector, said, action.probes))
    checked = Checked(
        cell=cell,
        key=cell.key(probes.digest(world, cell)),
        verdict=verdict,
        reason=reason,
        answers=answers,
        at=world.clock.now(),
        seconds=round(time.monotonic() - began, 3),
    )
    if action.run:
        world.store.checks.keep(action.run, checked)
    return checked


def demands(connector: Connector, said: Said, chosen: tuple[str, ...]) -> dict[str, Demand]:
    """Say of every probe that belongs to a cell what its outcome is good for; required where nothing else is said."""
    if said.absent:
        return {SOURCE: "required"}
    own = {one.probe: one.demand for one in connector.demands}
    names = [name for name in said.listed if is_chosen(chosen, name)]
    return {name: own.get(name, "required") for name in names} | ({} if said.whole and names else {SANDBOX: "required"})


def answered(said: Said, known: Mapping[str, Iterable[str]], *, gone: bool) -> tuple[Answer, ...]:
    """Settle attempts; where the source was another one in the end, no failure counts."""
    if said.absent:
        return (Answer(SOURCE, "not_run", said.absent[:LONGEST]),)
    if said.failed or not said.listed:
        return (Answer(SANDBOX, "error", said.failed or "it gave no answer"),)
    tries: dict[str, list[Attempt]] = {}
    for one in said.attempts:
        lost = gone and one.outcome in ("fail", "error")
        reason = f"the source did not last until the end; {one.reason}" if lost else one.reason
        tries.setdefault(one.probe, []).append(replace(one, outcome="error", reason=reason) if lost else one)
    broken = () if said.whole else (Answer(SANDBOX, "error", "it ended before all was asked"),)
    return (*(settled(some, known) for some in tries.values()), *broken)


def ask(
    world: World, cell: Cell, connector: Connector, source: Source, chosen: tuple[str, ...], progress: Progress
) -> Said:
    """Run the sandbox, say how far it is, and read what it printed; raises Failed where it cannot run."""
    release = world.catalog.release(cell.release, world.today)
    launch = world.catalog.family(release.family).launch
    driver = next(one for one in connector.drivers if one.name == cell.driver)
    tree = trees(world).get(cell.tree)
    if tree is None:
        raise Failed("the set that was to be checked is not there any more", hint="run the command again")
    nonce = secrets.token_hex(16)
    request, password, network = _request(world, connector, driver, source)
    known = tuple(
        replace(one, signature=masked(one.signature, (password,))) for one in probes.known(world, connector, cell)
    )
    asks_suite = is_chosen(chosen, suite.PROBE)
    for_suite = suite.lent(world, cell, connector, release, request) if asks_suite else suite.Lent()
    seconds = _SECONDS + for_suite.seconds
    request |= {"nonce": nonce, "version": cell.version, "attempts": ATTEMPTS, "seconds": seconds - 30}
    request |= {
        "probes": list(chosen) or None,
        "known": expected(known, cell, world.today),
        **for_suite.words,
    }
    with leftovers.passing(world) as labels:
        spec = ContainerSpec(
            name=f"{world.names.realm}-cell-{secrets.token_hex(4)}",
            image=cell.image,
            labels=labels,
            entrypoint=(f"{PREFIXES['kernel']}/bin/python",),
            command=probes.COMMAND,
            environment=(("HOME", "/tmp"), ("LANG", "C.UTF-8"), ("TMPDIR", "/tmp")),  # noqa: S108 - the container's own
            user=str(launch.uid),
            hostname="solvent-check",
            mounts=(
                Mount(str(tree.path), PREFIXES["kernel"], read_only=True, kind="bind"),
                Mount(str(probes.folder(world, release.python, cell.image)), probes.PLACE, read_only=True, kind="bind"),
                *for_suite.mounts,
            ),
            tmpfs=(Tmpfs("/tmp", "rw,nosuid,nodev,size=512m,mode=1777"),),  # noqa: S108 - the container's own
            networks=(network,),
            # Only the source has a name there. The machine's name servers cannot be reached from it, and waiting for
            # them took 10 s for each name that nobody knows. A person's own source may need them, or not have them.
            resolver=("timeout:1", "attempts:3" if source.own else "attempts:2"),
            memory=_MEMORY,
            pids=256,
            stdin=True,
        )
        heard = Hearing(
            progress.say,
            nonce,
            lambda name: is_chosen(chosen, name),
            lambda one: excused(one, cell, known, world.today),
        )
        code, text = ended(world, spec, json.dumps(request).encode(), seconds, heard=heard)
    said = read(text, nonce, password)
    if not said.listed and not said.failed and not said.absent:
        return replace(said, failed=plain(f"it ended with {code}: {masked(text, (password,)).strip()[-300:]}"))
    return replace(said, attempts=for_suite.instead(said.attempts), known=known)


def _request(world: World, connector: Connector, driver: Driver, source: Source) -> tuple[dict[str, Any], str, str]:
    """Give what the probes are told of driver and source, the password that is among it, and the source's network.

    Raises Refused where a person's own source cannot be asked from here.
    """
    words = called(dict(source.parameters))
    if source.tls_port:
        words["tls_port"] = str(source.tls_port)
    told: dict[str, Any] = {
        "engine": source.engine,
        "version": source.version,
        "capabilities": list(_ABLE),
        "embedded": source.embedded,
        "emulated": source.kind == "emulated",
        **words,
    }
    password, network = "", "none" if source.embedded else world.names.sources
    if source.own:
        reached = own_sources.reached(world, connector, source.name)
        told |= reached.words | {"own": True, "capabilities": list(reached.able)}
        password, network = reached.words["password"], reached.network
    elif source.embedded:
        told.setdefault("database", ":memory:")
    else:
        password = kept_secrets.resolve(sources.password(world, source.service)).reveal()
        told |= {"password": password, "ca": sources.authority(world, source.service)}
    has_dialect = any(one.role == "dialect" for one in connector.drivers)
    return (
        {
            "import_name": driver.import_name,
            "distribution": driver.name,
            "scheme": driver.url_scheme if has_dialect else "",
            "source": told,
        },
        password,
        network,
    )


def read(text: str, nonce: str, password: str = "") -> Said:
    """Read what the parent of the probes printed: lines with the nonce count, and nothing else.

    The password is taken out of what is quoted there. It may be as short as a key, or as common as an outcome: what is
    a word of ours stays. The parent has done so as well; what others have it say comes from them.
    """
    quoted = partial(_quoted, password)
    listed: tuple[str, ...] = ()
    attempts: list[Attempt] = []
    whole, failed, absent = False, "", ""
    for one in objects(text):
        if one.get("nonce") != nonce:
            continue
        if isinstance(one.get("probes"), list):
            listed = tuple(_named(name, quoted) for name in one["probes"])
        elif one.get("done"):
            whole = True
        elif one.get("absent"):
            absent = quoted(one["absent"])[:LONGEST]
        elif one.get("failed"):
            failed = quoted(one["failed"])[:LONGEST]
        elif one.get("outcome") in OUTCOMES and "probe" in one:
            attempts.append(_attempt(one, quoted))
    return Said(listed, tuple(attempts), whole, failed, absent)


def _quoted(password: str, text: object) -> str:
    return plain(masked(str(text), (password,)))


def _named(name: object, quoted: Callable[[object], str]) -> str:
    """Give the name of a probe, which only a probe of ours has as it is."""
    return str(name) if name in probes.ids() else quoted(name)[:100]


def _attempt(one: dict[str, Any], quoted: Callable[[object], str]) -> Attempt:
    measures = one.get("measures")
    found = measures.items() if isinstance(measures, dict) else ()
    number = one.get("attempt")
    return Attempt(
        probe=_named(one["probe"], quoted),
        outcome=one["outcome"],
        reason=quoted(one.get("reason") or "")[:LONGEST],
        signature=quoted(one.get("signature") or "")[:200],
        attempt=number if isinstance(number, int) else 1,
        seconds=period(one.get("seconds")),
        measures=tuple(_figures(found, quoted)),
    )


def _figures(found: Iterable[tuple[Any, Any]], quoted: Callable[[object], str]) -> Iterable[tuple[str, float]]:
    for name, value in found:
        if isinstance(value, int | float) and abs(value) < 10**15:
            yield quoted(name)[:60], float(value)
