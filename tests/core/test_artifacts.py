"""Releases that cannot be built here, because a vendor's file is missing."""

from dataclasses import replace

from manager.core.artifacts import files_of, not_buildable, supply
from manager.core.systems import Artifact
from tests.fakes.world import catalog

CATALOG = catalog()
PLACE = "/catalog/artifacts/ide-1.deb"
FILE = Artifact("ide", PLACE, "0" * 64, "AGPL-3.0")
REMOTE = Artifact("more", "https://vendor.example/more.deb", "1" * 64, "MIT")
RELEASE = CATALOG.releases[0]
SYSTEM = CATALOG.system(RELEASE.system)
WANTING = replace(
    CATALOG,
    systems=tuple(replace(one, artifacts=(FILE, REMOTE)) if one is SYSTEM else one for one in CATALOG.systems),
)


def test_a_release_whose_file_is_missing_says_so_and_how_to_bring_it():
    """The reason names the file, the way out the place that it belongs in."""
    here = replace(WANTING, missing=(PLACE,))
    assert not_buildable(here, RELEASE) == "not built here: ide-1.deb is missing"
    assert PLACE in supply(here, RELEASE)
    assert "solvent init" in supply(replace(here, shipped=True), RELEASE)


def test_a_release_whose_file_is_there_is_built():
    """Nothing is said once the file is in its place; an address is taken to answer."""
    assert not_buildable(WANTING, RELEASE) == ""
    assert supply(WANTING, RELEASE) == ""


def test_a_release_without_artifacts_can_always_be_built():
    """A missing file of another base is not its matter."""
    assert not_buildable(replace(CATALOG, missing=(PLACE,)), RELEASE) == ""


def test_files_are_looked_for_once():
    """What two bases bring stands there once; addresses are no files."""
    twice = tuple(replace(one, artifacts=(FILE, REMOTE)) for one in CATALOG.systems)
    assert files_of(replace(CATALOG, systems=twice)) == (FILE,)
