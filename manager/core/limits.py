"""What a decision or a policy may say: the same limits for files that are loaded and for commands that write them."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple

from manager.core.catalog import did_you_mean
from manager.core.overrides import DIGEST, EVERYTHING, order

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from manager.core.lifecycle import Policy, Terms
    from manager.core.overrides import Override

# The keys that each kind needs, beside those that all of them have, and those that it may have.
_NEEDS = {
    "extend": ("until",),
    "early-retire": ("until",),
    "freeze": ("from", "until"),
    "quarantine": (),
    "redirect": ("to",),
    "acknowledge": ("until",),
}
_MAY = {"early-retire": ("security",), "quarantine": ("until", "security"), "redirect": ("until", "message")}
# Longer than every end of a year; what is to last longer is extended, within the bounds of extensions.
FREEZE_AT_MOST = timedelta(days=92)
_DIGEST = re.compile(rf"{DIGEST}[0-9a-f]{{64}}")
# Periods of months are compared on each of these days: their lengths differ.
_DAYS = tuple(date(2027, 1, 1) + timedelta(days=count) for count in range(0, 800, 3))


class Fault(NamedTuple):
    """What is wrong at a key, and what to do about it."""

    key: str
    why: str
    hint: str = ""


def faults(one: Override, releases: Mapping[str, Terms]) -> Iterator[Fault]:
    """Give everything that is wrong with a decision; ``releases`` are the catalog's, by full name."""
    yield from _keys(one)
    yield from _subject(one, releases)
    if one.kind == "redirect" and one.to:
        if one.to not in releases:
            yield Fault("to", f"unknown release {one.to!r}", did_you_mean(one.to, list(releases)))
        if one.to == one.subject:
            yield Fault("to", f"{one.to} cannot be its own successor")
    at_once = one.kind in ("early-retire", "quarantine") and one.until == one.day
    if one.until is not None and one.until <= one.day and not at_once:
        yield Fault("until", f"{one.until} does not lie after the day of the decision, {one.day}")
        return
    if one.kind == "freeze" and one.since and one.until and one.until <= one.since:
        yield Fault("until", f"{one.until} does not lie after from = {one.since}")
    if one.kind == "freeze" and one.since and one.until and one.until - one.since > FREEZE_AT_MOST:
        hint = "to keep a release for longer:  solvent lifecycle extend"
        yield Fault("until", f"a freeze lasts {FREEZE_AT_MOST.days} days at most, and this one longer", hint)
    terms = releases.get(one.subject)
    if terms is not None and one.until is not None:
        if one.kind == "extend":
            yield from _extension(one.until, terms)
        elif one.kind == "early-retire":
            yield from _retirement(one, terms)


def _keys(one: Override) -> Iterator[Fault]:
    given = {
        "from": one.since, "until": one.until, "to": one.to, "message": one.message, "security": one.security or None
    }  # fmt: skip
    yield from misplaced(one.kind, given, _NEEDS[one.kind], _MAY.get(one.kind, ()))


def misplaced(kind: str, given: Mapping[str, object], needs: Collection[str], may: Collection[str]) -> Iterator[Fault]:
    """Give the keys that a kind of decision lacks, and those that it has no use for."""
    for key, value in given.items():
        if key in needs and not value:
            yield Fault(key, f"is missing: a decision of the kind {kind} needs it")
        elif value and key not in (*needs, *may):
            yield Fault(key, f"means nothing for a decision of the kind {kind}")


def _subject(one: Override, releases: Mapping[str, Terms]) -> Iterator[Fault]:
    if one.kind == "quarantine" and one.subject.startswith(DIGEST):
        if not _DIGEST.fullmatch(one.subject):
            yield Fault("subject", f"{one.subject!r} is no digest", "solvent image show  gives those of builds")
        return
    known = list(releases)
    if one.kind == "freeze":
        known = [EVERYTHING, *dict.fromkeys(name.partition(":")[0] for name in releases), *known]
    if one.subject not in known:
        what = "nothing that can be frozen" if one.kind == "freeze" else "no release of this catalog"
        yield Fault("subject", f"{one.subject!r} is {what}", did_you_mean(one.subject, known))


