"""What the pages say is so: commands exist, links lead somewhere, files load, pictures are drawn from their script."""

from __future__ import annotations

import importlib.util
import re
from typing import TYPE_CHECKING

import click
import pytest

from manager.cli import reference
from manager.errors import CatalogError, UsageError
from manager.world import files
from tests.docs.reading import PAGES, REPOSITORY, blocks, broken_links, parse, shape, typed

if TYPE_CHECKING:
    from pathlib import Path

README = (REPOSITORY / "README.md").read_text(encoding="utf-8")
COMMANDS = {path.removeprefix("solvent ") for path, _, _ in reference.commands()}
CATALOG = (REPOSITORY / "docs" / "catalog.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(REPOSITORY)))
def test_every_command_of_a_page_can_be_typed(page: Path) -> None:
    """Each ``$ solvent ...`` in a console block parses."""
    for one in typed(page.read_text(encoding="utf-8")):
        parse(one.words)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(REPOSITORY)))
def test_every_link_of_a_page_leads_to_a_file(page: Path) -> None:
    """Relative links lead to something in the repository."""
    assert broken_links(page, page.read_text(encoding="utf-8")) == ()


def test_what_is_said_to_be_missing_is_not_there() -> None:
    """No command stands in the README below "Does not exist yet"."""
    assert not _said_to_be_missing(README) & COMMANDS


def test_the_catalogs_examples_load(tmp_path: Path) -> None:
    """The files in docs/catalog.md, put over a copy of the shipped catalog, are a catalog."""
    root = _catalog_with(CATALOG, tmp_path / "catalog")

    catalog = files.load(root, shipped=False)

    assert catalog.name == "our-catalog"
    assert catalog.family("jupyterlab").releases[0].packages == ("tabulate",)


def test_a_family_and_a_system_of_ones_own_load(tmp_path: Path) -> None:
    """The files in docs/extending.md, in a copy of the shipped catalog: the family stands on a base of its own."""
    files.copy_shipped(REPOSITORY, tmp_path / "own", git=False)
    family, system = blocks((REPOSITORY / "docs" / "extending.md").read_text(encoding="utf-8"), "toml")
    place = tmp_path / "own" / family.partition("\n")[0].removeprefix("# ")
    place.parent.mkdir()
    place.write_text(family, encoding="utf-8")
    with (tmp_path / "own" / "solvent.toml").open("a", encoding="utf-8") as file:
        file.write(f"\n{system}")

    catalog = files.load(tmp_path / "own", shipped=False)

    found = catalog.family("jupyterlab-risk")
    assert [one.line for one in found.releases] == [one.line for one in catalog.family("jupyterlab").releases]
    assert {one.system for one in found.releases} >= {"trixie+jupyterlab-risk+odbc-drivers", "forky+jupyterlab-risk"}
    assert catalog.system("company").base.startswith("registry.example/")


def test_the_picture_is_what_its_script_draws() -> None:
    """docs/picture.svg is up to date: ``python docs/picture.py``."""
    place = REPOSITORY / "docs" / "picture.py"
    spec = importlib.util.spec_from_file_location("picture", place)
    assert spec
    assert spec.loader
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)

    assert place.with_suffix(".svg").read_text(encoding="utf-8") == script.picture()


def test_every_decision_is_listed_and_has_its_three_parts() -> None:
    """docs/decisions/README.md names each page; a page says context, decision, consequences."""
    folder = REPOSITORY / "docs" / "decisions"
    index = (folder / "README.md").read_text(encoding="utf-8")

    pages = sorted(folder.glob("[0-9]*.md"))

    assert [int(page.name[:4]) for page in pages] == list(range(1, len(pages) + 1))
    for page in pages:
        text = page.read_text(encoding="utf-8")
        assert f"({page.name})" in index
        assert re.findall(r"^\*\*(\w+)\.\*\*", text, re.MULTILINE) == ["Context", "Decision", "Consequences"]


def test_a_wrong_page_would_be_noticed(tmp_path: Path) -> None:
    """Negative control: a command that there is not, or is after all, a dead link, no catalog, another heading."""
    page = "```console\n$ solvent env lunch jupyterlab\n$ solvent env list --everybody\n```\n[gone](docs/gone.md)\n"
    missing, misspelt = typed(page)

    with pytest.raises(UsageError, match="no such command"):
        parse(missing.words)
    with pytest.raises(click.NoSuchOption):
        parse(misspelt.words)
    assert broken_links(REPOSITORY / "README.md", page) == ("docs/gone.md",)
    with pytest.raises(CatalogError, match=r"\d problems in the catalog"):
        files.load(_catalog_with(CATALOG.replace('"3.13"', '"3.12"', 1), tmp_path / "wrong"), shipped=False)
    assert _said_to_be_missing("\nDoes not exist yet:\n\n- a move (`solvent env upgrade NAME`)\n") <= COMMANDS
    assert shape("NAME  RELEASE  STAGE\nWork  x  y") == ("NAME | RELEASE | STAGE",)
    assert shape("NAME  RELEASE  STATE") != shape("NAME  RELEASE  STAGE")


def _said_to_be_missing(page: str) -> set[str]:
    """Give what stands between backticks in the list of what does not exist yet, as a command is typed."""
    _, _, rest = page.partition("\nDoes not exist yet:\n\n")
    assert rest
    spans = re.findall(r"`([^`]+)`", rest.partition("\n\n")[0])
    return {" ".join(word for word in span.split() if word.islower()).removeprefix("solvent ") for span in spans}


def _catalog_with(page: str, root: Path) -> Path:
    """Copy the shipped catalog and put the page's files, which begin with their path, in their places."""
    files.copy_shipped(REPOSITORY, root, git=False)
    found = [block for block in blocks(page, "toml") if re.match(r"# \S+/?\S*\.toml\n", block)]
    assert len(found) == 6
    for block in found:
        (root / block.partition("\n")[0].removeprefix("# ")).write_text(block, encoding="utf-8")
    # It names servers that the page's connector does not have.
    (root / "connectors/postgresql/suite.toml").unlink()
    return root
