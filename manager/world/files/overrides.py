"""What the files of decisions must say: subjects that exist, dates within the limits, names that fit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from manager.core.adoption import ADOPTED
from manager.core.lifecycle import Policy
from manager.core.limits import circles, faults, policy_faults
from manager.core.overrides import FOLDER, Override
from manager.world.files import values
from manager.world.files.consistency import Sound, tables
from manager.world.files.judgement import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from manager.core.lifecycle import Terms
    from manager.world.files.documents import Kind


def check(sound: Mapping[Kind, list[Sound]], suites: Mapping[str, str], unread: set[str]) -> Iterator[Finding]:
    """Check policies, and decisions against the releases that they are about.

    ``suites`` gives the Debian suite of each system; ``unread`` are files that could not be read: decisions about what
    they might have said are not judged.
    """
    known = values.known_facts(one for _, data in sound["upstream"] for _, one in tables(data, "fact"))
    releases: dict[str, Terms] = {}
    successors: dict[str, str] = {}
    rules: dict[str, Policy] = {}
    for file, data in sound["family"]:
        rule = _policy(data)
        if rule is None:
            continue
        yield from (Finding(file, ("policy", one.key), one.why, one.hint) for one in policy_faults(rule))
        family = str(data.get("id") or file.split("/")[1])
        for _, table in tables(data, "release"):
            if "released" in table and "line" in table:
                name = f"{family}:{table['line']}"
                rules[family] = rule
                releases[name] = values.terms(table, rule, suites, known)
                successors[name] = str(table.get("successor", ""))
    for _, data in sound["adopted"]:
        for _, table in tables(data, "image"):
            if "released" in table and "release" in table:
                name = str(table["release"])
                releases[name] = values.terms(table, rules.get(name.partition(":")[0], Policy()), {}, known)
                successors[name] = str(table.get("successor", ""))
    if ADOPTED not in unread and not any(file.endswith("/family.toml") for file in unread):
        yield from _decisions(sound["override"], releases, successors)


def _policy(data: dict[str, Any]) -> Policy | None:
    try:
        return values.policy(data.get("policy") or {})
    except (ValueError, TypeError):
        return None  # found by its shape


def _decisions(sound: list[Sound], releases: Mapping[str, Terms], successors: Mapping[str, str]) -> Iterator[Finding]:
    redirects: list[Override] = []
    for file, data in sound:
        begins = f"{FOLDER}/{data['day']}-{data['kind']}-"
        if not file.startswith(begins):
            yield Finding(file, ("day",), f"the file's name has to begin with {begins.removeprefix(FOLDER + '/')}")
        one = values.override(file, data)
        wrong = False
        try:
            for fault in faults(one, releases):
                wrong = True
                yield Finding(file, (fault.key,), fault.why, fault.hint)
        except (ValueError, OverflowError):
            wrong = True
            yield Finding(file, ("until",), "its dates leave the calendar (years 1 to 9999)")
        if one.kind == "redirect" and not wrong:
            redirects.append(one)
    for one, names in circles(successors, redirects):
        why = "successors go in a circle: " + " -> ".join([*names, names[0]])
        yield Finding(one.place.file, ("to",), why, "the newest release has no successor")
