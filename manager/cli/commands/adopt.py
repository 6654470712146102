"""``adopt``: what no Solvent made, seen as it is, given dates, and taken over."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import click

from manager.cli.options import Day, Words, plans, reads
from manager.cli.pages import PageGroup
from manager.cli.strangers import results, show, told, took_json, unread

if TYPE_CHECKING:
    from manager.app.scanning import Survey
    from manager.cli.session import Session


@click.group(cls=PageGroup, examples=("solvent adopt scan", "solvent adopt scan jupyter-ana -o json"))
def adopt() -> None:
    """Containers and images that nobody manages: see them, give them dates, take their files over.

    Nothing of them is changed: they are read through the engine, and stay as they are until their owners remove them.
    """


@adopt.command(
    examples=(
        "solvent adopt scan",
        "solvent adopt scan --tags registry.example/team/lab",
    )
)
@click.argument("names", metavar="[NAME]...", nargs=-1)
@click.option(
    "--tags",
    multiple=True,
    metavar="HOST/REPOSITORY",
    help="Tags of a registry instead; may be repeated, pulls nothing.",
)
@click.option("--known", is_flag=True, help="Open nothing: show what earlier scans found.")
@reads
def scan(session: Session, names: tuple[str, ...], tags: tuple[str, ...], known: bool) -> None:
    """List containers and images that Solvent did not make, with what their files say is in them.

    IDEs, Python, R, Node and drivers are found in the files of package managers, without starting or changing
    anything, and remembered by image. What could not be read is said. Volumes hold people's files and are not opened.
    """
    if tags and (names or known):
        raise click.UsageError("--tags stands alone", ctx=click.get_current_context())
    adoption = session.manager.adoption
    stream = adoption.tags(tags) if tags else adoption.scan(names, known_only=known)
    _show(session, cast("Survey", session.follow(stream)))


@adopt.command(
    examples=(
        "solvent adopt image team/jupyter:2024 --as jupyterlab:team-2024 --successor jupyterlab:4.6-py3.13",
        "solvent adopt image registry.example/team/lab:7 --as lab:7 --owner ana --end-of-life 2027-03-31 --dry-run",
    )
)
@click.argument("reference", metavar="REF", type=Words())
@click.option("--as", "release", required=True, metavar="FAMILY:RELEASE", help="The release that it becomes.")
@click.option(
    "--owner",
    default="",
    type=Words(),
    metavar="WHO",
    help="Who answers for it  [default: what its labels say, or you]",
)
@click.option("--successor", default="", metavar="FAMILY:RELEASE", help="The release to move to.")
@click.option(
    "--end-of-life", type=Day(), metavar="DATE", help="The day from which it is retired  [default: by the policy]"
)
@click.option("--message", default="", type=Words(), metavar="TEXT", help="A sentence for its users.")
@plans
def image(session: Session, reference: str, **asked: Any) -> None:
    """Give an image that was made elsewhere dates, an owner and a successor.

    It becomes a release of the catalog, in images/adopted.toml, known by its digest: it is listed with its stage and
    its containers, and its owner is told of its end. Nothing of it is built, promoted or launched: a launch takes
    promoted builds only. A registry's tag is not pulled.
    """
    from manager.core.adopted import AdoptionRequest

    request = AdoptionRequest(**asked)
    adoption, purpose = session.manager.adoption, session.options.purpose
    done = adoption.image(reference, request) if purpose == "apply" else adoption.draft(reference, request)
    one = done.image
    document = done.to_json() | {"written": purpose == "apply"}
    facts = [
        ("release", one.release),
        ("digest", one.digest),
        ("reference", one.reference),
        ("owner", one.owner),
        ("python", one.python),
        ("released", str(one.released)),
        ("end of life", f"{one.end_of_life}" + (f"  (by {one.because})" if one.because else "")),
        ("successor", one.successor),
        ("file", str(done.path)),
    ]
    if purpose == "show":
        session.output.file({"adopted": document}, one.release, done.text, written=False)
    else:
        session.output.one("adopted", document, [fact for fact in facts if fact[1]], name=one.release)
    if purpose == "check":
        click.get_current_context().exit(3)
    if not one.successor:
        session.terminal.note("it has no successor: nobody is told where to move to")


@adopt.command(
    examples=(
        "solvent adopt environment jupyter-ana --as work --dry-run",
        "solvent adopt environment jupyter-ana --as work --release jupyterlab:4.6-py3.13 --now",
    )
)
@click.argument("container", metavar="CONTAINER")
@click.option("--as", "name", required=True, metavar="NAME", help="Name of the environment.")
@click.option(
    "--release", default="", metavar="FAMILY[:RELEASE]", help="Its release  [default: by the IDE that is found]"
)
@click.option("--owner", default="", metavar="WHO", help="Whose it becomes  [default: yours]")
@click.option("--workspace", default="", metavar="NAME", help="Workspace to fill  [default: the environment's name]")
@click.option("--volume", "volumes", multiple=True, metavar="NAME", help="Take this volume only; may be repeated.")
@click.option(
    "--folder", "folders", multiple=True, metavar="PATH", help="Take this folder of the container; may be repeated."
)
@click.option("--now", is_flag=True, help="Copy the files and start it now, though the container may go on writing.")
@plans
def environment(session: Session, container: str, *, now: bool, **asked: Any) -> None:
    """Continue a container that nobody manages as an environment, with its files.

    The environment is defined now; `solvent env start` copies the files of the container's volumes into its workspace
    and starts it. The container is neither stopped nor changed: it stays until its owner removes it. Copies belong to
    the user of the new environment. Host folders come along where the administrator's list grants them.
    """
    from manager.core.actions import CreateEnvironment
    from manager.core.taking import TakeoverRequest

    request = TakeoverRequest(**asked, when="now" if now else "at start")
    plan = session.manager.adoption.plan_environment(container, request)
    done = session.carry_out(plan)
    told(session, done)
    (spec,) = [step.do.spec for step in plan.steps if isinstance(step.do, CreateEnvironment)]
    label = {key.rpartition(".")[2]: value for key, value in spec.labels}
    found = {key: label[key] for key in ("environment", "owner", "release", "workspace")}
    state = "running" if now else "created"
    session.output.one(
        "adopted",
        {"container": container, **found, "state": state, "took": [took_json(one) for one in results(done)]},
        [*found.items(), ("state", state)],
        name=label["environment"],
    )


def _show(session: Session, survey: Survey) -> None:
    show(session, survey.found)
    for note in survey.notes:
        session.terminal.note(note)
    if session.output.structured or session.options.quiet:
        return
    for one in survey.found:
        for each in unread(one):
            if each.path == "/" and one.kind != "tag":
                session.terminal.note(f"{one.kind} {one.name} was not read: {each.why}")
    if not survey.found:
        session.terminal.note("nothing is here that Solvent did not make")
