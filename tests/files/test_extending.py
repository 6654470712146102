"""Families that extend another: what they have of it, what they add, and what is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from manager.core.ingredients import base_key, ingredients
from manager.core.kernels import Kernel
from manager.core.systems import declared
from manager.errors import CatalogError
from manager.world import files

if TYPE_CHECKING:
    from conftest import Small

    from manager.core.catalog import Catalog, Family
    from manager.errors import Problem

RISK = """\
id = "risk"
title = "Risk"
owner = "risk"
extends = "lab"
"""
FILE = "images/risk/family.toml"


def loaded(small: Small) -> Catalog:
    """Load the catalog."""
    return files.load(small.root, shipped=False)


def risk(small: Small, more: str = "", extends: str = "lab") -> Family:
    """Write the family risk and load it."""
    small.write(FILE, RISK.replace('"lab"', f'"{extends}"') + more)
    return loaded(small).family("risk")


def problems(small: Small) -> tuple[Problem, ...]:
    """Load the catalog, which must fail."""
    with pytest.raises(CatalogError) as caught:
        loaded(small)
    return caught.value.problems


@pytest.fixture
def shipped(small: Small, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Small:
    """Give another small catalog with locks and files as the shipped one."""
    place = type(small)(tmp_path_factory.mktemp("shipped"))
    for path in small.root.rglob("*"):
        if path.is_file():
            place.write(path.relative_to(small.root).as_posix(), path.read_bytes())
    place.write("images/lab/Dockerfile", "FROM base\n")
    place.write("images/lab/files/etc/motd", "shipped\n")
    for kind, pin in (("ide", "lab==2.5"), ("kernel", "ipykernel==7.0")):
        place.write(f"images/lab/locks/2-py3.13/{kind}.lock", f"{pin} --hash=sha256:{'0' * 64}\n")
    monkeypatch.setattr("manager.world.files.extending.shipped_root", lambda: place.root)
    return place


def test_a_family_has_everything_of_the_one_that_it_extends(small: Small) -> None:
    """Releases with their dates, the launch, the budget; its own are id, title and owner."""
    found = risk(small)

    lab = loaded(small).family("lab")
    assert (found.title, found.owner, found.extends) == ("Risk", "risk", "lab")
    assert (found.launch, found.languages, found.size_budget) == (lab.launch, lab.languages, lab.size_budget)
    assert [one.name for one in found.releases] == ["risk:2-py3.13", "risk:1-py3.11"]
    assert [one.schedule for one in found.releases] == [one.schedule for one in lab.releases]
    assert found.releases[1].successor == "risk:2-py3.13"
    assert {str(one.place) for one in found.releases} == {f"{FILE}:4"}


def test_what_it_adds_comes_on_top(small: Small) -> None:
    """Packages to each release, variables to the launch, a policy of its own to the dates."""
    found = risk(
        small,
        'packages = ["quantlib", "ipykernel"]\nsize_budget = "2 GB"\n'
        '[policy]\nactive_for = "P12M"\n[environment]\nMODE = "desk"\n',
    )

    assert found.releases[0].packages == ("ipykernel", "quantlib")
    assert found.size_budget == 2 * 1024**3
    assert dict(found.launch.environment) == {"LANG": "C.UTF-8", "MODE": "desk"}
    assert f"{found.releases[0].schedule.end_of_life}" == "2027-06-18"
    assert loaded(small).family("lab").releases[0].packages == ("ipykernel",)


def test_releases_of_its_own_stand_for_those_of_the_other(small: Small) -> None:
    """They are written where they are found, and have the packages that the family adds."""
    found = risk(
        small,
        'packages = ["quantlib"]\n[[release]]\nline = "9"\nide = "lab==2.*"\npython = "3.13"\n'
        "system = 'trixie'\nreleased = 2026-06-18\n",
    )

    (only,) = found.releases
    assert (only.name, only.packages, str(only.place)) == ("risk:9", ("quantlib",), f"{FILE}:6")


def test_it_may_add_languages_with_their_kernels_and_name_another_page(small: Small) -> None:
    """Beside those of the other family; what is left out of the launch stays."""
    found = risk(
        small,
        'languages = ["sas"]\n[launch]\npage = "/tree"\n'
        '[[kernel]]\nname = "sas"\nlanguage = "sas"\nneeds = "a SAS server"\n',
    )

    lab = loaded(small).family("lab")
    assert found.languages == ("python", "sas")
    assert found.kernels == (*lab.kernels, Kernel("sas", "sas", needs="a SAS server"))
    assert (found.launch.page, found.launch.selector) == ("/tree", lab.launch.selector)


def test_files_are_overlaid_on_the_shipped_ones(small: Small, shipped: Small) -> None:
    """A file of the same path stands for the shipped one, others come beside it; the folders say where they lie."""
    small.write("images/risk/files/etc/motd", "risk\n")
    small.write("images/risk/files/etc/desk", "risk\n")

    found = risk(small, extends="shipped:lab")

    before = files.load(shipped.root, shipped=True).family("lab")
    assert dict(found.files).keys() == {"Dockerfile", "files/etc/desk", "files/etc/motd"}
    assert dict(found.files)["Dockerfile"] == dict(before.files)["Dockerfile"]
    assert dict(found.files)["files/etc/motd"] != dict(before.files)["files/etc/motd"]
    assert (found.below, found.folder) == ((before.folder,), str(small.root / "images/risk"))


def test_shipped_locks_serve_until_packages_are_added(small: Small, shipped: Small) -> None:
    """Then the kernel needs a lock of its own, which begins with the shipped versions; the IDE's serves on."""
    plain = risk(small, extends="shipped:lab").releases[0]
    more = risk(small, 'packages = ["quantlib"]\n', extends="shipped:lab").releases[0]

    assert [one.kind for one in plain.locks] == ["ide", "kernel"]
    assert (plain.ide_version, more.ide_version) == ("2.5", "2.5")
    assert [one.kind for one in more.locks] == ["ide"]
    assert [one.path for one in more.inherited] == [
        str(shipped.root / f"images/lab/locks/2-py3.13/{kind}.lock") for kind in ("ide", "kernel")
    ]


