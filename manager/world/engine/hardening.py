"""A ContainerSpec as Docker's JSON. Every container is hardened here, and nowhere can that be turned off."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from manager.core.containers import ContainerSpec, Mount

# Engine API 1.41 and later, POST /containers/create.
_LOGS = {"Type": "json-file", "Config": {"max-size": "10m", "max-file": "3"}}


def config(spec: ContainerSpec) -> dict[str, Any]:
    """Give the body of the create request; it joins the first network only."""
    body: dict[str, Any] = {
        "Image": spec.image,
        "Labels": dict(spec.labels),
        "Env": [f"{name}={value}" for name, value in spec.environment],
        "ExposedPorts": {f"{port.container_port}/tcp": {} for port in spec.publish},
        "Tty": False,
        # StdinOnce: the end of the first attached client is the end of file for the process.
        "OpenStdin": spec.stdin,
        "StdinOnce": spec.stdin,
        "HostConfig": host_config(spec),
    }
    if spec.command is not None:
        body["Cmd"] = list(spec.command)
    if spec.entrypoint is not None:
        body["Entrypoint"] = list(spec.entrypoint)
        # The image's health check asks for what it runs by itself.
        body["Healthcheck"] = {"Test": ["NONE"]}
    for key, value in (("User", spec.user), ("Hostname", spec.hostname)):
        if value:
            body[key] = value
    return body


def host_config(spec: ContainerSpec) -> dict[str, Any]:
    """Give the limits and the isolation of a container."""
    return {
        "CapDrop": ["ALL"],
        "SecurityOpt": ["no-new-privileges:true"],
        "ReadonlyRootfs": True,
        "Init": True,
        "Memory": spec.memory,
        # As much as the memory: no swap on top of the limit.
        "MemorySwap": spec.memory,
        "NanoCpus": int(spec.cpus * 1_000_000_000),
        "PidsLimit": spec.pids,
        # A core file would carry token and secrets from memory into the workspace.
        "Ulimits": [{"Name": "core", "Soft": 0, "Hard": 0}],
        "NetworkMode": spec.networks[0] if spec.networks else "none",
        "PortBindings": {
            f"{port.container_port}/tcp": [{"HostIp": "127.0.0.1", "HostPort": str(port.host_port)}]
            for port in spec.publish
        },
        "Mounts": [_mount(mount) for mount in spec.mounts],
        "Tmpfs": {tmpfs.target: tmpfs.options for tmpfs in spec.tmpfs},
        **({"DnsOptions": list(spec.resolver)} if spec.resolver else {}),
        "RestartPolicy": {"Name": "no"},
        "LogConfig": _LOGS,
    }


def _mount(mount: Mount) -> dict[str, Any]:
    found: dict[str, Any] = {
        "Type": mount.kind,
        "Source": mount.source,
        "Target": mount.target,
        "ReadOnly": mount.read_only,
    }
    if mount.kind == "bind":
        # File systems mounted below the folder are left out: before engine 25 "read-only" did not reach them.
        found["BindOptions"] = {"NonRecursive": True}
    return found
