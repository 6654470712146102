"""R: the packages of an renv.lock, and how packages of CRAN are called in Debian."""

from __future__ import annotations

from typing import TYPE_CHECKING

from manager.core.catalog import Place
from manager.core.recipes.known import R_BASE, R_OF_DEBIAN

if TYPE_CHECKING:
    from manager.core.recipes.nodes import Node
    from manager.core.recipes.notes import Notes

_ELSEWHERE = "put what you need of it on a package repository of your own, and install it in the workspace"


def read(notes: Notes, lock: Node, file: str) -> None:
    """Read an renv.lock: versions of R, Python and packages.

    https://rstudio.github.io/renv/articles/lockfile.html
    """
    if version := lock["R/Version"]:
        _language(notes, version.text, Place(file, version.line))
    for each in lock["R/Repositories"]:
        why = "system packages come from Debian's mirror"
        notes.leave(
            Place(file, each.line), str(each["URL"]), why, "the key cran of [mirror] serves R inside environments"
        )
    if (python := lock["Python/Version"]).text:
        notes.take("python", f"=={minor(python.text)}.*", Place(file, python.line))
    for name, one in lock["Packages"].pairs:
        place = Place(file, one.line)
        package(notes, one["Package"].text or name, place, one["Version"].text, one["Source"].text)


def package(notes: Notes, name: str, place: Place, version: str = "", source: str = "") -> None:
    """Take an R package as Debian's, or say why not. ``source`` is renv's word: Repository, GitHub, Bioconductor."""
    text = f"{name} {version}".strip()
    lower = name.lower()
    if lower == "renv":
        notes.ours(place, text, "packages are in the image, so nothing restores them")
    elif lower in R_BASE:
        notes.ours(place, text, "R itself brings it")
    elif source and source not in ("Repository", "CRAN", "RSPM"):
        notes.leave(place, text, f"it comes from {source}, not from CRAN", _ELSEWHERE)
    elif lower in R_OF_DEBIAN:
        what = f"Debian's r-cran-{lower} stands for {name}" + (f", in Debian's version, not {version}" * bool(version))
        notes.take("system_packages", f"r-cran-{lower}", place, assumed=what)
    else:
        why = "no Debian package of it is known here"
        instead = f"look for r-cran-{lower} in Debian, and add it to system_packages if it is there"
        notes.leave(place, text, why, instead)


def _language(notes: Notes, version: str, place: Place) -> None:
    notes.take("system_packages", "r-base-core", place, assumed=f"R in Debian's version, not {version}")
    notes.leave(
        place,
        f"R {version}",
        "JupyterLab offers R only where a kernelspec of it is installed",
        "add r-cran-irkernel to system_packages, and its kernel.json below"
        " files/opt/solvent/jupyter/kernels/ir in the family's folder",
    )


def minor(version: str) -> str:
    """Give major and minor: ``3.11.7`` gives 3.11."""
    return ".".join(version.split(".")[:2])
