"""The kernels and sessions of a family's languages: what is run to show that a language works."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True)
class Kernel:
    """What runs a language, and a cell that shows that it does.

    ``name`` is the kernelspec's. ``cell`` is run as a person would run it, and has to answer ``expects``, white
    space around it left aside. An IDE without kernels has the ``command`` of a session instead: an absolute program
    with its arguments, and the cell is the last of them. ``needs`` names what has to be there outside of the image
    ("a SAS server"): without it nothing can be run, so it is neither passed nor failed.
    """

    name: str
    language: str
    cell: str = "1+1"
    expects: str = "2"
    command: tuple[str, ...] = ()
    needs: str = ""

    def wrong(self, printed: str, shown: Iterable[str] = ()) -> str:
        """Say what is wrong with what the cell printed and showed (each result as plain text), or nothing."""
        said = [text.strip() for text in (printed, *shown)]
        if self.expects in said:
            return ""
        return f"{self.cell} gave {' '.join(filter(None, said))[:200] or 'nothing'}, not {self.expects}"


# The kernels of languages that a family need not describe.
USUAL = (Kernel("python3", "python"), Kernel("ir", "r", expects="[1] 2"))


# What gives the line of a language (major and minor), for languages whose line a release names.
LINES = {
    "python": "import sys; print('.'.join(map(str, sys.version_info[:2])))",
    "r": 'cat(R.version$major, sub("[.].*", "", R.version$minor), sep = ".")',
}


def kernels(languages: Iterable[str], described: Iterable[Kernel]) -> tuple[Kernel, ...]:
    """Give those that are described, and the usual one for each language of which none is."""
    found = tuple(described)
    known = {one.language for one in found}
    usual = {one.language: one for one in USUAL}
    return (*(usual[one] for one in languages if one not in known and one in usual), *found)


def undescribed(languages: Iterable[str], described: Iterable[Kernel]) -> tuple[str, ...]:
    """Give the languages that no kernel runs."""
    wanted = tuple(languages)
    known = {one.language for one in kernels(wanted, described)}
    return tuple(one for one in wanted if one not in known)
