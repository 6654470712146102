"""The layers of an image from the bottom up: what each holds, and how it becomes a deterministic archive."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from manager.errors import CatalogError, Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from manager.core.catalog import Family, Release
    from manager.world.trees.store import Tree, Trees

# Where the two trees lie inside an image.
PREFIXES = {"ide": "/opt/solvent/ide", "kernel": "/opt/solvent/kernel"}
# The line of a family's Dockerfile in whose place stands one ADD for each layer of the kernel.
MARKER = "# solvent: kernel layers"
RUNTIME_GROUP = "runtime"
# The family's own files lie on top: they configure what is below them.
FILES = "files.tar"


@dataclass(frozen=True, slots=True)
class Part:
    """One layer: its name for people, and that of its archive in the context of a build.

    ``digest`` (``sha256:...``) is the archive's if it was packed once, else empty; ``pack`` writes the archive and
    gives it.
    """

    name: str
    file: str
    digest: str
    pack: Callable[[Path], str]


def parts(
    family: Family, release: Release, store: Trees, both: Mapping[str, Tree], groups: Mapping[str, str]
) -> tuple[Part, ...]:
    """Give the layers of a release's image.

    ``both`` holds the trees of the release; ``groups`` maps distributions of the kernel to layers, which lie in the
    order of their first mention on that of the runtime. Raises Failed for a tree that is not as sealed.
    """
    from manager.world.rootfiles import pack_files
    from manager.world.trees.content import claims

    def part(name: str, file: str, kind: str, chosen: Mapping[str, bytes]) -> Part:
        def pack(out: Path) -> str:
            return f"sha256:{store.pack(both[kind], PREFIXES[kind], chosen, out)}"

        known = store.archived(PREFIXES[kind], chosen)
        return Part(name, file, f"sha256:{known}" if known else "", pack)

    def pack_own(out: Path) -> str:
        launch = family.launch
        folders, places = tuple(Path(one, "files") for one in family.folders), (launch.home, launch.workspace)
        return "sha256:" + pack_files(folders, out, release.python, launch.uid, places)

    lines = store.manifest(both["kernel"])
    owners = claims(both["kernel"].path, lines)
    members: dict[str, dict[str, bytes]] = {name: {} for name in (RUNTIME_GROUP, *groups.values())}
    for path, line in lines.items():
        # What several bring belongs to the first by name, what belongs to none to the runtime.
        members[groups.get(owners.get(path, ("",))[0], RUNTIME_GROUP)][path] = line
    return (
        *((part("ide", "ide.tar", "ide", store.manifest(both["ide"])),) if "ide" in both else ()),
        *(
            part(f"kernel {group}", f"kernel-{group}.tar", "kernel", chosen)
            for group, chosen in members.items()
            if chosen or group == RUNTIME_GROUP
        ),
        Part("files", FILES, "", pack_own),
    )


def dockerfile(family: Family, files: tuple[str, ...]) -> str:
    """Give a family's Dockerfile with an ADD for each archive of the kernel in the marker's place.

    ``files`` are the archives of all layers. Raises CatalogError when the line that they replace is missing.
    """
    found = (file for one in reversed(family.folders) if (file := Path(one, "Dockerfile")).is_file())
    nearest = next(found, None)
    text = nearest.read_text(encoding="utf-8") if nearest else ""
    if MARKER not in text:
        why = f"the line {MARKER!r} is missing" if nearest else "is missing"
        problem = Problem(f"images/{family.id}/Dockerfile", 0, "", why)
        raise CatalogError(f"the Dockerfile of {family.id} cannot be used", (problem,))
    return text.replace(MARKER, "\n".join(f"ADD {file} /" for file in files if file.startswith("kernel-")))
