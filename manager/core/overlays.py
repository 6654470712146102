"""A person's own packages on another release: which are installed again, at which version, and which cannot be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from manager.core.imports import Look


@dataclass(frozen=True, slots=True)
class Fit:
    """One package that a person asked for: the version that it has, and the one that fits ("" for none, with why)."""

    name: str
    version: str
    fits: str = ""
    why: str = ""

    @property
    def requirement(self) -> str:
        """Give what is asked of the installer."""
        return f"{self.name}=={self.fits}" if self.fits else self.name


def moves(here: Look, there: Look) -> bool:
    """Say whether the person's packages have to be installed again: another release has a place of its own."""
    return bool(here.asked and there.overlay and here.overlay != there.overlay)


def sentences(here: Look, fits: Iterable[Fit], release: str) -> tuple[str, ...]:
    """Say in words what is installed again, what cannot be, and what only comes along."""
    found = tuple(fits)
    same = [one.requirement for one in found if one.fits == one.version]
    other = [f"{one.name} {one.version} -> {one.fits}" for one in found if one.fits not in ("", one.version)]
    said = []
    if same or other:
        rest = len(here.packages) - len(here.asked)
        said.append(
            f"your own packages are installed again for {release}: {', '.join((*same, *other))}"
            + (f"; {rest} more that they need come along as they fit" if rest else "")
        )
    said += [
        f"your own {one.name} {one.version} cannot be installed for {release}: {one.why}"
        for one in found
        if not one.fits
    ]
    return tuple(said)


def own_r(here: Look, there: Look, release: str) -> tuple[str, ...]:
    """Say which packages of R have to be installed again: what one R has built another does not load."""
    lost = [one for one in here.r if one not in there.r]
    if not lost:
        return ()
    names = ", ".join(f'"{one.partition(" ")[0]}"' for one in lost)
    said = f"your own packages of R are not installed for {release}: {', '.join(lost)}"
    return (f"{said}; install them inside:  install.packages(c({names}))",)
