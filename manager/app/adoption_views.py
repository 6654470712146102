"""What the use cases answer about what no Solvent made: frozen values, as in :mod:`.views`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from manager.app.views import stamp

if TYPE_CHECKING:
    from manager.core.adoption import Unmanaged
    from manager.core.scans import Scan


def unmanaged_json(one: Unmanaged) -> dict[str, Any]:
    """Give one of ``unmanaged`` of ``adopt scan`` and ``env list``; ``scan`` is null where nobody has looked inside."""
    return {
        "kind": one.kind,
        "name": one.name,
        "id": one.id,
        "state": one.state,
        "image": one.image or None,
        "digest": one.digest or None,
        "created": stamp(one.created),
        "owner": {"hint": one.hint.owner, "source": one.hint.source} if one.hint.owner else None,
        "release": one.release or None,
        "published": [
            {"address": port.address, "host_port": port.host_port, "port": port.port} for port in one.published
        ],
        "mounts": [
            {
                "kind": mount.kind,
                "source": mount.source,
                "target": mount.target,
                "mode": "ro" if mount.read_only else "rw",
            }
            for mount in one.mounts
        ],
        "networks": list(one.networks),
        "scan": scan_json(one.scan) if one.scan is not None else None,
    }


def scan_json(scan: Scan) -> dict[str, Any]:
    """Give ``scan``: what was found in sum, each statement with its file, and what could not be read."""
    return {
        "ides": list(scan.ides),
        "languages": list(scan.languages),
        "drivers": list(scan.drivers),
        "traces": [
            {
                "kind": one.kind,
                "name": one.name,
                "version": one.version or None,
                "path": one.path,
                "connector": one.connector or None,
            }
            for one in scan.traces
        ],
        "unread": [{"path": one.path, "why": one.why} for one in scan.unread],
    }
