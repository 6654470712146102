"""Families that extend another: found, followed to the family that stands on its own, and written out in full."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from manager.core.catalog import did_you_mean
from manager.world.files import documents
from manager.world.files.location import shipped_root

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from manager.world.files.documents import Folder

# Before the name of a family of the shipped catalog.
SHIPPED = "shipped:"
# What a family has of the one that it extends, unless it says otherwise itself.
_TAKEN = ("launch", "size_budget", "policy")


@dataclass(frozen=True, slots=True)
class Written:
    """A family as it is written down: the catalog folder that it was read from, its file there, and its data.

    ``data`` is what the file ``says`` until :func:`written_out` fills in what is another family's.
    """

    folder: Folder = field(repr=False)
    file: str
    text: bytes = field(repr=False)
    data: dict[str, Any] = field(hash=False, repr=False)
    says: dict[str, Any] = field(hash=False, repr=False)

    @property
    def inside(self) -> str:
        """Give the family's folder relative to the catalog's root, with a slash at its end."""
        return self.file.removesuffix("family.toml")


class NotExtended(Exception):
    """What a family extends is not there, or comes back to the family itself; ``why`` and ``hint`` for a person."""

    def __init__(self, why: str, hint: str = "") -> None:
        super().__init__(why)
        self.why = why
        self.hint = hint


def with_shipped(folder: Folder) -> Folder:
    """Give a catalog's folder with the shipped one, where a family extends one of it."""
    extends = (document.data.get("extends") for document in folder.of("family"))
    if not any(isinstance(name, str) and name.startswith(SHIPPED) for name in extends):
        return folder
    root = shipped_root()
    return replace(folder, shipped=folder if folder.root == root else documents.read(root, shipped=True))


def families(folder: Folder | None) -> tuple[Written, ...]:
    """Give the families of a catalog as they are written down; none without a folder."""
    if folder is None:
        return ()
    found = folder.of("family")
    return tuple(Written(folder, document.file, document.text, document.data, document.data) for document in found)


def lineage(family: Written, own: Iterable[Written], shipped: Iterable[Written]) -> tuple[Written, ...]:
    """Give a family with all that it extends, itself last; raises NotExtended.

    ``own`` are the families of its catalog, ``shipped`` those of the shipped one.
    """
    found, here = [family], tuple(own)
    while extends := found[0].says.get("extends"):
        if extends.startswith(SHIPPED) or found[0].folder is not family.folder:
            here = tuple(shipped)
        name = extends.removeprefix(SHIPPED)
        by_name = {str(one.data.get("id")): one for one in here}
        if name not in by_name:
            where = "the shipped catalog" if extends.startswith(SHIPPED) else "this catalog"
            raise NotExtended(f"no family {name!r} in {where}", _meant(name, by_name, extends, shipped))
        parent = by_name[name]
        if any(parent.folder is one.folder and parent.file == one.file for one in found):
            names = [str(one.data.get("id")) for one in (*reversed(found), parent)]
            raise NotExtended("families extend each other in a circle: " + " -> ".join(names))
        found.insert(0, parent)
    return tuple(found)


def _meant(name: str, known: Mapping[str, Written], extends: str, shipped: Iterable[Written]) -> str:
    if not extends.startswith(SHIPPED) and any(one.data.get("id") == name for one in shipped):
        return f"write {SHIPPED}{name} for the shipped one"
    return did_you_mean(name, list(known))


def written_out(found: tuple[Written, ...]) -> tuple[Written, ...]:
    """Give each family of a lineage with its data as if it said everything itself."""
    full = [found[0]]
    for one in found[1:]:
        full.append(replace(one, data=_joined(full[-1].data, one.data)))
    return tuple(full)


def _joined(parent: dict[str, Any], child: dict[str, Any]) -> dict[str, Any]:
    data = {key: parent[key] for key in _TAKEN if key in parent}
    data |= {key: value for key, value in child.items() if key not in ("extends", "packages", "environment")}
    data["policy"] = {**(parent.get("policy") or {}), **(child.get("policy") or {})}
    data["languages"] = list(dict.fromkeys([*(parent.get("languages") or ()), *(child.get("languages") or ())]))
    launch = parent.get("launch")
    if isinstance(launch, dict):
        launch = launch | (child.get("launch") or {})
        variables = {**(launch.get("environment") or {}), **(child.get("environment") or {})}
        data["launch"] = launch | ({"environment": variables} if variables else {})
    if "release" not in child:
        data["release"] = [_renamed(table, parent.get("id"), child.get("id")) for table in parent.get("release") or ()]
    more = [name for name in child.get("packages") or () if name]
    data["release"] = [_with(table, more) if isinstance(table, dict) else table for table in data["release"] or ()]
    for key in ("system_packages", "artifact", "kernel", "build_packages"):
        data[key] = [*(parent.get(key) or ()), *(child.get(key) or ())]
    return data


def _renamed(table: Any, parent: object, child: object) -> Any:
    """Let a release's successor within the family be the one of the family that extends it."""
    name, colon, line = str(table.get("successor", "")).partition(":") if isinstance(table, dict) else ("", "", "")
    return table | {"successor": f"{child}:{line}"} if colon and name == parent else table


def _with(table: dict[str, Any], packages: list[str]) -> dict[str, Any]:
    return table | {"packages": list(dict.fromkeys([*(table.get("packages") or ()), *packages]))}
