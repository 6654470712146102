"""``image``: releases, which people choose, and their builds, which are launched."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import click

from manager.app.times import ago, away
from manager.cli.commands import image_contents, image_fates
from manager.cli.commands.image_new import new
from manager.cli.options import parts, plans, reads
from manager.cli.output import Column, Section
from manager.cli.pages import PageGroup
from manager.core.amounts import show_period, show_size
from manager.core.systems import declared

if TYPE_CHECKING:
    from manager.app.release_views import BuildResult, Ground, ReleaseView
    from manager.app.steps.locks import Locked
    from manager.cli.session import Session


# What image push prints, for the examples of image pull.
_PRINTED = "registry.example/solvent/jupyterlab:4.6-py3.13-20261122.1-3f2e0ce54e68@sha256:" + "82fdd9e94560391d" * 4


@click.group(cls=PageGroup, examples=("solvent image list", "solvent image build jupyterlab:4.6-py3.13"))
def image() -> None:
    """Releases and their builds.

    A release is what you choose (`family:release`) and has dates; a build is one immutable image of it and has
    to prove itself before it is promoted.
    """


image.add_command(new)


@image.command("list", examples=("solvent image list", "solvent image list --all -o json"))
@click.option("--all", "everything", is_flag=True, help="Retired releases and previews too.")
@reads
def listing(session: Session, everything: bool) -> None:
    """List releases: stage, current build, and what comes next."""
    found = session.manager.releases(everything=everything)
    columns = [
        Column[Any]("release", lambda one: one.release.name),
        Column[Any]("stage", lambda one: one.release.stage(one.day).value),
        Column[Any]("build", _build),
        Column[Any]("environments", lambda one: str(one.environments)),
        Column[Any]("next", _next),
        Column[Any]("successor", lambda one: one.successor),
    ]
    wide = [
        Column[Any]("python", lambda one: one.release.python),
        Column[Any]("r", lambda one: one.release.r),
        Column[Any]("ide", lambda one: one.release.ide_version),
        Column[Any]("os", lambda one: declared(one.release.system)),
        Column[Any]("built", lambda one: ago(one.build.created) if one.build else ""),
        Column[Any]("digest", lambda one: one.build.digest if one.build else ""),
    ]
    session.output.rows(
        "releases", found, columns, wide=wide, name=lambda one: one.release.name, to_json=lambda one: one.to_json()
    )
    if not found:
        session.terminal.note("no active release; see them all:  solvent image list --all")


@image.command(examples=("solvent image show jupyterlab", "solvent image show jupyterlab:4.6-py3.13 -o json"))
@click.argument("release", metavar="FAMILY[:RELEASE]")
@reads
def show(session: Session, release: str) -> None:
    """Show one release: dates, builds, and what the current one proved."""
    from manager.app.release_views import bytes_of

    detail = session.manager.release(release)
    view = detail.view
    dates = view.release.schedule
    facts = [
        ("release", view.release.name),
        ("stage", view.release.stage(view.day).value),
        ("successor", view.successor),
        ("message", view.release.message),
        ("python", view.release.python),
        ("r", view.release.r),
        ("ide", view.release.ide_version),
        ("os", declared(view.release.system)),
        ("adopted", view.release.adopted.reference if view.release.adopted else ""),
        ("digest", view.release.adopted.digest if view.release.adopted else ""),
        ("owner", view.release.adopted.owner if view.release.adopted else ""),
        ("not built here", view.lacking.partition(": ")[2]),
        ("to build it", view.supply),
        ("base", _base(detail.ground) if detail.ground else ""),
        ("extends", detail.ground.extends if detail.ground else ""),
        ("connectors", ", ".join(view.release.connectors)),
        ("sets", ", ".join(map(str, detail.sets))),
        ("rollback to", ", ".join(detail.ways)),
        ("pins", ", ".join(view.release.pins)),
        ("environments", str(view.environments)),
        *((name.replace("_", " "), f"{day}  {away(day, view.day)}") for name, day in dates.dates()),
        ("bound by", dates.bound_by),
    ]
    builds = tuple(
        (
            one.version,
            one.status.value,
            bytes_of(one, present=here),
            show_size(one.size),
            ago(one.created),
            one.digest,
            one.reason,
        )
        for one, here in detail.builds
    )
    artifacts = tuple(
        (one.name, one.kind, one.licence, one.eula_accepted_by, one.target, one.sha256)
        for one in (detail.ground.system.artifacts if detail.ground else ())
    )
    probes = tuple((one.probe, one.outcome, show_period(one.seconds), one.reason) for one in detail.evidence)
    session.output.one(
        "release",
        detail.to_json(),
        [fact for fact in facts if fact[1]],
        name=view.release.name,
        sections=[
            Section(
                "artifacts in the base",
                ("name", "kind", "licence", "terms accepted by", "target", "sha256"),
                artifacts,
            ),
            Section("builds", ("version", "status", "bytes", "size", "created", "digest", "because"), builds),
            Section("evidence of the current build", ("probe", "outcome", "took", "reason"), probes),
        ],
    )


@image.command(examples=("solvent image lock jupyterlab:4.6-py3.13", "solvent image lock jupyterlab --upgrade psycopg"))
@click.argument("releases", metavar="FAMILY[:RELEASE]...", nargs=-1, required=True)
@click.option(
    "--upgrade", multiple=True, metavar="PACKAGE", help="Move this package to its newest version; may be repeated."
)
@parts
def lock(session: Session, releases: tuple[str, ...], upgrade: tuple[str, ...]) -> None:
    """Resolve the locks of releases and write them into the catalog.

    A release has two, for the IDE and for the kernel. Versions that are locked stay, unless `--upgrade` names them.
    """
    from manager.core.lock_changes import lines

    plan = session.part(session.manager.plan_lock(releases, upgrade))
    done = session.carry_out(plan)
    results = done.results if done else {}
    for step in plan.steps if done else ():
        locked = cast("Locked", results[step.id])
        for line in (*lines(locked.moves), *locked.notes):
            session.terminal.note(f"{step.target}: {line}")
    written = [(step.target, step.cause) for step in plan.steps]
    session.output.rows(
        "locks",
        written,
        [Column[tuple[str, str]]("lock", lambda one: one[0]), Column[tuple[str, str]]("because", lambda one: one[1])],
        name=lambda one: one[0],
        to_json=lambda one: {"lock": one[0], "cause": one[1]},
    )


@image.command(examples=("solvent image build jupyterlab:4.6-py3.13", "solvent image build --all --dry-run"))
@click.argument("releases", metavar="[FAMILY[:RELEASE]]...", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="Every release that can be built today.")
@click.option("--force", is_flag=True, help="Build again although nothing changed.")
@click.option("--fresh-base", is_flag=True, help="Make the bases anew, with the packages that the mirror has today.")
@click.option("--candidate", is_flag=True, help="Only build: nothing is proven, no channel moves.")
@parts
def build(
    session: Session, releases: tuple[str, ...], everything: bool, force: bool, fresh_base: bool, candidate: bool
) -> None:
    """Build what changed, have it prove itself, and promote it.

    With `--candidate` a build stops before that: try it with `env launch --candidate`, and have it proven and promoted
    by the same command without the option.

    Each build says why it is made; with nothing changed nothing is done, and the build of before is reused. Of several,
    one that fails does not keep the others from being built, and is named at the end.
    """
    from manager.app.carrying_on import unbuilt

    if bool(releases) == everything:
        raise click.UsageError("name the releases to build, or say --all")
    plan = session.manager.plan_build(
        releases, everything=everything, force=force, fresh_base=fresh_base, candidate=candidate
    )
    plan = session.part(plan)
    done = session.carry_out(plan, past_failures=everything or len(releases) > 1)
    results = session.manager.build_results(plan, done)
    columns = [
        Column[Any]("release", lambda one: one.release.name),
        Column[Any]("build", lambda one: one.build.version),
        Column[Any]("status", lambda one: one.build.status.value),
        Column[Any]("made", lambda one: "reused" if one.reused else f"in {show_period(one.seconds)}"),
        Column[Any]("layers", _layers),
        Column[Any]("because", lambda one: "; ".join(one.reasons)),
    ]
    session.output.rows(
        "builds",
        results,
        columns,
        wide=[Column[Any]("digest", lambda one: one.build.digest)],
        name=lambda one: one.build.digest,
        to_json=lambda one: one.to_json(),
        more={"skipped": [{"release": release, "reason": reason} for release, reason in plan.left]},
    )
    if failure := unbuilt(done):
        raise failure


@image.command(
    examples=("solvent image push jupyterlab:4.6-py3.13", "solvent image push --all --to registry.example:5000/solvent")
)
@click.argument("releases", metavar="[FAMILY[:RELEASE]]...", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="Every release that is not retired and has a promoted build.")
@click.option(
    "--to", default="", metavar="HOST[:PORT]/PATH", help="Registry to push to  [default: builds of the table mirror]"
)
@parts
def push(session: Session, releases: tuple[str, ...], everything: bool, to: str) -> None:
    """Send promoted builds to a registry, from where other machines pull them instead of building.

    Layers that are there are not sent again. What is printed names the build by the digest of its manifest.
    """
    if bool(releases) == everything:
        raise click.UsageError("name the releases to push, or say --all")
    plan = session.part(session.manager.plan_push(releases, everything=everything, to=to))
    done = session.carry_out(plan)
    columns = [
        Column[Any]("release", lambda one: one.build.release),
        Column[Any]("build", lambda one: one.build.version),
        Column[Any]("pushed", lambda one: "now" if one.sent else "before"),
        Column[Any]("reference", lambda one: str(one.copy)),
    ]
    session.output.rows(
        "pushes",
        session.manager.pushes(plan, done),
        columns,
        wide=[Column[Any]("digest", lambda one: one.build.digest)],
        name=lambda one: str(one.copy),
        to_json=lambda one: one.to_json(),
    )


@image.command(
    examples=(
        f"solvent image pull {_PRINTED}",
        f"solvent image pull {_PRINTED} --dry-run",
    )
)
@click.argument("reference")
@plans
def pull(session: Session, reference: str) -> None:
    """Take over a build that another machine pushed: pull it, prove it here, and promote it.

    The reference is what `image push` printed. It is for a machine with a state database of its own; where the database
    is shared, a launch pulls by itself. What the image was made from must be what this catalog says.
    """
    plan = session.manager.plan_adopt(reference)
    session.carry_out(plan)
    name = plan.subject.split()[1]
    found = [one for one, _ in session.manager.release(name).builds]
    columns = [
        Column[Any]("release", lambda one: one.release),
        Column[Any]("build", lambda one: one.version),
        Column[Any]("status", lambda one: one.status.value),
        Column[Any]("digest", lambda one: one.digest),
    ]
    session.output.rows(
        "builds",
        [one for one in found if one.version == plan.result],
        columns,
        name=lambda one: one.digest,
        to_json=lambda one: {
            "release": one.release, "version": one.version, "digest": one.digest, "status": one.status.value,
        },
    )  # fmt: skip


def _base(ground: Ground) -> str:
    """Say where a base comes from and what is put into it."""
    system = ground.system
    number = f"{len(system.packages)} packages asked for"
    if ground.origin == "registry":
        return ground.reference or "of a registry, but the system names no image"
    if ground.origin == "own":
        return f"{ground.reference}, {number} of {system.installer}"
    return f"Debian {system.suite}, bootstrapped, {number}"


def _build(view: ReleaseView) -> str:
    if view.build is None:
        return "adopted" if view.release.adopted else "not built here" if view.lacking else ""
    quarantined = view.build.status.value == "quarantined"
    return view.build.version + (" (quarantined)" if quarantined else "" if view.present else " (missing)")


def _next(view: ReleaseView) -> str:
    from manager.core.lifecycle import next_change

    change = next_change(view.release.schedule, view.day)
    return f"{change[0].value} {away(change[1], view.day)}" if change else ""


def _layers(result: BuildResult) -> str:
    """Name the layers that changed; the others are those of an earlier build."""
    new = [group for _, group, reused in result.layers if not reused]
    if not result.layers:
        return ""
    return f"{len(result.layers) - len(new)} reused" + (f", new: {', '.join(new)}" if new else "")


for _command in (*image_fates.COMMANDS, *image_contents.COMMANDS):
    image.add_command(_command)