def latest(terms: Terms) -> tuple[date, str]:
    """Give the latest day that an extension may name, and what says so.

    It counts from the end that the policy or a fixed date gives: an upstream end that is corrected later does not
    make a decision wrong that was right.
    """
    dates = terms.schedule(())
    bound = terms.policy.extend_at_most.after(dates.end_of_life)
    if dates.remove_after < bound:
        return dates.remove_after, "remove_after"
    return bound, f"extend_at_most = {terms.policy.extend_at_most} beyond {dates.end_of_life}"


def _extension(until: date, terms: Terms) -> Iterator[Fault]:
    bound, why = latest(terms)
    if until > bound:
        hint = "take an earlier day, or move the users on:  solvent lifecycle impact"
        yield Fault("until", f"{until} lies past the last day that an extension may name, {bound} ({why})", hint)


def _retirement(one: Override, terms: Terms) -> Iterator[Fault]:
    first = one.day if one.security else terms.policy.minimum_notice.after(one.day)
    if one.until is not None and one.until < first:
        notice = f"notice of {terms.policy.minimum_notice} from {one.day} on"
        hint = "take a later day; a danger that cannot wait: --security (security = true in its file), or a quarantine"
        yield Fault("until", f"{one.until} lies before {first}: {notice}", "" if one.security else hint)
    if one.until is not None and one.until < terms.released:
        yield Fault("until", f"{one.until} lies before released = {terms.released}")


def circles(successors: Mapping[str, str], redirects: Iterable[Override]) -> Iterator[tuple[Override, list[str]]]:
    """Give each redirect that closes a circle of successors on some day, with the names on it; days in their order.

    Of several redirects on a circle it is the one that was made last.
    """
    made: dict[str, list[Override]] = {}
    for one in sorted(redirects, key=order):
        made.setdefault(one.subject, []).append(one)
    # Where nothing begins or runs out, nothing is other than the day before.
    turns = {(day, one.subject) for mine in made.values() for one in mine for day in (one.day, one.until) if day}
    for day, subject in sorted(turns):
        while path := _circle(subject, successors, made, day):
            held = [away for name in path if (away := _away(made, name, day))]
            if not held:
                break  # Of the catalog's own successors: that is found where they are checked.
            last = max(held, key=order)
            made[last.subject].remove(last)
            start = path.index(last.subject)
            yield last, [*path[start:], *path[:start]]


def _away(made: Mapping[str, list[Override]], release: str, day: date) -> Override | None:
    """Give the redirect of a release that holds on a day."""
    return next((one for one in reversed(made.get(release, ())) if one.holds(day)), None)


def _circle(start: str, successors: Mapping[str, str], made: Mapping[str, list[Override]], day: date) -> list[str]:
    """Give the names that lead from a release back to it on a day; none where they do not."""
    path, name = [], start
    while name and name not in path:
        path.append(name)
        away = _away(made, name, day)
        name = away.to if away else successors.get(name, "")
    return path if name == start else []


def policy_faults(policy: Policy) -> Iterator[Fault]:
    """Give everything in a policy that contradicts itself."""
    if not (policy.active_for.months or policy.active_for.days):
        yield Fault("active_for", f"{policy.active_for} is no time at all")
    if any(policy.create_block_before.before(day) < policy.deprecate_before.before(day) for day in _DAYS):
        why = f"{policy.create_block_before} is longer than deprecate_before = {policy.deprecate_before}"
        yield Fault("create_block_before", why, "a release is deprecated before new environments of it are refused")
    if any(policy.remove_after.after(day) < policy.restart_block_after.after(day) for day in _DAYS):
        why = f"{policy.remove_after} is shorter than restart_block_after = {policy.restart_block_after}"
        yield Fault("remove_after", why, "bytes stay at least as long as environments may start")
    if any(policy.deprecate_before.before(day) <= policy.active_for.before(day) for day in _DAYS):
        why = f"{policy.deprecate_before} is not shorter than active_for = {policy.active_for}"
        yield Fault("deprecate_before", why, "a release would be deprecated from its first day on")
    if len(set(policy.notices)) != len(policy.notices):
        yield Fault("notices", "names a day twice")
