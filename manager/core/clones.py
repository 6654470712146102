"""Plans how a launch fills its workspace from a git repository, without ever losing what is in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from manager.core.actions import CloneWorkspace
from manager.core.origins import parse_origin, same
from manager.core.plan import Step
from manager.core.secrets import parse_reference
from manager.core.takeover import state
from manager.core.workspaces import find, usage_of
from manager.errors import Refused, UsageError

if TYPE_CHECKING:
    from manager.core.environments import LaunchRequest
    from manager.core.names import Names
    from manager.core.observed import Build, Observed


@dataclass(frozen=True, slots=True)
class Cloned:
    """What a clone came to: ``note`` is a sentence for the person where nothing was cloned."""

    workspace: str
    origin: str
    commit: str
    note: str = ""

    @property
    def after(self) -> str:
        """Give what the history keeps."""
        return f"{self.origin} at {self.commit[:12] or 'no commit'}"


def fill(
    observed: Observed,
    names: Names,
    owner: str,
    request: LaunchRequest,
    release: str,
    build: Build | None,
    needs: tuple[str, ...],
) -> tuple[tuple[Step, ...], tuple[str, ...]]:
    """Plan the clone that ``request.git`` asks for; gives the step, if it takes one, and notes.

    A workspace that is known to be this clone is left as it is. What else it may hold only the step can see. Raises
    UsageError for an address or a reference that cannot be used, and Refused for a workspace that is known to be
    another clone.
    """
    if not request.git:
        if request.git_secret:
            raise UsageError("--git-secret is for --git", hint="say which repository:  --git URL")
        return (), ()
    origin = parse_origin(request.git)
    notes = _check_secret(origin.url, request.git_secret)
    volume = find(observed, names.workspace(owner, request.workspace))
    known = usage_of(observed, volume).origin if volume else ""
    # Of files that were taken over only the step knows whether they are still there.
    known = "" if state(known) else known
    if known and same(known.partition("#")[0], origin.url):
        return (), (f"workspace {request.workspace} is a clone of {known} already: it is left as it is",)
    if known:
        raise Refused(
            f"workspace {request.workspace} is a clone of {known}",
            why="files of a workspace are never replaced",
            hint="choose another one:  --workspace NAME",
        )
    step = Step(
        id=f"clone:{names.workspace(owner, request.workspace)}",
        kind="clone workspace",
        target=request.workspace,
        cause="it is new" if volume is None else "it is there already; only an empty one is filled",
        do=CloneWorkspace(
            request.workspace,
            names.workspace(owner, request.workspace),
            origin,
            request.git_secret,
            release,
            build.digest if build else "",
            names.network,
        ),
        after=str(origin),
        needs=needs,
    )
    return (step,), notes


def _check_secret(url: str, secret: str) -> tuple[str, ...]:
    """Check the reference to what a repository's server asks for; gives a note where anybody could read it."""
    if not secret:
        return ()
    parse_reference(secret)
    if url.startswith("git://"):
        raise UsageError("git:// takes no credentials", hint="use the repository's https:// address")
    if url.startswith("http://"):
        return ("http:// is not encrypted: whoever is on the way to the git server can read the secret",)
    return ()
