"""Images that were made elsewhere: read as releases of their families, checked, and written down."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from manager.core.adoption import ADOPTED, Adopted
from manager.core.catalog import Family, Launch, Place, Release
from manager.core.lifecycle import Policy
from manager.world.files import values
from manager.world.files.positions import array_lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from manager.core.adopted import AdoptedImage
    from manager.core.catalog import Fact
    from manager.world.files.documents import Document

_TOP = """\
# Images that were not built from this catalog. They have dates, an owner and a successor here until nobody uses them;
# nothing of them is built, promoted or launched.

"""
_KEYS = (
    "release",
    "title",
    "digest",
    "reference",
    "owner",
    "python",
    "released",
    "end_of_life",
    "successor",
    "message",
)


def joined(
    families: tuple[Family, ...], documents: Iterable[Document], known: Mapping[str, Fact]
) -> tuple[Family, ...]:
    """Give families with the images that were adopted into them; one that there is not is made of those alone."""
    found = {one.id: one for one in families}
    for document in documents:
        tables = document.data["image"]
        for table, line in zip(tables, array_lines(document.text, "image", len(tables)), strict=True):
            name, place = table["release"].partition(":")[0], Place(document.file, line)
            family = found.get(name) or _family(name, table, place)
            found[name] = replace(family, releases=(*family.releases, _release(family, table, place, known)))
    return tuple(found.values())


def _family(name: str, table: Mapping[str, Any], place: Place) -> Family:
    """Make a family that is only adopted: there is no folder that shapes it, and nothing of it is launched."""
    nothing = Launch(port=0, ready="", page="", selector="")
    title = table.get("title", name)
    return Family(name, title, table["owner"], (), nothing, (), folder="", files=(), size_budget=0, place=place)


def _release(family: Family, table: Mapping[str, Any], place: Place, known: Mapping[str, Fact]) -> Release:
    policy = next((one.policy for one in family.releases), Policy())
    terms = values.terms(table, policy, {}, known)
    return Release(
        family=family.id,
        line=table["release"].partition(":")[2],
        ide_requirement="",
        python=table.get("python", ""),
        system="",
        connectors=(),
        packages=(),
        schedule=terms.schedule(),
        terms=terms,
        place=place,
        successor=table.get("successor", ""),
        message=table.get("message", ""),
        adopted=Adopted(table["digest"], table["reference"], table["owner"]),
    )


def text_of(root: Path, content: str, image: AdoptedImage) -> str:
    """Give the text of the file as it would be; raises as :func:`write`."""
    from manager.world.files import writing

    return writing.judged(root, content, _edit(image))


def write(root: Path, content: str, image: AdoptedImage) -> str:
    """Append an image to a catalog's file, which is made with the first one; gives the file's text.

    ``content`` is the digest of the catalog that was read. Raises Refused when it has another one by now or cannot
    be written, CatalogError when what would be written is wrong; nothing is changed then.
    """
    from manager.world.files import writing

    return writing.write(root, content, _edit(image))


def _edit(image: AdoptedImage) -> Any:
    import tomlkit

    from manager.world.files.writing import Edit

    def changed(text: str | None) -> str:
        document = tomlkit.parse(_TOP if text is None else text)
        table = tomlkit.table()
        for key in _KEYS:
            if value := getattr(image, key):
                table[key] = value
        if image.because:
            table["end_of_life"].comment(image.because)
        tables: Any = document.setdefault("image", tomlkit.aot())
        if tables:
            tables[-1].add(tomlkit.nl())
        tables.append(table)
        return tomlkit.dumps(document)

    return Edit("adopted", ADOPTED, changed, "this image cannot be adopted")
