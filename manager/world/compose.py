"""The compose command: building, starting and stopping the shipped data sources."""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import secrets
import shutil
import subprocess
import time
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, cast

from manager.errors import Failed, Refused, Unreachable, UsageError
from manager.processes import NOT_FOUND, TIMED_OUT, Finished, run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

Health = Literal["none", "starting", "healthy", "unhealthy"]
State = Literal["created", "running", "paused", "restarting", "removing", "exited", "dead"]

_HINT = "see what is missing:  solvent doctor"
# What compose v2 takes for a project; 1.29 would silently drop the other characters.
_PROJECT = re.compile(r"[a-z0-9][a-z0-9_-]*")
_AWAY = re.compile(
    r"cannot connect to the docker daemon|couldn't connect to docker|error while fetching server api version"
    r"|connection refused|permission denied while trying to connect|is the docker daemon running",
    re.IGNORECASE,
)
_TAKEN = re.compile(r'Conflict\. The container name "?/?([^" ]+)')
# Beside the password: the certificate of the authority that a source's own is checked against.
AUTHORITY = "ca.pem"
# 1.29 looks for the password files of services that nobody starts.
_NOISE = re.compile(r"uses an undefined secret file|Going to remove|The requested image's platform")
_NOTHING: Mapping[str, str] = MappingProxyType({})
_BUILD_SECONDS = 1800
_CALL_SECONDS = 120


@dataclass(frozen=True, slots=True)
class RunningSource:
    """The container of a source, as the engine has it: running, or left behind by something.

    ``authority`` is where it has the certificate of the authority that its own is checked against; "" without TLS.
    """

    name: str
    container: str
    state: State
    health: Health
    authority: str = ""