def test_a_lock_serves_lines_of_other_names_that_ask_for_the_same(small: Small, shipped: Small) -> None:
    """A line that says what else is in it needs no copy of the locks; one that asks for another IDE does."""
    release = "\n[[release]]\nline = '{}'\nide = '{}'\npython = '3.13'\nsystem = 'trixie'\nreleased = 2026-06-18\n"
    same = 'connectors = ["postgresql"]\npackages = ["ipykernel"]\n'

    found = risk(
        small,
        release.format("2-r4.5", "lab==2.*") + same + release.format("3-r4.5", "lab==3.*") + same,
        extends="shipped:lab",
    )

    folder = shipped.root / "images/lab/locks/2-py3.13"
    assert [[one.path for one in release.locks] for release in found.releases] == [
        [str(folder / "ide.lock"), str(folder / "kernel.lock")],
        [str(folder / "kernel.lock")],
    ]
    assert [one.ide_version for one in found.releases] == ["2.5", ""]


def test_a_lock_of_its_own_beats_the_shipped_one(small: Small, shipped: Small) -> None:
    """It lies beside the family that extends."""
    small.write("images/risk/locks/2-py3.13/kernel.lock", f"quantlib==1.0 --hash=sha256:{'0' * 64}\n")

    found = risk(small, 'packages = ["quantlib"]\n', extends="shipped:lab").releases[0]

    lock = found.lock("kernel")
    assert lock
    assert lock.path == str(small.root / "images/risk/locks/2-py3.13/kernel.lock")
    assert [one.kind for one in found.inherited] == ["ide"]


def test_a_change_of_the_shipped_family_is_a_change_of_the_catalog(small: Small, shipped: Small) -> None:
    """Its content and the ingredients of its builds move with what is shipped; without extends they do not."""
    before, alone = risk(small, extends="shipped:lab"), files.load(shipped.root, shipped=True)
    content = loaded(small).content

    shipped.write("images/lab/files/etc/motd", "another\n")

    after = loaded(small)
    assert after.content != content
    parts = [ingredients(one, one.releases[0], {}, "base") for one in (before, after.family("risk"))]
    assert [name for (name, old), (_, new) in zip(*parts, strict=True) if old != new] == ["file files/etc/motd"]
    assert alone.family("lab").files != files.load(shipped.root, shipped=True).family("lab").files


def test_what_is_added_to_the_system_gives_it_a_base_of_its_own(small: Small) -> None:
    """The release stands on it; the declared system, and whoever else stands on that, keep theirs."""
    found = risk(small, 'system_packages = ["libaio1t64", "python3"]\n')

    catalog = loaded(small)
    system = catalog.system(found.releases[0].system)
    assert (system.id, declared(system.id)) == ("trixie+risk", "trixie")
    assert system.packages == ("python3", "libaio1t64")
    assert base_key(system) != base_key(catalog.system("trixie"))
    assert catalog.family("lab").releases[0].system == "trixie"


