"""``env``: environments, the running or stopped IDE containers of a person."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from manager.app.opening import browse, open_url
from manager.app.times import ago
from manager.cli.commands.upgrade import upgrade
from manager.cli.options import plans, reads
from manager.cli.output import Column
from manager.cli.pages import PageGroup
from manager.cli.reach import reached, show_environment
from manager.cli.strangers import below, told
from manager.errors import FindingsError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from manager.app.views import EnvironmentView
    from manager.cli.session import Session
    from manager.core.adoption import Unmanaged

# Docker's own minimum for a container's memory (docker run --memory).
_LEAST_MEMORY = 6 * 1024**2


@click.group(cls=PageGroup, examples=("solvent env launch jupyterlab", "solvent env list"))
def env() -> None:
    """Launch, use and remove environments: IDE containers of yours.

    Files live in a workspace, which outlives its environments; settings live in a home per family.
    """


env.add_command(upgrade)


class Size(click.ParamType[int]):
    """A size in bytes, written ``512m`` or ``2g``."""

    name = "size"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Read the size."""
        from manager.core.amounts import parse_size

        if isinstance(value, int):
            return value
        try:
            size = parse_size(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)
        if size < _LEAST_MEMORY:
            self.fail(f"{value!r} is less than an engine gives; write it with a unit, such as 512m or 2g", param, ctx)
        return size


@env.command(
    examples=(
        "solvent env launch jupyterlab",
        "solvent env launch jupyterlab:4.6-py3.13 --name work --connection warehouse",
    )
)
@click.argument("release", metavar="FAMILY[:RELEASE]")
@click.option("--name", default="", metavar="NAME", help="Name of the environment  [default: the family's]")
@click.option("--workspace", default="", metavar="NAME", help="Workspace to use  [default: the environment's name]")
@click.option(
    "--connection", "connections", multiple=True, metavar="NAME", help="Connection to bring along; may be repeated."
)
@click.option("--git", default="", metavar="URL[#REF]", help="Repository to clone into the workspace, if it is empty.")
@click.option(
    "--git-secret",
    default="",
    metavar="REF",
    help="Reference to its token or user:password (env:, file:, keyring:, exec:).",
)
@click.option(
    "--mount", "mounts", multiple=True, metavar="NAME[:ro]", help="Folder of the machine's list; may be repeated."
)
@click.option("--memory", type=Size(), metavar="SIZE", help="Memory limit, such as 2g  [default: the setting memory]")
@click.option(
    "--cpus",
    type=click.FloatRange(min=0, min_open=True),
    metavar="NUMBER",
    help="Limit of processors, such as 1.5  [default: the setting cpus]",
)
@click.option("--candidate", is_flag=True, help="Take the newest candidate build, which is not promoted yet.")
@click.option("--build", default="", metavar="VERSION", help="Pin this build, whatever the release gives now.")
@plans
def launch(session: Session, release: str, **asked: Any) -> None:
    """Launch an environment of a release and print its URL.

    A bare family means its newest active release. Only promoted builds are launched; one that is missing is built
    first. `--git` fills a new workspace before the IDE starts; files that are there are never replaced. `--mount`
    brings a folder of the machine along that an administrator has listed (`solvent config show`). `--build` pins one:
    its bytes are kept as long as the environment is there, and dates and quarantines hold as for every other build.
    """
    from manager.core.clones import Cloned
    from manager.core.environments import LaunchRequest

    # The options are named as the request's fields; what was not given is filled in by settings and plan.
    request = LaunchRequest(release, **{name: value for name, value in asked.items() if value is not None})
    plan = session.manager.plan_launch(request)
    done = session.carry_out(plan)
    for result in done.results.values() if done else ():
        if isinstance(result, Cloned) and result.note:
            session.terminal.note(result.note)
    view = session.manager.environment(plan.result)
    show_environment(session, view, headline=view.url)
    if not session.output.structured and not session.options.quiet:
        ready = f", ready in {view.ready_seconds:.1f} s" if view.ready_seconds is not None else ""
        session.terminal.note(f"{view.environment.name} runs {view.environment.release}{ready}")
    reached(session, view)


