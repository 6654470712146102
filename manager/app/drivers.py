"""The drivers of connectors, as locks pin them and as the index has them: proposals, explanations, decisions."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from manager.app import catalogs, suspended
from manager.app.driver_views import Explained, Held, Learnt, PinView
from manager.app.lock_facts import shown
from manager.app.weighing import weigher, weigher_for_all, weigher_of_both
from manager.core import driver_proposals, holds
from manager.core.catalog import Place, canonical_name
from manager.core.driver_releases import Pinned, Rules, candidate, quarantined_by, standings, there
from manager.core.editions import behind, edition, editions, newest
from manager.core.forbidding import standing
from manager.core.index_answers import firsts
from manager.core.libyears import libyears
from manager.core.lifecycle import Stage
from manager.core.locks import MACHINES, parse, pins_for
from manager.core.markers import requirement
from manager.errors import ManagerError, Refused, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from manager.app.world import World
    from manager.core.catalog import Catalog, Release
    from manager.core.connectors import Connector
    from manager.core.driver_decisions import DriverDecision
    from manager.core.driver_releases import Standing
    from manager.core.editions import Edition
    from manager.core.hurting import Weighed
    from manager.core.locks import Machine
    from manager.core.watching import Proposal
    from manager.world.upstream import Told, Upstream


@dataclass(frozen=True, slots=True)
class Asked:
    """What came of asking upstream; ``lost`` counts questions, of ``asked``, of which nobody knows an answer.

    ``waiting`` are sentences about drivers that cool down, and those that are blocked.
    """

    candidates: tuple[Proposal, ...] = ()
    notes: tuple[str, ...] = ()
    waiting: tuple[str, ...] = ()
    asked: int = 0
    lost: int = 0


def distributions(world: World, releases: Iterable[Release] | None = None) -> tuple[str, ...]:
    """Name the distributions of all connectors, or of those that releases have, and what holds wait for."""
    catalog = world.catalog
    chosen = None if releases is None else {name for release in releases for name in release.connectors}
    mine = (one for one in catalog.connectors if chosen is None or one.id in chosen)
    names = [dist for one in mine for dist in one.distributions]
    return tuple(dict.fromkeys([*names, *holds.waited_for(catalog.driver_decisions)]))


def asked(world: World, told: dict[str, Told], releases: Iterable[Release]) -> Asked:
    """Hold what the index said of distributions against the locks of releases."""
    from manager.app.driver_notes import notes

    pinned = pins(world, releases)
    # What no lock has is kept for the list and not judged.
    needed = {*(one.dist for one in pinned), *holds.waited_for(world.catalog.driver_decisions)}
    known = {name: editions(told[name].files) for name in needed & told.keys()}
    # What is proposed is for everybody, as locks are.
    rules = rules_of(world, known)
    judged = {one: standings(known.get(one.dist, ()), one, rules, world.today) for one in pinned}
    found = driver_proposals.proposals(judged, catalogs.option(world))
    lost = sum(one.state == "silent" for one in told.values())
    own = _hurting(judged, weigher(world))
    said = (*notes(told, world.clock.now()), *driver_proposals.lost(known, pinned), *own)
    return Asked(found, said, (*driver_proposals.cooling(judged), *driver_proposals.blocked(judged)), len(told), lost)


def _hurting(judged: dict[Pinned, tuple[Standing, ...]], weigh: Callable[[Pinned, str], Weighed]) -> tuple[str, ...]:
    """Say which proposed versions hurt connections of the person who asks; a line for each."""
    found = {
        (pinned.dist, best.version): weigh(pinned, best.version).words
        for pinned, each in judged.items()
        if (best := candidate(each))
    }
    return tuple(
        f"{dist} {version}: {words}; proposals go by shared ones alone"
        for (dist, version), words in sorted(found.items())
        if words
    )


def pins(world: World, releases: Iterable[Release]) -> tuple[Pinned, ...]:
    """Give what the kernel locks of releases pin of their connectors' distributions; retired ones are left out."""
    catalog = world.catalog
    found: list[Pinned] = []
    for release in releases:
        if release.adopted is None and release.stage(world.today) is not Stage.RETIRED:
            found += _pinned(catalog, release)
    return tuple(found)


def learnt(world: World, connectors: Iterable[Connector]) -> dict[str, Learnt]:
    """Say of connectors what refresh last learnt of their main drivers, asking nobody; by the connector's id."""
    connectors = tuple(connectors)
    mains = (canonical_name(one.main_driver.name) for one in connectors)
    told = _opened(world).learnt((*mains, *holds.waited_for(world.catalog.driver_decisions)))
    # Of thousands of files the few that say when each version came: everybody waits for this list.
    known = {name: editions(firsts(one.text)) for name, one in told.items()}
    rules = rules_of(world, known)
    found = {}
    for one in connectors:
        main = canonical_name(one.main_driver.name)
        hold = rules.holding(one.id, main, world.today)
        last = newest(known.get(main, ()))
        came = last.released if last else None
        found[one.id] = Learnt(str(last.version) if last else "", came, known.get(main, ()), hold)
    return found


