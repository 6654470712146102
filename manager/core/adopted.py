"""Giving an image that was made elsewhere a place in the catalog: which release it becomes, and until when."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from manager.core.lifecycle import Bound, Policy, schedule
from manager.core.scaffold import wanted
from manager.core.traces import summed
from manager.errors import Refused, UsageError

if TYPE_CHECKING:
    from datetime import date

    from manager.core.adoption import Unmanaged
    from manager.core.catalog import Catalog, Release
    from manager.core.observed import Build


@dataclass(frozen=True, slots=True)
class AdoptionRequest:
    """What a person asks for: the release that an image becomes, and what is written with it; "" is filled in."""

    release: str
    owner: str = ""
    successor: str = ""
    end_of_life: date | None = None
    message: str = ""


@dataclass(frozen=True, slots=True)
class AdoptedImage:
    """An entry of ``images/adopted.toml``; ``because`` says what the end follows from, where nobody named it."""

    release: str
    digest: str
    reference: str
    owner: str
    released: date
    end_of_life: date
    successor: str = ""
    message: str = ""
    python: str = ""
    title: str = ""
    because: str = ""


def entry(
    catalog: Catalog, image: Unmanaged, asked: AdoptionRequest, build: Build | None, owner: str, today: date
) -> AdoptedImage:
    """Decide the entry; ``owner`` stands in it when neither the person nor a label of the image names one.

    Raises UsageError for a name that is none, an unknown successor and a past end; Refused for a release that is
    there, an image that has one already, and a build (``build``), which is no stranger.
    """
    name = wanted(asked.release, "", "")
    if build is not None:
        raise Refused(
            f"{image.name} is build {build.version} of {build.release}",
            why="what Solvent has built has its dates already",
            hint=f"solvent image show {build.release}",
        )
    if not image.digest:
        raise Refused(f"{image.name} has no digest that can be written down", hint="name an image or a tag")
    _free(catalog, f"{name.family}:{name.line}", image.digest)
    if asked.successor:
        _launchable(catalog, asked.successor)
    python = _python(image)
    end, because = _end(catalog, name.family, python, today) if asked.end_of_life is None else (asked.end_of_life, "")
    if end < today:
        raise UsageError(f"the end of life {end} has passed already", hint="name today, or a later day")
    family = next((one for one in catalog.families if one.id == name.family), None)
    ides = image.scan.ides if image.scan else ()
    return AdoptedImage(
        release=f"{name.family}:{name.line}",
        digest=image.digest,
        reference=image.image.partition(", ")[0] or image.name,
        owner=asked.owner or image.hint.owner or owner,
        released=today,
        end_of_life=end,
        successor=asked.successor,
        message=asked.message,
        python=python,
        title="" if family else (ides[0] if ides else name.family),
        because=because,
    )


def adopted_as(catalog: Catalog, digest: str) -> Release | None:
    """Give the release that an image became, by its config digest."""
    return next((one for one in catalog.releases if one.adopted and one.adopted.digest == digest), None)


def _free(catalog: Catalog, release: str, digest: str) -> None:
    there = catalog.named(release)
    if there is not None:
        raise Refused(f"the release {release} is there already", why=str(there.place), hint="give it another line")
    same = adopted_as(catalog, digest)
    if same is not None:
        raise Refused(f"this image is {same.name} already", why=str(same.place), hint=f"solvent image show {same.name}")


def _launchable(catalog: Catalog, successor: str) -> None:
    """Refuse a successor that nobody could launch: there has to be something to move to."""
    there = catalog.named(successor)
    if there is None:
        raise UsageError(f"no release {successor!r} in this catalog", hint="see them:  solvent image list --all")
    if there.adopted:
        raise Refused(f"{successor} was adopted as well, and is not launched", hint="name a release that is built here")


def _python(image: Unmanaged) -> str:
    """Give the oldest line of Python 3 in an image: the one whose end comes first."""
    found = summed(image.scan.traces, "python") if image.scan else ()
    # A variable of an image says what it likes: 3.11-slim is of the line 3.11, 3.x of none.
    lines = [int(match[1]) for one in found if (match := re.match(r"3\.(\d+)", one))]
    return f"3.{min(lines)}" if lines else ""


def _end(catalog: Catalog, family: str, python: str, today: date) -> tuple[date, str]:
    """Give the end of life by the family's policy, but with the policy's notice from today on, and what binds it."""
    own = next((one for one in catalog.families if one.id == family), None)
    policy = next((one.policy for one in own.releases), Policy()) if own else Policy()
    facts = [one for one in catalog.facts if python and one.component == f"python {python}"]
    dates = schedule(today, policy, tuple(Bound(one.component, one.ends) for one in facts), {})
    notice = policy.minimum_notice.after(today)
    if dates.end_of_life < notice:
        return notice, f"{dates.bound_by} ended on {dates.end_of_life}, and the policy gives {policy.minimum_notice}"
    return dates.end_of_life, dates.bound_by
