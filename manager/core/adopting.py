"""Taking over a build that another machine pushed and this database does not know: pulled, then proven here."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from manager.core.build_actions import AdoptBuild
from manager.core.copies import GOOD, pull_steps, trust_steps, unusable
from manager.core.gates import buildable
from manager.core.ingredients import base_key
from manager.core.observed import BuildStatus, Copy, readable
from manager.core.plan import Plan, Step, fingerprint, in_order
from manager.core.promotion import prove_and_promote
from manager.errors import Refused, UsageError

if TYPE_CHECKING:
    from datetime import date

    from manager.core.catalog import Catalog, Release
    from manager.core.observed import Observed

# What image push prints: .../FAMILY:LINE-DAY.NUMBER-DIGEST@MANIFEST
_PUSHED = re.compile(
    r"(?P<reference>(?:[^@\s]+/)(?P<family>[^/:@\s]+):(?P<line>[^/:@\s]+)-(?P<version>\d{8}\.\d+)-(?P<digest>[0-9a-f]{12}))"
    r"@(?P<manifest>sha256:[0-9a-f]{64})"
)


def plan_adopt(catalog: Catalog, observed: Observed, copy: Copy, release: Release, version: str, today: date) -> Plan:
    """Plan to pull a build, to prove it here and to promote it; one that the database knows is only brought here.

    Raises Refused for a quarantined build and a retired release, Unreachable when the registry cannot be used.
    """
    readable(observed)
    buildable(catalog, release, today)
    answer = observed.answer(copy.exact)
    known = next((one for one in observed.made(release.name) if copy.digest in one.digest[:19]), None)
    subject, read = f"pull {release.name} {version}", fingerprint(copy, release.name, known, answer)
    notes: list[str] = []
    if known is not None and known.status in GOOD:
        pulled, said = pull_steps(observed, known, "it was asked for")
        here = (f"{release.name} {known.version} is known here, and {known.status}",)
        return Plan(subject, today, pulled, said or here, read, known.version)
    if known is not None and known.status is not BuildStatus.CANDIDATE:
        raise Refused(f"build {known.version} of {release.name} is {known.status}: it is not pulled")
    if known is not None and observed.present(known.digest):
        proving = prove_and_promote(catalog, observed, release, known, known.version, (), notes, today=today)
        return Plan(subject, today, tuple(proving), tuple(notes), read, known.version)
    if answer is None or not answer.usable:
        raise unusable(answer, copy.exact)
    if answer.state == "answers" and not answer.manifest:
        raise UsageError(f"the registry has no {copy.exact}", hint="push it from the machine that has it")
    trust = trust_steps(answer)
    adopt = Step(
        id=f"image:{release.name}",
        kind="adopt build",
        target=f"{release.name} {version}",
        cause="another machine pushed it, and this database does not know it",
        do=AdoptBuild(release.name, version, copy),
        after=copy.exact,
        needs=tuple(step.id for step in trust),
    )
    proving = prove_and_promote(catalog, observed, release, None, version, (adopt.id,), notes, today=today)
    return Plan(subject, today, in_order([*trust, adopt, *proving]), tuple(notes), read, version)


def pushed(catalog: Catalog, text: str) -> tuple[Copy, Release, str]:
    """Read what ``image push`` printed: the copy, with the beginning of its digest; its release and version."""
    found = _PUSHED.fullmatch(text)
    if found is None:
        why = "it has to be what  image push  printed, with the digest of its manifest"
        raise UsageError(f"{text!r} names no build", why=why, hint="HOST/PATH/FAMILY:LINE-VERSION-DIGEST@sha256:...")
    name = f"{found['family']}:{found['line']}"
    release = catalog.named(name)
    if release is None:
        raise UsageError(f"no release {name!r} in this catalog", hint="solvent image list --all")
    key = base_key(catalog.system(release.system))
    return Copy(found["digest"], found["reference"], found["manifest"], key), release, found["version"]
