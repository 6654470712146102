"""Package sets in a catalog's files: what they become, and what is wrong with them, with its line."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from manager.core.catalog import Place
from manager.core.locks import MACHINES, parse, pins_for
from manager.core.sets import Apart, PackageSet, distribution
from manager.errors import CatalogError
from manager.world import files

if TYPE_CHECKING:
    from conftest import Small

LAB = "images/lab/family.toml"
SETS = "images/sets.toml"
TEXT = """\
[[set]]
id = "frames"
title = "Data frames"
packages = ["pandas>=3", "numpy"]
imports = ["pandas"]

[[set]]
id = "models"
title = "Models"
packages = ["lightgbm"]
imports = ["lightgbm"]
system_packages = ["libgomp1"]

[[set.apart]]
package = "torch"
imports = ["torch"]
index = ""
"""


@pytest.fixture
def grouped(small: Small) -> Small:
    """Give the small catalog with two sets, which its newest release includes."""
    small.write(SETS, TEXT)
    small.edit(LAB, 'packages = ["ipykernel"]\n\n', 'packages = ["ipykernel"]\nsets = ["frames", "models"]\n\n')
    return small


def test_sets_become_values_with_their_places(grouped: Small) -> None:
    """In the order of the file; a release names its own, and the other one has none."""
    catalog = files.load(grouped.root, shipped=False)

    frames, models = catalog.sets
    assert frames == PackageSet("frames", "Data frames", ("pandas>=3", "numpy"), Place(SETS, 1), ("pandas",))
    assert (models.place, models.system_packages) == (Place(SETS, 7), ("libgomp1",))
    assert models.apart == (Apart("torch", ("torch",), ""),)
    newer, older = catalog.releases
    assert (catalog.sets_of(newer), catalog.sets_of(older)) == ((frames, models), ())


def test_what_wheels_expect_of_the_system_goes_into_the_base(grouped: Small) -> None:
    """Of the release that includes the set; the system as it is declared stays what it is."""
    catalog = files.load(grouped.root, shipped=False)

    newer, older = catalog.releases
    assert catalog.system(newer.system).packages == ("python3", "libgomp1")
    assert (catalog.system("trixie").packages, catalog.system(older.system).packages) == (("python3",), ("python3",))


@pytest.mark.parametrize(
    ("file", "old", "new", "key", "marker", "why", "hint"),
    [
        (LAB, '"models"]', '"model"]', "release[0].sets[1]", "sets", "unknown package set 'model'", "mean models?"),
        (LAB, '"models"]', '"frames"]', "release[0].sets[1]", "sets", "duplicate package set 'frames'", ""),
        (SETS, 'id = "models"', 'id = "frames"', "set[1].id", "id", "duplicate package set 'frames'", ""),
        (SETS, '"pandas>=3"', '"pandas=3"', "set[0].packages[0]", "packages", "not a requirement", ""),
        (SETS, "title = ", "titel = ", "set[0].titel", "titel", "unknown key", "did you mean title?"),
        (SETS, '["libgomp1"]', '["lib gomp"]', "set[1].system_packages[0]", "system", "name of a package", ""),
        (SETS, 'package = "torch"', 'package = "LightGBM"', "set[1].apart[0].package", "package", "as well", "out"),
        (SETS, 'index = ""', 'index = "https://me:hunter2@x/y"', "set[1].apart[0].index", "index", "an address", ""),
    ],
)  # fmt: skip
def test_a_spoiled_set_gives_its_problem_with_its_line(
    grouped: Small, file: str, old: str, new: str, key: str, marker: str, why: str, hint: str
) -> None:
    """File, line, key, cause and hint; a password in an address is not repeated."""
    grouped.edit(file, old, new)

    with pytest.raises(CatalogError) as caught:
        files.load(grouped.root, shipped=False)

    problems = [one for one in caught.value.problems if one.key == key]
    assert len(problems) == 1, caught.value
    line = (grouped.root / file).read_text().splitlines()[problems[0].line - 1]
    assert problems[0].file == file
    assert line.startswith(marker)
    assert why in problems[0].why
    assert hint in problems[0].hint
    assert "hunter2" not in f"{caught.value} {problems[0].why} {problems[0].hint}"


@pytest.mark.parametrize("name", ["postgresql", "runtime", "dialects"])
def test_a_set_is_not_named_like_another_layer(grouped: Small, name: str) -> None:
    """Each has a layer of its own in an image."""
    grouped.edit(SETS, 'id = "models"', f'id = "{name}"')
    grouped.edit(LAB, '"models"]', f'"{name}"]')

    with pytest.raises(CatalogError) as caught:
        files.load(grouped.root, shipped=False)

    assert [(one.key, one.line) for one in caught.value.problems] == [("set[1].id", 8)]


def test_sets_that_cannot_be_read_are_not_held_against_releases(grouped: Small) -> None:
    """The one problem is the file's."""
    grouped.write(SETS, "broken = \n")

    with pytest.raises(CatalogError) as caught:
        files.load(grouped.root, shipped=False)

    assert [one.file for one in caught.value.problems] == [SETS]


def test_a_release_without_any_sets_declared_is_told_where(grouped: Small) -> None:
    """There may be no such file."""
    (grouped.root / SETS).unlink()

    with pytest.raises(CatalogError) as caught:
        files.load(grouped.root, shipped=False)

    assert {one.hint for one in caught.value.problems} == {f"declare it in {SETS}"}


def missing(text: str, wanted: list[str], python: str) -> list[str]:
    """Give what a kernel lock does not pin, for each machine."""
    pins = {machine: {pin.name for pin in pins_for(parse(text), python, machine)} for machine in MACHINES}
    return [f"{name} on {machine}" for machine in MACHINES for name in wanted if name not in pins[machine]]


def test_the_shipped_sets_are_locked_for_both_machines() -> None:
    """Every package of every shipped set is in the lock of some release, with hashes, on every machine."""
    catalog = files.load(files.shipped_root(), shipped=True)
    locked = set()

    for release in catalog.releases:
        for one in catalog.sets_of(release):
            lock = release.lock("kernel")
            assert lock is not None, release.name
            text = Path(lock.path).read_text()
            assert missing(text, [distribution(each) for each in one.requirements], release.python) == []
            locked.add(one.id)

    assert locked == {"data-science", "ml", "debt-tools"} == {one.id for one in catalog.sets}
    assert catalog.sets_of(catalog.family("jupyterlab").releases[0]) == ()


def test_a_lock_for_one_machine_alone_would_be_noticed() -> None:
    """The negative control of the above."""
    pin = f"numpy==2.0 ; platform_machine == 'x86_64' \\\n    --hash=sha256:{'0' * 64}\n"

    assert missing(pin, ["numpy"], "3.13") == ["numpy on aarch64"]


def test_the_shipped_sets_bring_nothing_for_gpus() -> None:
    """Libraries for them are hundreds of MB each; torch is left out while no index has it without them."""
    catalog = files.load(files.shipped_root(), shipped=True)

    texts = [Path(lock.path).read_text() for one in catalog.releases if one.sets and (lock := one.lock("kernel"))]

    assert texts
    assert not [pin.name for text in texts for pin in parse(text) if pin.name.startswith(("nvidia", "cuda", "torch"))]
    assert [name for one in catalog.sets for name in one.left_out] == ["torch"]
