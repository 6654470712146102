"""What the machine lacks, as a plan; and whether Solvent may do it or a person has to."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from manager.errors import Unreachable
from manager.world.host.answering import DEFAULT_ADDRESS
from manager.world.host.packages import installing

if TYPE_CHECKING:
    from manager.world.host.looking import Host


@dataclass(frozen=True, slots=True)
class Need:
    """Something to do before the machine can run environments: the package or the start, how, and why."""

    kind: Literal["package", "start"]
    what: str
    command: tuple[str, ...]
    why: str


def plan(host: Host) -> tuple[Need, ...]:
    """Give what is missing, in the order in which it has to be done; empty when nothing is. Asks nobody."""
    needs = [Need("package", name, installing(name), why) for name, why in _missing(host)]
    if host.engine == "silent":
        command = ("systemctl", "start", "docker") if host.init == "systemd" else ("dockerd",)
        needs.append(Need("start", "engine", command, f"no engine answers at {host.address}"))
    return tuple(needs)


def _missing(host: Host) -> list[tuple[str, str]]:
    missing = []
    if host.engine == "silent" and "dockerd" not in host.programs:
        missing.append(("docker.io", "the engine is not installed"))
    if "docker" not in host.programs:
        # Its own package since Debian 13; before, and in Ubuntu, the engine's package brings the client.
        apart = host.distribution == "debian" and host.version not in ("", "11", "12")
        client = ("docker-cli" if apart else "docker.io", "the engine's client is not installed")
        missing += [client] if client[0] not in dict(missing) else []
    if host.engine == "silent" and host.confined == "apparmor" and "apparmor_parser" not in host.programs:
        missing.append(("apparmor", "the kernel enforces AppArmor, and the engine needs its parser"))
    if "docker-compose" not in host.programs and "docker compose" not in host.programs:
        missing.append(("docker-compose", "compose runs the data sources"))
    if "mmdebstrap" not in host.programs:
        missing.append(("mmdebstrap", "it makes the base of the images where no registry answers"))
    return missing


def permit(host: Host, needs: tuple[Need, ...]) -> None:
    """Raise Unreachable, with the commands to run by hand, when Solvent may not do what is needed itself."""
    if host.engine == "forbidden":
        raise Unreachable(
            f"the engine at {host.address} does not let this user in",
            why="who can reach the engine is root on this machine, so its socket is closed to others",
            hint="sudo usermod -aG docker $USER  and log in again",
        )
    if not needs:
        return
    why = "; ".join(need.why for need in needs)
    if host.engine == "silent" and host.address != DEFAULT_ADDRESS:
        raise Unreachable(
            f"no engine answers at {host.address}",
            why="DOCKER_HOST names it, so Solvent starts none here",
            hint="start that engine, or:  unset DOCKER_HOST",
        )
    if host.family != "debian":
        names = ", ".join(need.what for need in needs if need.kind == "package")
        packages = f"install {names} with the package tool of {host.distribution}" if names else ""
        start = "sudo systemctl enable --now docker" if host.engine == "silent" else ""
        hint = ", then:  ".join(filter(None, (packages, start)))
        raise Unreachable("Solvent installs packages on Debian and Ubuntu only", why=why, hint=hint)
    if host.uid != 0:
        raise Unreachable("this needs root", why=why, hint=by_hand(host, needs))


def by_hand(host: Host, needs: tuple[Need, ...]) -> str:
    """Give the needs as one line for a shell, for a person who is not root."""
    packages = [need.what for need in needs if need.kind == "package"]
    lines = []
    if packages:
        lines += ["sudo apt-get update", "sudo " + shlex.join(installing(*packages))]
    if any(need.kind == "start" for need in needs):
        # Takes effect at the next login; without it the engine lets root in only.
        lines.append("sudo usermod -aG docker $USER")
        background = "" if host.init == "systemd" else " >/tmp/dockerd.log 2>&1 &"
        command = next(shlex.join(need.command) for need in needs if need.kind == "start")
        lines.append("sudo " + command + background)
    return " && ".join(lines)
