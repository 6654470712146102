"""The build context of an image: its Dockerfile and one deterministic tar for each layer."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from manager.errors import CatalogError, Problem

if TYPE_CHECKING:
    from collections.abc import Callable

    from manager.core.catalog import Family, Release
    from manager.world.trees import Tree, Trees

# Where the two trees lie inside an image.
PREFIXES = {"ide": "/opt/solvent/ide", "kernel": "/opt/solvent/kernel"}
# The line of a family's Dockerfile in whose place stands one ADD for each layer of the kernel.
MARKER = "# solvent: kernel layers"
RUNTIME_GROUP = "runtime"


def context(
    folder: Path,
    family: Family,
    release: Release,
    store: Trees,
    both: dict[str, Tree],
    groups: dict[str, str],
) -> tuple[tuple[str, ...], dict[str, Path | bytes]]:
    """Pack the layers into ``folder``; give their names from the bottom up, and the context's files by name.

    ``both`` holds the trees ``ide`` and ``kernel``; ``groups`` maps distributions of the kernel to layers.
    Raises CatalogError when the Dockerfile lacks the line that the kernel's layers replace.
    """
    from manager.world.rootfiles import pack_files
    from manager.world.trees import owners

    files: dict[str, Path | bytes] = {"ide.tar": folder / "ide.tar", "files.tar": folder / "files.tar"}
    store.pack(both["ide"], PREFIXES["ide"], folder / "ide.tar")
    owner = owners(both["kernel"].path)

    def group_of(path: str) -> str:
        return groups.get(owner.get(path, ""), RUNTIME_GROUP)

    present = {group_of(path) for path in owner} | {RUNTIME_GROUP}
    # What moves more often lies above: the runtime, package sets, connectors.
    below = [RUNTIME_GROUP, *(name for name in release.sets if name in present)]
    kernel = [*below, *sorted(present.difference(below))]
    for group in kernel:
        name = f"kernel-{group}.tar"
        store.pack(both["kernel"], PREFIXES["kernel"], folder / name, partial(_is_in, group, group_of))
        files[name] = folder / name
    launch = family.launch
    pack_files(
        Path(family.folder) / "files",
        folder / "files.tar",
        release.python,
        launch.uid,
        (launch.home, launch.workspace),
    )
    text = (Path(family.folder) / "Dockerfile").read_text(encoding="utf-8")
    if MARKER not in text:
        problem = Problem(f"images/{family.id}/Dockerfile", 0, "", f"the line {MARKER!r} is missing")
        raise CatalogError(f"the Dockerfile of {family.id} cannot be used", (problem,))
    adds = "\n".join(f"ADD kernel-{group}.tar /" for group in kernel)
    files["Dockerfile"] = text.replace(MARKER, adds).encode()
    return ("ide", *(f"kernel {group}" for group in kernel), "files"), files


def _is_in(group: str, group_of: Callable[[str], str], path: str) -> bool:
    return group_of(path) == group