def explained(world: World, name: str) -> Explained:
    """Say why the pins of a connector are what they are, as refresh last learnt; raises UsageError."""
    connector = world.catalog.connector(name)
    dists = connector.distributions
    told = _opened(world).learnt((*dists, *holds.waited_for(world.catalog.driver_decisions)))
    known = {each: editions(one.files) for each, one in told.items()}
    rules = rules_of(world, known, weigher_of_both(world))
    mine = [one for one in world.catalog.releases if connector.id in one.connectors]
    views = []
    for pinned in pins(world, mine):
        if connector.id in pinned.connectors:
            views.append(_explained(pinned, known.get(pinned.dist), rules, world))
    times = [told[one].at for one in dists if one in told]
    notes = [] if any(times) else ["nobody has asked the index about it yet:  solvent refresh"]
    if not views:
        notes.append(f"no release that is in use has {connector.id} in a lock")
    active = (*_holds(connector, rules, world), *suspended.decisions(world, connector.id))
    for why, out in suspended.reasons(world, connector.id).items():
        way = f"solvent connector unsuspend {connector.id} --reason TEXT"
        notes.append(f"{', '.join(out)} {'goes' if len(out) == 1 else 'go'} without it, {why}; to lift it:  {way}")
    return Explained(
        connector,
        min((one for one in times if one), default=None),
        tuple(views),
        active,
        tuple(notes),
        shown(world, connector),
    )


def decide(world: World, asked_for: DriverDecision, *, write: bool) -> Held:
    """Judge a decision about drivers, and write its file where ``write`` says so.

    Its day is today and its person the one who runs this, from the operating system. Raises UsageError for a connector
    or a distribution that there is not; Refused for the shipped catalog, for one that was edited meanwhile, for a day
    that is only looked at, and for what is no decision.
    """
    one = checked(world, asked_for)
    if write:
        catalogs.present(world)
    connector = world.catalog.connector(one.subject)
    rules = rules_of(world, kept(world, holds.waited_for((*world.catalog.driver_decisions, one))))
    _changes(world, connector, one, rules)
    from manager.world import files

    root, content = Path(world.catalog.root), world.catalog.content
    text = (files.decide if write else files.decision_text)(root, content, one)
    if write:
        world.reread()
    return Held(one, text, write)


def checked(world: World, asked_for: DriverDecision) -> DriverDecision:
    """Give a decision with its day, its person and its file, which nobody has written yet; raises as :func:`decide`."""
    catalogs.editable(world.catalog)
    world.catalog.connector(asked_for.subject)
    one = replace(asked_for, day=world.today, by=world.settings.owner, place=Place("", 1))
    taken = {each.place.file for each in world.catalog.driver_decisions}
    one = replace(one, place=Place(holds.free_file(one, taken), 1))
    dists = {each.id: [driver.name for driver in each.drivers] for each in world.catalog.connectors}
    wrong = next(holds.faults(one, dists), None)
    if wrong is not None:
        kind = UsageError if wrong.key in ("subject", "dist", "until_version", "version") else Refused
        raise kind(f"{one.kind} of {one.subject}: {wrong.key}: {wrong.why}", hint=wrong.hint)
    return one


def refuse_held(world: World, names: Iterable[str], upgrade: Iterable[str]) -> None:
    """Raise Refused where a lock is to take a newer version of a distribution that is held."""
    if not world.catalog.driver_decisions:
        return
    wanted = set(map(canonical_name, upgrade))
    rules = rules_of(world, kept(world, holds.waited_for(world.catalog.driver_decisions)))
    releases = [world.catalog.release(name, world.today) for name in names]
    for pinned in pins(world, releases):
        hold = rules.hold(pinned, world.today) if pinned.dist in wanted else None
        if hold is not None:
            raise Refused(
                f"{pinned.dist} is held at {pinned.version} in {pinned.release}, {hold.ends}",
                why=f"{hold.place}, decided by {hold.by} on {hold.day}: {hold.reason}",
                hint=f"lift it:  solvent connector unhold {hold.subject} --reason TEXT",
            )


def _changes(world: World, connector: Connector, one: DriverDecision, rules: Rules) -> None:
    """Refuse a decision that changes nothing."""
    if one.kind == "hold" and one.until_version and rules.there(one.until_version):
        raise Refused(f"{one.until_version} is there already, so this holds nothing", hint="name a later version")
    if one.kind in ("suspend", "unsuspend"):
        suspended.changes(world, one)
    if one.kind == "unhold":
        dists = [one.dist] if one.dist else [driver.name for driver in connector.drivers]
        held = (rules.holding(connector.id, dist, world.today) for dist in dists)
        if not any(held):
            raise Refused(
                f"nothing holds {one.dist or connector.id}", hint=f"see  solvent connector explain {connector.id}"
            )


