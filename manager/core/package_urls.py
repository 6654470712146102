"""Components as package URLs (purl), by which scanners and other tools know them."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from manager.core.components import Component

_TYPES = {"python": "pypi", "debian": "deb/{vendor}", "r": "cran", "npm": "npm", "vscode": "vscode-extension"}


def package_url(component: Component, system: str = "", version: str = "") -> str:
    """Give a component's package URL; "" for the operating system, which is no package.

    ``system`` and ``version`` are the distribution's (``debian``, ``13``): its packages are of that vendor.
    """
    kind = _TYPES.get(component.ecosystem)
    if kind is None:
        return ""
    name = component.name
    if component.ecosystem in ("debian", "vscode"):
        name = name.lower()
    if component.ecosystem == "vscode":
        # Publishers have no dot in their names.
        name = name.replace(".", "/", 1)
    path = "/".join(_encoded(part) for part in name.split("/"))
    found = f"pkg:{kind.format(vendor=_encoded(system or 'debian'))}/{path}@{_encoded(component.version)}"
    if component.ecosystem == "debian" and system and version:
        found += f"?distro={_encoded(f'{system}-{version}')}"
    return found


def _encoded(part: str) -> str:
    """Encode what is no letter, digit or ``.-_~:`` (purl specification, "Character encoding")."""
    return quote(part, safe=":")
