"""Images that people begin with: what is known of them, and what that means for a release."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from manager.core.recipes.known import STACKS, STACKS_WITH_SCIPY

if TYPE_CHECKING:
    from manager.core.catalog import Place
    from manager.core.recipes.notes import Notes

_REFERENCE = re.compile(r"(?P<name>[^@]*?)(?::(?P<tag>[^/:@]+))?(?:@(?P<digest>\S+))?")
_IN_TAG = re.compile(r"(?:^|[^a-z0-9])(?:python|py)-?(?P<version>3\.\d+)")
_PLAIN = ("debian", "ubuntu", "python", "buildpack-deps", "miniconda3", "mambaforge", "miniforge3", "micromamba")


def begun(notes: Notes, reference: str, place: Place) -> None:
    """Read the image that a Dockerfile begins with: its Python, and what it has that the Dockerfile does not name."""
    match = _REFERENCE.fullmatch(reference)
    name, tag = (match["name"], match["tag"] or "") if match else (reference, "")
    short = name.rpartition("/")[2]
    text = f"FROM {reference}"
    version = re.match(r"3\.\d+", tag) if short == "python" else None
    said = version[0] if version else (found["version"] if (found := _IN_TAG.search(tag)) else "")
    if said:
        notes.take("python", f"=={said}.*", place)
    if short in STACKS_WITH_SCIPY:
        holds = "numpy, pandas, scikit-learn, matplotlib and more"
        notes.take("sets", "data-science", place, assumed=f"{short} holds {holds}, which the set stands for")
    if short in STACKS:
        why = "what else the image holds is not named in its Dockerfile"
        instead = "in a container of it  pip list --not-required  tells; add what your notebooks import to packages"
        notes.leave(place, text, why, instead)
        if short in ("datascience-notebook", "r-notebook", "julia-notebook", "all-spark-notebook"):
            notes.leave(place, short, "its kernels of R, Julia or Spark do not come along", "system_packages, files/")
    elif short in _PLAIN:
        notes.ours(place, text, "the release stands on a system of the catalog")
    else:
        why = "what it holds is not named in this file; the release stands on a system of the catalog"
        instead = "to stand on an image of your own: [systems.NAME] with base, docs/extending.md"
        notes.leave(place, text, why, instead)