def _holds(connector: Connector, rules: Rules, world: World) -> tuple[DriverDecision, ...]:
    """Give the decisions that hold a connector's distributions, exceptions that last, and quarantines that stand."""
    dists = [driver.name for driver in connector.drivers]
    held = (rules.holding(connector.id, dist, world.today) for dist in dists)
    lasting = (
        one
        for one in rules.decisions
        if one.kind == "exception" and one.subject == connector.id and one.until and one.holds(world.today)
    )
    mine = (one for one in standing(rules.decisions, world.today) if one.subject == connector.id)
    return tuple(dict.fromkeys(one for one in (*held, *lasting, *mine) if one))


def _explained(pinned: Pinned, known: tuple[Edition, ...] | None, rules: Rules, world: World) -> PinView:
    ban = rules.ban(pinned.dist, pinned.version, world.today)
    if known is None:
        never = "the index was never asked about it:  solvent refresh"
        return PinView(pinned, why=f"{quarantined_by(ban)}; {never}" if ban else never)
    judged = standings(known, pinned, rules, world.today)
    mine, last = edition(known, pinned.version), newest(known)
    came = mine.released if mine else None
    newer = last.released if last else None
    return PinView(
        pinned,
        _why(pinned, judged, rules.hold(pinned, world.today), ban, mine),
        released=came,
        newest=str(last.version) if last else "",
        libyears=libyears(came, newer),
        behind=behind(known, pinned.version),
        newer=judged,
    )


def _why(
    pinned: Pinned,
    judged: tuple[Standing, ...],
    hold: DriverDecision | None,
    ban: DriverDecision | None,
    mine: Edition | None,
) -> str:
    """Say in words why a pin is what it is, of a distribution that the index was asked about."""
    reasons = []
    if mine is None:
        reasons.append("the index has this version no more")
    elif mine.yanked:
        reasons.append("it was yanked since" + (f": {mine.why_yanked}" if mine.why_yanked else ""))
    if ban is not None:
        reasons.append(f"{quarantined_by(ban)}; the next  solvent image lock  moves it")
    elif hold is not None:
        reasons.append(f"held by {hold.by} since {hold.day} {hold.ends}: {hold.reason}")
    elif taken := candidate(judged):
        command = f"solvent image lock {pinned.release} --upgrade {pinned.dist}"
        reasons.append(f"the lock keeps it until it is upgraded; {taken.version} can be taken:  {command}")
        if taken.look:
            reasons.append(f"it hurts connections of your own:  {taken.look}")
    elif any(one.state == "blocked" for one in judged):
        look = next(one.look for one in judged if one.state == "blocked")
        reasons.append(f"what is newer hurts saved connections:  {look}")
    elif any(one.state == "cooling" for one in judged):
        reasons.append("what is newer cools down")
    else:
        reasons.append(f"it is the newest that Python {pinned.python} can have")
    return "; ".join(reasons)


def _pinned(catalog: Catalog, release: Release) -> Iterable[Pinned]:
    lock = release.lock("kernel")
    if lock is None:
        return
    try:
        text = Path(lock.path).read_text(encoding="utf-8")
        mine = {pin.name: pin.version for pin in pins_for(parse(text, lock.path), release.python, MACHINES[0])}
    except (OSError, ManagerError):
        return
    having: dict[str, list[str]] = {}
    few: dict[str, tuple[Machine, ...]] = {}
    for one in catalog.connectors:
        if one.id in release.connectors:
            for driver in one.drivers:
                having.setdefault(canonical_name(driver.name), []).append(one.id)
                few[canonical_name(driver.name)] = driver.machines or MACHINES
    asked_for = {canonical_name(one.name): one.specifier for one in map(requirement, release.packages)}
    place = lock.path.removeprefix(catalog.root + "/")
    for dist, connectors in having.items():
        if dist in mine:
            pin = Pinned(release.name, release.python, tuple(dict.fromkeys(connectors)), dist, mine[dist], place)
            yield replace(pin, asked=asked_for.get(dist, pin.asked), machines=few[dist])


def rules_of(
    world: World, known: dict[str, tuple[Edition, ...]], weigh: Callable[[Pinned, str], Weighed] | None = None
) -> Rules:
    """Give what is decided about drivers; ``known`` is what the index has of those that holds wait for.

    ``weigh`` says which saved connections a version hurts: by default of the shared ones.
    """

    def is_there(text: str) -> bool:
        return there(known.get(canonical_name(requirement(text).name), ()), text)

    return Rules(world.catalog.driver_decisions, world.catalog.cool_down, is_there, weigh or weigher_for_all(world))


def kept(world: World, names: Iterable[str]) -> dict[str, tuple[Edition, ...]]:
    """Give what refresh last learnt of distributions; those that it never asked about are left out."""
    found = _opened(world).learnt(names)
    return {name: editions(one.files) for name, one in found.items()}


def _opened(world: World) -> Upstream:
    from manager.world.upstream import Upstream

    return Upstream(world.settings.cache_dir / "upstream", now=world.clock.now())
