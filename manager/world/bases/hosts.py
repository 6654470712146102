"""The mirror that this machine itself uses, as a Debian host names it."""

from __future__ import annotations

import re
from pathlib import Path

from manager.core.apt import Mirror

_SECURITY = re.compile(r"-security|/updates$")


def host_mirror(apt: Path = Path("/etc/apt"), frozen: tuple[str, ...] = ()) -> Mirror | None:
    """Find the mirror that a Debian host uses, in either format of apt; None when it names none."""
    addresses: list[str] = []
    for file in sorted(apt.glob("sources.list.d/*.sources")):
        for stanza in re.split(r"\n\s*\n", file.read_text()):
            if re.search(r"^Enabled:\s*no", stanza, re.MULTILINE | re.IGNORECASE):
                continue
            if re.search(r"^Components:.*\bmain\b", stanza, re.MULTILINE):
                addresses += re.findall(r"^URIs:\s*(\S+)", stanza, re.MULTILINE)
    for file in (apt / "sources.list", *sorted(apt.glob("sources.list.d/*.list"))):
        if file.is_file():
            addresses += re.findall(r"^deb\s+(?:\[[^]]*\]\s+)?(\S+)\s+\S+\s.*\bmain\b", file.read_text(), re.MULTILINE)
    debian = [one.rstrip("/") for one in addresses if re.search(r"/debian(-security)?(/|$)", one)]
    main = next((one for one in debian if not _SECURITY.search(one)), "")
    security = next((one for one in debian if _SECURITY.search(one)), "")
    return Mirror(main, security, frozen=frozen) if main else None
