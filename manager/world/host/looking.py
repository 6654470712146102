"""What the machine has, read without changing anything."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from manager.world.host.answering import DEFAULT_ADDRESS, Answer, ping

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

# Where Docker's client looks for plugins on Debian and Ubuntu, the person's own folder apart.
_PLUGINS = ("usr/local/lib/docker", "usr/local/libexec/docker", "usr/lib/docker", "usr/libexec/docker")
# The path of a person leaves out where the daemons are.
_DAEMONS = ("usr/local/sbin", "usr/sbin", "sbin")
_PROGRAMS = ("docker", "dockerd", "docker-compose", "mmdebstrap", "apparmor_parser")


@dataclass(frozen=True, slots=True)
class Host:
    """What a machine has.

    ``distribution`` and ``version`` are ID and VERSION_ID of os-release(5); ``family`` is ``debian`` for Debian
    and what derives from it. ``address`` is where an engine is looked for and ``engine`` what came back;
    ``programs`` are those found of the ones that matter, ``docker compose`` among them for the plugin.
    ``confined`` says that the kernel enforces AppArmor, without whose parser an engine starts no container.
    """

    distribution: str
    version: str
    family: Literal["debian", "other"]
    uid: int
    init: Literal["systemd", "other"]
    address: str
    engine: Answer
    programs: tuple[str, ...]
    confined: Literal["apparmor", "no"]


def look(
    *,
    root: Path = Path("/"),
    environment: Mapping[str, str] | None = None,
    ask: Callable[[str], Answer] = ping,
) -> Host:
    """Look at the machine below ``root``; changes nothing, asks the engine through ``ask``."""
    environment = os.environ if environment is None else environment
    address = environment.get("DOCKER_HOST") or DEFAULT_ADDRESS
    if address == "unix:///run/docker.sock":
        address = DEFAULT_ADDRESS
    release = _os_release(root / "etc/os-release")
    like = (release.get("ID", ""), *release.get("ID_LIKE", "").split())
    enabled = root / "sys/module/apparmor/parameters/enabled"
    path = os.pathsep.join([environment.get("PATH", os.defpath), *(str(root / folder) for folder in _DAEMONS)])
    found = [name for name in _PROGRAMS if shutil.which(name, path=path)]
    own = environment.get("DOCKER_CONFIG") or str(Path(environment.get("HOME", "/root"), ".docker"))
    plugins = [Path(own), *(root / folder for folder in _PLUGINS)]
    if any((folder / "cli-plugins/docker-compose").is_file() for folder in plugins):
        found.append("docker compose")
    return Host(
        distribution=release.get("ID", "unknown"),
        version=release.get("VERSION_ID", ""),
        family="debian" if "debian" in like else "other",
        uid=os.getuid(),
        init="systemd" if (root / "run/systemd/system").is_dir() else "other",
        address=address,
        engine=ask(address),
        programs=tuple(found),
        confined="apparmor" if enabled.is_file() and enabled.read_text().startswith("Y") else "no",
    )


def _os_release(file: Path) -> dict[str, str]:
    try:
        pairs = (line.partition("=") for line in file.read_text().splitlines() if "=" in line)
        return {key: value.strip("\"'") for key, _, value in pairs}
    except OSError:
        return {}