class Compose:
    """One compose file as one project.

    ``environment`` is added to this process's own and holds no secret. ``command`` is ``("docker", "compose")``
    or ``("docker-compose",)``, looked for at the first call when None. A folder of secrets has, for each
    service, ``NAME/password``, and ``NAME/ca.pem`` for one with TLS; the file's ``SOLVENT_SECRETS`` names it.

    Methods raise Unreachable when the engine or compose is not there, Failed with the last lines of output in
    ``why``, and Refused when a container's name belongs to something else.
    """

    def __init__(
        self, file: Path, project: str, environment: dict[str, str], command: tuple[str, ...] | None = None
    ) -> None:
        if not _PROJECT.fullmatch(project):
            raise UsageError(f"compose takes no project named {project!r}", hint="use a-z, 0-9, '-' and '_'")
        self.file = file
        self.project = project
        self._environment = environment
        self._command = command

    def build(self, service: str, say: Callable[[str], None], environment: Mapping[str, str] = _NOTHING) -> None:
        """Build the image of a service; quick when nothing changed. A failed one leaves no container.

        ``environment`` is what the build alone is told besides, and no secret either.
        """
        # The builder behind 1.29 would keep the container of the step that failed; v2 has another builder.
        tidy = () if self._found() == ("docker", "compose") else ("--force-rm",)
        words = ("build", *tidy, service)
        self._do(words, say, f"building {service}", timeout=_BUILD_SECONDS, more=environment)

    def start(self, service: str, secrets_dir: Path, say: Callable[[str], None], timeout: float = 300) -> RunningSource:
        """Start a service with fresh data and a new password, and wait until it is healthy.

        A healthy one is left as it is, with its password; anything else of that name is replaced. The password
        is in ``secrets_dir/service/password``, and beside it in ``ca.pem`` the certificate of the authority that
        the server made for itself, if it has TLS. A service that is not healthy after ``timeout`` seconds, or
        that ends, raises Failed and is taken away again.
        """
        with _alone(secrets_dir, say):
            found = self._find(service)
            if found and found.health == "healthy" and _complete(found, secrets_dir / service):
                say(f"{service} is running")
                return found
            if found:
                self._remove(service, secrets_dir, say)
            _make_password(secrets_dir / service)
            try:
                self._do(("up", "-d", "--no-deps", "--no-build", service), say, f"starting {service}", secrets_dir)
                started = self._wait_healthy(service, say, timeout)
                if started.authority:
                    certificate = self._docker("exec", started.container, "cat", started.authority)
                    (secrets_dir / service / AUTHORITY).write_text(certificate)
                return started
            except BaseException:
                with contextlib.suppress(Failed, Unreachable):
                    self._remove(service, secrets_dir, say)
                raise

    def stop(self, service: str, secrets_dir: Path, say: Callable[[str], None]) -> None:
        """Remove a service's container, data and password; with the last one, the network. Absent is fine.

        The network stays while something else, such as an environment, is attached to it.
        """
        with _alone(secrets_dir, say):
            self._remove(service, secrets_dir, say)
            if self.running():
                return
            try:
                self._do(("down",), say, "removing the network", secrets_dir)
            except Failed as error:
                if "active endpoints" not in error.why:
                    raise
            # 1.29 fails over a network in use, v2 leaves it without a word.
            if self._docker("network", "ls", "-q", "--filter", f"label=com.docker.compose.project={self.project}"):
                say("the network stays: other containers are attached to it")

    def running(self) -> tuple[RunningSource, ...]:
        """List the project's containers, stopped ones too, by name."""
        listed = self._docker(
            "ps", "--all", "--no-trunc",
            "--filter", f"label=com.docker.compose.project={self.project}",
            "--filter", "label=io.solvent.kind=source",
            # v2 labels the image with the project, too, and whatever runs from it inherits that; not this one.
            "--filter", "label=com.docker.compose.container-number",
            "--format", "\t".join(
                ('{{.Label "com.docker.compose.service"}}', "{{.Names}}", "{{.State}}", "{{.Status}}",
                 '{{.Label "io.solvent.authority"}}')
            ),
        )  # fmt: skip
        return tuple(sorted((_source(line) for line in listed.splitlines()), key=lambda one: one.name))

    def _find(self, service: str) -> RunningSource | None:
        return next((one for one in self.running() if one.name == service), None)

    def _remove(self, service: str, secrets_dir: Path, say: Callable[[str], None]) -> None:
        if self._find(service):
            self._do(("rm", "--stop", "--force", "-v", service), say, f"stopping {service}", secrets_dir)
        shutil.rmtree(secrets_dir / service, ignore_errors=True)

    def _wait_healthy(self, service: str, say: Callable[[str], None], timeout: float) -> RunningSource:
        began = time.monotonic()
        pause = 0.2
        while True:
            spent = time.monotonic() - began
            found = self._find(service)
            if found and found.health == "healthy":
                say(f"{service} is healthy")
                return found
            if found is None or found.state in ("exited", "dead"):
                raise Failed(f"source {service} ended while it started", why=self._log(found), hint=_HINT)
            if spent > timeout or found.health == "unhealthy":
                message = f"source {service} is not healthy after {spent:.0f} s"
                raise Failed(message, why=self._log(found), hint=_HINT)
            say(f"waiting for {service}: {spent:.0f} s")
            time.sleep(pause)
            pause = min(pause * 1.5, 1.5)

    def _log(self, source: RunningSource | None) -> str:
        if source is None:
            return "its container is gone"
        return self._docker("logs", "--tail", "15", source.container).strip() or "it wrote no log"

    def _do(
        self,
        words: tuple[str, ...],
        say: Callable[[str], None],
        note: str,
        secrets_dir: Path | None = None,
        timeout: float = _CALL_SECONDS,
        more: Mapping[str, str] = _NOTHING,
    ) -> None:
        environment = os.environ | {"BUILDKIT_PROGRESS": "plain"} | self._environment | dict(more)
        if secrets_dir is not None:
            environment["SOLVENT_SECRETS"] = str(secrets_dir.absolute())
        command = (*self._found(), "--ansi", "never", "--file", str(self.file), "--project-name", self.project)

        def tell(line: str) -> None:
            if not _NOISE.search(line):
                say(line)

        ended = run((*command, *words), tell, environment=environment, timeout=timeout, note=note)
        if ended.code:
            ended = Finished(ended.code, tuple(line for line in ended.tail if not _NOISE.search(line)))
            raise _translated(ended, f"{' '.join(self._found())} {words[0]} failed")

    def _found(self) -> tuple[str, ...]:
        if self._command is None:
            self._command = find_command()
        return self._command

    def _docker(self, *words: str) -> str:
        """Ask the engine through the client that compose needs, too."""
        try:
            done = subprocess.run(
                ("docker", *words),
                capture_output=True,
                text=True,
                errors="replace",
                timeout=30,
                check=False,
                env=os.environ | self._environment,
            )
        except FileNotFoundError:
            raise Unreachable("there is no docker client", hint=_INSTALL) from None
        except subprocess.TimeoutExpired:
            raise Unreachable("the engine does not answer within 30 s", hint=_HINT) from None
        if done.returncode:
            tail = tuple(done.stderr.strip().splitlines()[-10:])
            raise _translated(Finished(done.returncode, tail), f"docker {words[0]} failed")
        # The log of a container comes on both.
        return done.stdout + (done.stderr if words[0] == "logs" else "")