def test_extending_goes_over_several_families(small: Small) -> None:
    """Each adds to the one before."""
    risk(small, 'packages = ["quantlib"]\nsystem_packages = ["git"]\n')
    small.write("images/fx/family.toml", RISK.replace("risk", "fx").replace('"lab"', '"risk"') + 'packages = ["fx"]\n')

    found = loaded(small).family("fx")

    assert found.releases[0].packages == ("ipykernel", "quantlib", "fx")
    assert found.system_packages == ("git",)
    assert found.below == (str(small.root / "images/lab"), str(small.root / "images/risk"))


@pytest.mark.parametrize(
    ("extends", "more", "key", "why", "hint"),
    [
        ("shipped:labb", "", "extends", "no family 'labb' in the shipped catalog", "did you mean lab?"),
        ("labb", "", "extends", "no family 'labb' in this catalog", "did you mean lab?"),
        ("other:lab", "", "extends", "'other:lab' is not a family of this catalog, or a shipped one", ""),
        ("risk", "", "extends", "families extend each other in a circle: risk -> risk", ""),
        ("lab", "[launch]\nport = 1\n", "launch.port", "cannot be set here", "leave it out"),
        ("lab", "[launch]\nprot = 1\n", "launch.prot", "unknown key", ""),
        ("lab", 'languages = ["sas"]\n', "languages", "no kernel runs sas", "[[kernel]]"),
        ("lab", 'pakages = ["x"]\n', "pakages", "unknown key", "did you mean packages?"),
        ("lab", "[environment]\nPATH = '/bin'\n", "environment.PATH", "set by the launch itself", "another name"),
        ("lab", "[environment]\nSOLVENT_X = '1'\n", "environment.SOLVENT_X", "set by the launch itself", ""),
        ("lab", "[environment]\nDB_PASSWORD = 'x'\n", "environment.DB_PASSWORD", "a secret in a shared place", "env:"),
    ],
)
def test_what_cannot_be_extended_is_told_with_its_line(
    small: Small, shipped: Small, extends: str, more: str, key: str, why: str, hint: str
) -> None:
    """One problem, at the key in the file itself."""
    small.write(FILE, RISK.replace('"lab"', f'"{extends}"') + more)

    (found,) = problems(small)

    assert (found.file, found.key) == (FILE, key)
    assert why in found.why
    assert hint in found.hint
    assert found.line == small.line(FILE, key.rpartition(".")[2])


def test_a_language_of_an_ide_without_kernels_needs_a_command(small: Small) -> None:
    """Also where the IDE is another family's: what runs a language by itself elsewhere is a kernel."""
    terminal = '[[kernel]]\nname = "terminal"\nlanguage = "python"\ncommand = ["/usr/bin/python3", "-c"]\n'
    small.edit("images/lab/family.toml", "[launch.environment]", f'auth = "password"\n{terminal}[launch.environment]')
    small.write(FILE, RISK + 'languages = ["r"]\n')

    (found,) = problems(small)

    assert (found.file, found.key, found.line) == (FILE, "languages", small.line(FILE, "languages"))
    assert "no session runs r" in found.why

    risk(
        small, 'languages = ["r"]\n[[kernel]]\nname = "rscript"\nlanguage = "r"\ncommand = ["/usr/bin/Rscript", "-e"]\n'
    )


def test_a_circle_of_families_is_told_for_each_of_them(small: Small) -> None:
    """With the way around."""
    small.write(FILE, RISK.replace('"lab"', '"fx"'))
    small.write("images/fx/family.toml", RISK.replace("risk", "fx").replace('"lab"', '"risk"'))

    found = problems(small)

    assert [one.why.rpartition(": ")[2] for one in found] == ["fx -> risk -> fx", "risk -> fx -> risk"]


def test_what_its_releases_miss_is_told_where_it_extends(small: Small, shipped: Small) -> None:
    """A shipped release's system that this catalog has not is a problem of the line that extends."""
    risk(small, extends="shipped:lab")
    shipped.edit("images/lab/family.toml", 'system = "trixie"', 'system = "forky"')
    small.edit("solvent.toml", "schema = 1", "schema = 1 # again")

    (found,) = problems(small)

    assert (found.file, found.line, found.key) == (FILE, 4, "extends")
    assert "a release of shipped:lab: unknown system 'forky'" in found.why