@env.command("list", examples=("solvent env list", "solvent env list --everyone -o json"))
@click.option("--everyone", is_flag=True, help="Those of everyone, not only yours.")
@click.option("--remembered", is_flag=True, help="What was launched, without asking the engine.")
@reads
def listing(session: Session, everyone: bool, remembered: bool) -> None:
    """List environments; their URLs come from `env show` and `env open`.

    The engine says what there is. An environment that was launched and has no container any more is `gone`.
    `--remembered` asks no engine: then the state is `unknown`. `--everyone` shows `unmanaged` containers too, which no
    Solvent made; what is in them says `solvent adopt scan`.
    """
    unmanaged: tuple[Unmanaged, ...] = ()
    if everyone and not remembered:
        found, unmanaged, notes = session.manager.adoption.listing()
    else:
        found, notes = session.manager.listing(everyone=everyone, remembered=remembered)
    owner = [Column[Any]("owner", lambda one: one.environment.owner)]
    columns = [
        Column[Any]("name", lambda one: one.environment.name),
        *(owner if everyone else []),
        Column[Any]("release", lambda one: one.environment.release),
        Column[Any]("stage", lambda one: one.stage.value if one.stage else ""),
        Column[Any]("state", lambda one: one.environment.state),
        Column[Any]("workspace", lambda one: one.environment.workspace),
        Column[Any]("created", lambda one: ago(one.environment.created)),
    ]
    wide = [
        *([] if everyone else owner),
        Column[Any]("build", lambda one: one.environment.version),
        Column[Any]("digest", lambda one: one.environment.digest),
        Column[Any]("port", lambda one: str(one.environment.port)),
        Column[Any]("connections", lambda one: ", ".join(one.environment.connections)),
        Column[Any]("upgrade to", lambda one: str(one.owed) if one.owed else ""),
    ]
    if session.output.form == "json" and everyone:
        _document(session, found, unmanaged)
    else:
        session.output.rows(
            "environments",
            found,
            columns,
            wide=wide,
            name=lambda one: one.environment.name,
            to_json=lambda one: one.to_json(),
        )
    if session.output.form in ("table", "wide"):
        below(session, unmanaged)
    for note in notes:
        session.terminal.note(note)
    behind = [one for one in found if one.owed and one.environment.owner == session.manager.settings.owner]
    if behind:
        owed = ", ".join(f"{one.environment.name} to {one.owed}" for one in behind)
        way = f"solvent env upgrade {behind[0].environment.name} --dry-run"
        session.terminal.note(f"upgrades are owed: {owed}; what one changes:  {way}")
    if not found:
        session.terminal.note("no environments; launch one:  solvent env launch jupyterlab")


def _document(session: Session, found: Sequence[EnvironmentView], unmanaged: Sequence[Unmanaged]) -> None:
    from manager.app.adoption_views import unmanaged_json

    session.output.document(
        {"environments": [one.to_json() for one in found], "unmanaged": [unmanaged_json(one) for one in unmanaged]}
    )


@env.command(examples=("solvent env show work", "solvent env show work -q"))
@click.argument("name")
@reads
def show(session: Session, name: str) -> None:
    """Show one environment; while it runs, with its URL.

    `-q` prints the URL alone.
    """
    view = session.manager.environment(name)
    if session.options.quiet and not session.output.structured:
        session.output.line(open_url(view))
    else:
        show_environment(session, view)
    reached(session, view)


@env.command(examples=("solvent env logs work", "solvent env logs work -f --tail 20"))
@click.argument("name")
@click.option("-f", "--follow", is_flag=True, help="Go on as the log grows.")
@click.option("--tail", type=click.IntRange(min=0), metavar="NUMBER", help="Begin with the last lines only.")
@reads
def logs(session: Session, name: str, follow: bool, tail: int | None) -> None:
    """Print what an environment has written, as it is."""
    from manager.cli.session import closed

    chunks = session.manager.logs(name, follow=follow, tail=tail)
    with closed(chunks):
        for chunk in chunks:
            session.output.raw(chunk)


