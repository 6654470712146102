"""Builds in registries: which are pushed and under what name, and when their bytes are pulled from there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from manager.core.build_actions import PullBuild, PushBuild, TrustRegistry
from manager.core.mirrors import registry_host
from manager.core.observed import BuildStatus
from manager.core.plan import Plan, Step, fingerprint
from manager.errors import Refused, Unreachable

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from manager.core.observed import Answer, Build, Copy, Observed

# A build of these once passed every check; a superseded one is what a rollback returns to.
GOOD = (BuildStatus.PROMOTED, BuildStatus.SUPERSEDED)


def reference(prefix: str, build: Build) -> str:
    """Name a build in a registry.

    The beginning of its digest stands in the tag: two machines may have given the same version to different bytes,
    and a tag never comes to mean something else.
    """
    family, _, line = build.release.partition(":")
    return f"{prefix}/{family}:{line}-{build.version}-{build.digest.removeprefix('sha256:')[:12]}"


def pushable(observed: Observed, release: str) -> Build:
    """Give the build of a release that is pushed: the one that its channel points to.

    Raises Refused where that is not good or not on this engine: nobody else is given what is not launched here.
    """
    build = observed.build(observed.channel(release))
    if build is None:
        raise Refused(f"{release} has no promoted build", hint=f"solvent image build {release}")
    if build.status not in GOOD:
        raise Refused(
            f"build {build.version} of {release} is {build.status}: it is not pushed",
            hint=f"its builds and their evidence:  solvent image show {release}",
        )
    if not observed.present(build.digest):
        raise Refused(
            f"the bytes of build {build.version} of {release} are not on this engine",
            hint=f"push it from the machine that has them, or:  solvent image build {release}",
        )
    return build


def plan_push(observed: Observed, builds: Iterable[Build], prefix: str, notes: tuple[str, ...], today: date) -> Plan:
    """Plan to push builds; one that the registry has as it was pushed is left, with a note.

    ``observed`` has the registry's answers for each reference. Raises Unreachable when it cannot be used, NotTrusted's
    way out included.
    """
    steps: dict[str, Step] = {}
    read: list[object] = []
    named = list(builds)
    for build in named:
        name = reference(prefix, build)
        answer = observed.answer(name)
        known = next((copy for copy in observed.copies if copy.reference == name), None)
        read += [build, answer, known]
        if answer is None or not answer.usable:
            raise unusable(answer, name)
        if known is not None and answer.manifest == known.manifest:
            notes += (f"{build.release} {build.version} is pushed: {known}",)
            continue
        trust = trust_steps(answer)
        push = Step(
            id=f"push:{build.release}",
            kind="push build",
            target=f"{build.release} {build.version}",
            cause=_cause(answer, known),
            do=PushBuild(build.release, build.version, build.digest, name),
            before=known.manifest if known else "",
            after=name,
            needs=tuple(step.id for step in trust),
        )
        steps |= {step.id: step for step in (*trust, push)}
    subject = "push " + (", ".join(build.release for build in named) or "builds")
    return Plan(subject, today, tuple(steps.values()), notes, fingerprint(prefix, *read))


def lacking(observed: Observed, build: Build | None) -> tuple[Copy, ...]:
    """Give the copies that a good build's bytes may come from, when the engine does not have them."""
    if build is None or build.status not in GOOD or observed.present(build.digest):
        return ()
    return tuple(copy for copy in observed.copies if copy.digest == build.digest)


def pull_steps(
    observed: Observed, build: Build | None, cause: str = "its bytes are missing here, and a registry has them"
) -> tuple[tuple[Step, ...], tuple[str, ...]]:
    """Plan to pull a good build's missing bytes; gives the steps and notes.

    No step when no registry that has been asked gives them; the notes say why not, so that whoever builds or refuses
    instead has said it.
    """
    notes: tuple[str, ...] = ()
    for copy in lacking(observed, build):
        answer = observed.answer(copy.exact)
        if answer is None:
            continue
        if build is None or not answer.usable:
            notes += (f"{answer.message}: {answer.why}" if answer.why else answer.message,)
        elif answer.state == "answers" and answer.manifest != copy.manifest:
            notes += (f"the registry no longer has {copy.exact}",)
        else:
            trust = trust_steps(answer)
            pull = Step(
                id=f"pull:{build.release}",
                kind="pull build",
                target=f"{build.release} {build.version}",
                cause=cause,
                do=PullBuild(build.release, build.version, build.digest, copy),
                after=copy.exact,
                needs=tuple(step.id for step in trust),
            )
            return (*trust, pull), ()
    return (), notes


def trust_steps(answer: Answer) -> tuple[Step, ...]:
    """Plan that the engine trusts a registry, where that is what is missing."""
    if answer.state != "not trusted":
        return ()
    host = registry_host(answer.reference)
    return (
        Step(
            id=f"trust:{host}",
            kind="trust registry",
            target=host,
            cause="the engine does not know the authority that signed its certificate",
            do=TrustRegistry(host, answer.authority),
            after=answer.authority,
        ),
    )


def _cause(answer: Answer, known: Copy | None) -> str:
    if answer.state == "answers" and known is not None:
        return f"the registry {'has another manifest' if answer.manifest else 'no longer has it'}"
    return "other machines pull it instead of building it"


def unusable(answer: Answer | None, name: str) -> Unreachable:
    """Give the error of a registry that cannot be used, in its own words."""
    if answer is None:
        return Unreachable(f"the registry of {name} was not asked")
    return Unreachable(answer.message, why=answer.why, hint=answer.hint)
