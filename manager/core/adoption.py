"""What no Solvent made and people work in all the same: containers, images and tags, seen and left as they are.

Whether something was made by Solvent its labels and its name say together: labels are inherited from images, so a
container that somebody runs by hand on one of our images has the first and not the second.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from manager.core.containers import LABEL, STATES
from manager.core.endings import plain
from manager.core.names import Names

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from manager.core.containers import Mount
    from manager.core.observed import Build, Container, Observed, Published
    from manager.core.scans import Scan

# The catalog's file of images that were made elsewhere.
ADOPTED = "images/adopted.toml"
# jupyter-ana, ana_notebook, rstudio.ana: the part that is no word for a tool is taken for a person.
_TOOLS = frozenset({
    "jupyter", "jupyterlab", "jupyterhub", "lab", "notebook", "notebooks", "nb", "rstudio", "code", "vscode",
    "server", "codeserver", "marimo", "zeppelin", "ide", "workspace", "work", "dev", "test", "tmp", "prod", "data",
    "science", "scipy", "datascience", "spark", "tensorflow", "torch", "pytorch", "gpu", "python", "r", "env",
    "user", "app", "web", "my", "old", "new"
})  # fmt: skip
_OWNERS = ("owner", "user", "username", "maintainer", "hub.jupyter.org/username", "com.docker.compose.project")


@dataclass(frozen=True, slots=True)
class Hint:
    """Whose something may be, and what says so: a label or a name. Both are empty where nothing does."""

    owner: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Adopted:
    """An image that was made elsewhere and is a release here: its config digest, what it was called, and its owner."""

    digest: str
    reference: str
    owner: str


@dataclass(frozen=True, slots=True)
class Unmanaged:
    """A container, an image or a registry's tag that no Solvent made.

    ``id`` is what it is asked for by: a container's id, an image's config digest, a tag's reference. ``digest`` is
    the image's config digest, ``image`` what it is called. ``release`` is set where that image is a build that the
    database knows. ``scan`` is None as long as nobody has looked inside.
    """

    kind: Literal["container", "image", "tag"]
    name: str
    id: str
    state: str
    image: str
    digest: str
    created: datetime
    hint: Hint = Hint()
    release: str = ""
    published: tuple[Published, ...] = ()
    mounts: tuple[Mount, ...] = ()
    networks: tuple[str, ...] = ()
    scan: Scan | None = None


def unmanaged(observed: Observed) -> tuple[Unmanaged, ...]:
    """Give the containers of the engine that no Solvent made, by name; nothing of them has been opened."""
    return unmanaged_of(observed.foreign, observed.builds)


def unmanaged_of(foreign: Iterable[Container], builds: Iterable[Build]) -> tuple[Unmanaged, ...]:
    """Give containers that no Solvent made by name, with the releases of those that run a build all the same."""
    releases = {build.digest: build.release for build in builds if build.digest}
    found = (_unmanaged(one, releases.get(one.image, "")) for one in foreign)
    return tuple(sorted(found, key=lambda one: (one.name, one.id)))


def nobodys(containers: Iterable[Container], names: Names) -> tuple[Container, ...]:
    """Give the containers that neither this realm nor another one made."""
    return tuple(one for one in containers if not _made(one, names))


def realm_of(labels: dict[str, str]) -> str:
    """Give the realm that labels name, or nothing."""
    return labels.get(LABEL + "realm", "")


def hint_of(name: str, labels: dict[str, str]) -> Hint:
    """Guess whose something is: what a label says, or the part of its name that names no tool."""
    # Whoever made the container chose what its labels hold.
    values = {key.lower(): plain(value) for key, value in labels.items()}
    for key in _OWNERS:
        said = next((value for label, value in values.items() if label == key or label.endswith(f".{key}")), "")
        if said:
            return Hint(said, f"label {key}")
    parts = [part for part in re.split(r"[-_.]+", name.lower()) if part and not part.isdigit()]
    rest = [part for part in parts if part not in _TOOLS]
    # Two strange words, such as the engine's own "eager_hopper", name nobody.
    if len(rest) == 1 and len(parts) > 1:
        return Hint(rest[0], f"name {name}")
    return Hint()


def _made(container: Container, names: Names) -> bool:
    """Say whether a Solvent made a container: its labels say so, and its name is the one that they lead to."""
    realm, kind = (container.labels.get(LABEL + key, "") for key in ("realm", "kind"))
    if not realm or not kind:
        return False
    if kind == "environment":
        owner, name = (container.labels.get(LABEL + key, "") for key in ("owner", "environment"))
        return container.name == (names if realm == names.realm else Names(realm)).environment(owner, name)
    return container.name.startswith(f"{realm}-")


def _unmanaged(container: Container, release: str) -> Unmanaged:
    return Unmanaged(
        kind="container",
        name=container.name,
        id=container.id,
        state=STATES.get(container.state, container.state),
        image=container.reference or container.image,
        digest=container.image,
        created=container.created,
        hint=hint_of(container.name, container.labels),
        release=release,
        published=container.published,
        mounts=container.mounts,
        networks=container.networks,
    )
