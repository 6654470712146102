"""Random releases, decisions and histories of announcements, for property tests of what holds on a day."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from manager.core.announcing import Situation, announcing, situation
from manager.core.catalog import Catalog, Family, Launch, Place, Release
from manager.core.lifecycle import Bound, Period, Policy, Terms
from manager.core.overrides import Override

if TYPE_CHECKING:
    from manager.core.announcements import Announcement

START = date(2026, 1, 1)
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
NAMES = ("lab:1", "lab:2", "studio:1")
PLACE = Place("images/lab/family.toml", 1)

days = st.integers(0, 1500).map(lambda count: START + timedelta(days=count))
periods = st.builds(Period, months=st.integers(0, 6), days=st.integers(0, 60))


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    """A policy that a catalog takes: launches are refused after the deprecation, bytes go after the last restart."""
    block, restart = draw(st.integers(0, 60)), draw(st.integers(0, 120))
    return Policy(
        active_for=Period(months=draw(st.integers(1, 30))),
        deprecate_before=Period(days=block + draw(st.integers(0, 90))),
        create_block_before=Period(days=block),
        restart_block_after=Period(days=restart),
        remove_after=Period(days=restart + draw(st.integers(0, 300))),
        minimum_notice=Period(days=draw(st.integers(0, 60))),
        cap_to_upstream=draw(st.booleans()),
    )


@st.composite
def terms(draw: st.DrawFn) -> Terms:
    """Terms with up to three components, some of them undecided, and sometimes a fixed end."""
    released = draw(days)
    names = draw(st.lists(st.sampled_from(("python 3.13", "debian trixie", "r 4.5")), unique=True))
    bounds = tuple(
        Bound(name, draw(st.none() | st.integers(0, 900).map(lambda count: released + timedelta(days=count))))
        for name in names
    )
    fixed = draw(st.none() | st.integers(0, 700).map(lambda count: released + timedelta(days=count)))
    return Terms(released, draw(policies()), bounds, (("end_of_life", fixed),) if fixed else ())


def release(name: str, found: Terms) -> Release:
    """Make a release of terms."""
    family, _, line = name.partition(":")
    return Release(family, line, "lab", "3.13", "trixie", (), (), found.schedule(), PLACE, terms=found, successor="")


def catalog(releases: tuple[Release, ...], overrides: tuple[Override, ...] = ()) -> Catalog:
    """Make a catalog of releases, a family for each of their names."""
    launch = Launch(8888, "/api", "/lab", "#main")
    families = tuple(
        Family(
            id=name, title=name, owner="platform", languages=("python",), launch=launch,
            releases=tuple(one for one in releases if one.family == name), folder="", files=(), size_budget=10**9,
            place=PLACE,
        )
        for name in dict.fromkeys(one.family for one in releases)
    )  # fmt: skip
    return Catalog("", True, "", (), families, (), overrides=overrides)


@st.composite
def decisions(draw: st.DrawFn, name: str = "", number: int = 0) -> Override:
    """A decision that a catalog takes: an early end gives its notice."""
    kind = draw(st.sampled_from(("extend", "early-retire", "freeze", "redirect", "acknowledge", "quarantine")))
    day = draw(days)
    until = day + timedelta(days=draw(st.integers(61, 500)))
    return Override(
        kind=kind,
        subject=name or draw(st.sampled_from((*NAMES, "lab", "all") if kind == "freeze" else NAMES)),
        day=day,
        reason="because",
        by="ana",
        place=Place(f"images/overrides/{day}-{kind}-{number}.toml", 1),
        until=until,
        since=day + timedelta(days=draw(st.integers(-40, 60))) if kind == "freeze" else None,
        security=kind == "early-retire" and draw(st.booleans()),
        to="lab:2" if kind == "redirect" else "",
    )


@st.composite
def calendars(draw: st.DrawFn) -> Catalog:
    """A catalog of a few releases with a few decisions."""
    found = tuple(release(name, draw(terms())) for name in NAMES[: draw(st.integers(1, 3))])
    made = tuple(draw(decisions(number=number)) for number in range(draw(st.integers(0, 4))))
    return catalog(found, made)


def announced(now: Situation) -> dict[str, Announcement]:
    """Give what is announced once every step of a situation's plan was carried out."""
    found = dict(now.announced)
    for step in announcing(now):
        new, expected = step.do.new, step.do.expected  # type: ignore[union-attr]
        assert found.get(new.release) == expected
        found[new.release] = new
    return found


def edited(found: Catalog, name: str, upstream: tuple[Bound, ...] | None, policy: Policy | None) -> Catalog:
    """Give a catalog in which the terms of a release were changed."""

    def changed(one: Release) -> Release:
        if one.name != name or one.terms is None:
            return one
        # An end before the release would be refused on load.
        bounds = one.terms.bounds if upstream is None else upstream
        ends = tuple(replace(each, ends=each.ends and max(each.ends, one.terms.released)) for each in bounds)
        new = replace(one.terms, bounds=ends, policy=policy or one.terms.policy)
        return replace(one, terms=new, schedule=new.schedule())

    return replace(
        found,
        families=tuple(replace(each, releases=tuple(map(changed, each.releases))) for each in found.families),
    )


__all__ = [
    "announced",
    "calendars",
    "catalog",
    "days",
    "decisions",
    "edited",
    "policies",
    "release",
    "situation",
    "terms",
]