_INSTALL = "solvent quickstart  installs it, or:  apt-get install docker.io docker-compose"


def find_command() -> tuple[str, ...]:
    """Give the compose command of this machine, v2's plugin before ``docker-compose``; raises Unreachable."""
    if shutil.which("docker"):
        asked = subprocess.run(("docker", "compose", "version"), capture_output=True, check=False)
        if asked.returncode == 0:
            return ("docker", "compose")
    if shutil.which("docker-compose"):
        return ("docker-compose",)
    raise Unreachable("neither 'docker compose' nor 'docker-compose' is here", hint=_INSTALL)


def _translated(ended: Finished, message: str) -> Failed | Refused | Unreachable:
    if ended.code == NOT_FOUND:
        return Unreachable(message, why=ended.why, hint=_INSTALL)
    if _AWAY.search(ended.why):
        return Unreachable("the engine does not answer", why=(ended.tail or ("",))[-1], hint=_HINT)
    if taken := _TAKEN.search(ended.why):
        name = taken.group(1)
        return Refused(
            f"the container name {name} is taken by something that is not ours",
            hint=f"look at it, and rename or remove it:  docker inspect {name}",
        )
    if ended.code == TIMED_OUT:
        return Failed(message + ": it took too long", why=ended.why, hint=_HINT)
    return Failed(message, why=ended.why, hint=_HINT)


def _source(line: str) -> RunningSource:
    name, container, state, status, authority = line.split("\t")
    health: Health = "none"
    if shown := re.search(r"\((?:health: )?(unhealthy|healthy|starting)\)", status):
        health = cast("Health", shown.group(1))
    return RunningSource(name, container, cast("State", state), health, authority)


def _complete(found: RunningSource, folder: Path) -> bool:
    """Say whether what clients need of a source is there."""
    needed = ("password", AUTHORITY) if found.authority else ("password",)
    return all((folder / name).is_file() for name in needed)


def _make_password(folder: Path) -> None:
    """Write 256 random bits into ``folder/password``, readable by this user alone."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    file = folder / "password"
    file.unlink(missing_ok=True)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as written:
        written.write(secrets.token_urlsafe(32))


@contextlib.contextmanager
def _alone(secrets_dir: Path, say: Callable[[str], None]) -> Iterator[None]:
    """Let one process at a time start or stop sources; the others wait for it."""
    secrets_dir.mkdir(parents=True, exist_ok=True)
    secrets_dir.chmod(0o700)
    with (secrets_dir / ".lock").open("w") as lock:
        began = time.monotonic()
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                say(f"waiting for another start or stop of sources: {time.monotonic() - began:.0f} s")
                time.sleep(1)
        yield