@env.command(
    examples=("solvent env shell work", "solvent env shell work -- python -m pip list"),
    context_settings={"ignore_unknown_options": True},
)
@click.argument("name")
@click.argument("command", nargs=-1, type=click.UNPROCESSED)
@reads
def shell(session: Session, name: str, command: tuple[str, ...]) -> None:
    """Join the terminal to a shell inside an environment.

    Words after `--` are a command to run instead. Ends with the exit code of what ran.
    """
    click.get_current_context().exit(session.manager.shell(name, command))


@env.command("open", examples=("solvent env open work", "solvent env open work -q"))
@click.argument("name")
@reads
def opening(session: Session, name: str) -> None:
    """Print an environment's URL, and open it where there is a display."""
    view = session.manager.environment(name)
    url = open_url(view)
    show_environment(session, view, headline=url)
    if not session.options.quiet:
        browse(url)
    reached(session, view)


@env.command(examples=("solvent env stop work", "solvent env stop work --dry-run"))
@click.argument("name")
@plans
def stop(session: Session, name: str) -> None:
    """Stop an environment; its files, its settings and its port stay."""
    session.carry_out(session.manager.plan_stop(name))
    show_environment(session, session.manager.environment(name, url=False), headline=name)


@env.command(examples=("solvent env start work", "solvent env start --all"))
@click.argument("name", required=False)
@click.option("--all", "everything", is_flag=True, help="All of yours that ran and were not stopped by you.")
@click.option("--new-workspace", is_flag=True, help="Take an empty workspace in the place of one that is lost.")
@plans
def start(session: Session, name: str | None, everything: bool, new_workspace: bool) -> None:
    """Start an environment, or bring new passwords to one that runs.

    It stays on the build that it has, and on its port; its URL gets a new token. One that is gone is made again as it
    was launched. One that runs goes on as it is, token included; connections whose files have changed, such as a new
    password, are delivered to it anew.
    `--all` is for the time after a restart of the machine.
    """
    if everything == bool(name) or (everything and new_workspace):
        raise click.UsageError("name one environment, or say --all alone", ctx=click.get_current_context())
    if not name:
        _start_all(session)
        return
    plan = session.manager.plan_start(name, new_workspace=new_workspace)
    told(session, session.carry_out(plan))
    view = session.manager.environment(name, url=False)
    delivered = [one for step in plan.steps if step.kind == "deliver connections" for one in step.after.split(", ")]
    if session.output.structured:
        session.output.document({"environment": view.to_json(), "delivered": delivered})
        return
    show_environment(session, view, headline=name)
    if delivered:
        session.terminal.note(f"new files of {', '.join(delivered)}: a notebook reads them when it connects next")
    else:
        session.terminal.note(f"its URL:  solvent env open {name}")


def _start_all(session: Session) -> None:
    """Start what ran; exit 3 when something of it could not be started."""
    plan, left = session.manager.plan_start_all()
    session.carry_out(plan)
    names = [step.target for step in plan.steps if step.kind in ("start environment", "resume environment")]
    if session.output.structured:
        session.output.document({"started": names, "left": list(left)})
    else:
        for name in names:
            session.output.line(name)
    if left:
        raise FindingsError(
            f"{len(left)} of {len(left) + len(names)} environments were not started",
            why="; ".join(left),
            hint=f"see why and what to do:  solvent env start {left[0].partition(':')[0]}",
        )


@env.command(examples=("solvent env remove work", "solvent env remove work --delete-workspace --approve-destructive"))
@click.argument("name")
@click.option("--delete-workspace", is_flag=True, help="Delete the files of its workspace, too.")
@plans
def remove(session: Session, name: str, delete_workspace: bool) -> None:
    """Remove an environment; its workspace and your home stay.

    `--delete-workspace` deletes the files of its workspace, too.
    """
    workspace = session.manager.environment(name, url=False).environment.workspace
    session.carry_out(session.manager.plan_remove(name, delete_workspace=delete_workspace))
    if session.output.structured:
        deleted = workspace if delete_workspace else None
        session.output.document({"removed": {"environment": name, "workspace": deleted}})
    else:
        session.output.line(name)
        if not delete_workspace:
            stays = session.manager.has_workspace(workspace)
            session.terminal.note(
                f"{'the files stay in' if stays else 'there are no files left of'} workspace {workspace}"
            )
