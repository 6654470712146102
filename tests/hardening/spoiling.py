"""The negative controls: for each check, a change of what was seen that it must find wrong."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tests.hardening import container, image

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.hardening.seen import Seen

CHECKS = (*image.CHECKS, *container.CHECKS)


def _host(**values: Any) -> Callable[[Seen], Seen]:
    """Change what the container asks of its host."""
    return lambda seen: replace(seen, container=seen.container | {"HostConfig": seen.host | values})


def _own(**values: Any) -> Callable[[Seen], Seen]:
    """Change the container's own configuration."""
    return lambda seen: replace(seen, container=seen.container | {"Config": seen.container["Config"] | values})


def _image(**values: Any) -> Callable[[Seen], Seen]:
    """Change the image's configuration."""
    return lambda seen: replace(seen, image=seen.image | {"Config": seen.image["Config"] | values})


def _engine(name: str, **values: Any) -> Callable[[Seen], Seen]:
    """Let the engine offer something that the container does not use."""
    return lambda seen: replace(seen, security=(*seen.security, f"name={name}"), container=seen.container | values)


def _mounted(source: str, **more: str) -> Callable[[Seen], Seen]:
    """Mount a folder of the host."""
    mount = {"Type": "bind", "Source": source, "Destination": "/there", "Propagation": "rprivate"} | more
    return lambda seen: replace(
        seen, container=seen.container | {"Mounts": [*(seen.container.get("Mounts") or ()), mount]}
    )


def _published(address: str, port: str) -> Callable[[Seen], Seen]:
    return _host(PortBindings={"8888/tcp": [{"HostIp": address, "HostPort": port}]})


def _built(instruction: str) -> Callable[[Seen], Seen]:
    return lambda seen: replace(seen, history=(*seen.history, instruction))


def _joined(network: str) -> Callable[[Seen], Seen]:
    def spoil(seen: Seen) -> Seen:
        changed = deepcopy(seen.container)
        changed.setdefault("NetworkSettings", {}).setdefault("Networks", {})[network] = {}
        return replace(seen, container=changed)

    return spoil


SPOILT: tuple[tuple[str, Callable[[Seen], Seen]], ...] = (
    *(("4.1", _image(User=user)) for user in ("", "root", "0:1000")),
    ("4.2", _image(Labels={})),
    ("4.3", lambda seen: replace(seen, packages=(*seen.packages, "openssh-server"))),
    *(("4.6", _image(Healthcheck=check)) for check in (None, {"Test": ["NONE"]})),
    ("4.7", _built("/bin/sh -c apt-get update")),
    ("4.8", lambda seen: replace(seen, setuid=(*seen.setuid, "/opt/helper"))),
    ("4.8", lambda seen: _host(SecurityOpt=[])(replace(seen, setuid=("/usr/bin/su",)))),
    ("4.9", _built("/bin/sh -c #(nop) ADD https://example.org/tool /usr/bin/")),
    ("4.10", _built("|1 PGPASSWORD=hunter2 /bin/sh -c true")),
    ("4.10", _built("RUN pip install --index-url https://me:hunter2@pypi.example/simple x")),
    ("4.10", _image(Env=["API_KEY=abcdef"])),
    ("4.11", lambda seen: replace(seen, unsigned=("deb [trusted=yes] http://example.org/ ./",))),
    ("5.1", _host(SecurityOpt=["no-new-privileges:true", "apparmor=unconfined"])),
    ("5.1", _engine("apparmor", AppArmorProfile="")),
    ("5.2", _host(SecurityOpt=["no-new-privileges:true", "label=disable"])),
    ("5.2", _engine("selinux", ProcessLabel="")),
    ("5.3", _host(CapAdd=["SYS_ADMIN"])),
    ("5.3", _host(CapDrop=None)),
    ("5.4", _host(Privileged=True)),
    *(("5.5", _mounted(source)) for source in ("/", "/etc", "/var/lib/docker/volumes", "/root")),
    ("5.5", _host(Binds=["/etc:/host:ro"])),
    ("5.6", lambda seen: replace(seen, programs=(*seen.programs, "/usr/sbin/sshd -D"))),
    ("5.7", _published("127.0.0.1", "443")),
    ("5.8", _host(PublishAllPorts=True)),
    ("5.8", _host(PortBindings={"8888/tcp": [{"HostIp": "127.0.0.1", "HostPort": "20000"}], "22/tcp": []})),
    ("5.9", _host(NetworkMode="host")),
    *(("5.10", _host(Memory=memory)) for memory in (0, None)),
    ("5.11", _host(NanoCpus=0)),
    ("5.12", _host(ReadonlyRootfs=False)),
    *(("5.13", _published(address, "20000")) for address in ("", "0.0.0.0", "192.0.2.1")),
    ("5.14", _host(RestartPolicy={"Name": "always", "MaximumRetryCount": 0})),
    ("5.14", _host(RestartPolicy={"Name": "on-failure", "MaximumRetryCount": 0})),
    ("5.15", _host(PidMode="host")),
    *(("5.16", _host(IpcMode=mode)) for mode in ("host", "shareable")),
    ("5.17", _host(Devices=[{"PathOnHost": "/dev/sda"}])),
    ("5.18", _host(Ulimits=None)),
    ("5.19", _mounted("/srv/data", Propagation="rshared")),
    ("5.20", _host(UTSMode="host")),
    ("5.21", _host(SecurityOpt=["no-new-privileges:true", "seccomp=unconfined"])),
    ("5.21", lambda seen: replace(seen, security=())),
    ("5.24", _host(CgroupParent="/")),
    ("5.25", _host(SecurityOpt=None)),
    ("5.25", _host(SecurityOpt=["no-new-privileges:false"])),
    ("5.26", _own(Healthcheck=None)),
    ("5.26", lambda seen: replace(seen, container=seen.container | {"State": {"Health": {"Status": "unhealthy"}}})),
    ("5.27", _own(Image="solvent/jupyterlab:4.6-py3.13")),
    ("5.28", _host(PidsLimit=0)),
    ("5.28", _host(PidsLimit=None)),
    *(("5.29", _host(NetworkMode=mode)) for mode in ("default", "bridge")),
    ("5.29", _joined("bridge")),
    ("5.30", _host(UsernsMode="host")),
    ("5.31", _mounted("/var/run/docker.sock")),
    ("5.31", _host(Binds=["/run/podman/podman.sock:/s"])),
)
