"""Systems on an image of one's own, and vendors' files: what is taken, and what is refused."""

from __future__ import annotations

# A case that fits stays on one line, however long: the table is read by column.
# ruff: noqa: E501
from typing import TYPE_CHECKING

import pytest

from manager.core.ingredients import base_key
from manager.errors import CatalogError
from manager.world import files

if TYPE_CHECKING:
    from conftest import Small

    from manager.core.catalog import Catalog

TOP = "solvent.toml"
LAB = "images/lab/family.toml"
DIGEST = "sha256:" + "a" * 64
OWN = f'[systems.ubi]\npython = "3.12"\npackages = ["git", "Xorg"]\nbase = "registry.bank/ubi@{DIGEST}"\ninstaller = "dnf"\n'
ARTIFACT = f"""
[[artifact]]
name = "client"
file = "vendor/client.tar.gz"
sha256 = "{"b" * 64}"
licence = "Oracle"
target = "/opt/oracle"
"""


def loaded(small: Small) -> Catalog:
    """Load the catalog."""
    return files.load(small.root, shipped=False)


def append(small: Small, file: str, text: str) -> None:
    """Write a text behind a file's own."""
    small.write(file, (small.root / file).read_text() + text)


def test_a_system_stands_on_an_image_of_ones_own(small: Small) -> None:
    """It needs no suite, and what it is made from has another key than with apt."""
    append(small, TOP, OWN)

    system = loaded(small).system("ubi")
    small.edit(TOP, "dnf", "apt")

    assert (system.suite, system.installer, system.base) == ("", "dnf", f"registry.bank/ubi@{DIGEST}")
    assert base_key(loaded(small).system("ubi")) != base_key(system)


def test_a_familys_artifacts_give_its_releases_a_system_of_their_own(small: Small) -> None:
    """With the path of the file; the file itself is needed by a build only."""
    append(small, LAB, ARTIFACT)

    catalog = loaded(small)
    system = catalog.system(catalog.families[0].releases[0].system)

    (one,) = system.artifacts
    assert system.id == "trixie+lab"
    assert (one.origin, one.kind, one.target) == (str(small.root / "vendor/client.tar.gz"), "archive", "/opt/oracle")
    assert base_key(system) != base_key(catalog.system("trixie"))


def test_another_file_gives_another_base_and_another_place_of_it_does_not(small: Small) -> None:
    """A base is known by what goes into it."""
    append(small, LAB, ARTIFACT)
    before = base_key(loaded(small).system("trixie+lab"))

    small.edit(LAB, "vendor/client.tar.gz", "elsewhere/client.tar.gz")
    moved = base_key(loaded(small).system("trixie+lab"))
    small.edit(LAB, "b" * 64, "c" * 64)

    assert moved == before
    assert base_key(loaded(small).system("trixie+lab")) != before


@pytest.mark.parametrize(
    ("name", "suffix"),
    [("deb", "x_1_amd64.deb"), ("rpm", "x.rpm"), ("archive", "x.tgz"), ("archive", "x.zip"), ("file", "odbc.ini")],
)
@pytest.mark.parametrize("place", ['file = "vendor/{}"', 'url = "https://vendor.example/{}?v=1"'])
def test_its_suffix_says_what_becomes_of_an_artifact(small: Small, name: str, suffix: str, place: str) -> None:
    """Of a path and of an address alike."""
    if name == "rpm":
        append(small, TOP, OWN.replace("systems.ubi", "systems.ubi"))
    text = ARTIFACT.replace('file = "vendor/client.tar.gz"', place.format(suffix))
    text = text.replace('target = "/opt/oracle"\n', "") if name in ("deb", "rpm") else text
    append(small, TOP, text.replace("[[artifact]]", f"[[systems.{'ubi' if name == 'rpm' else 'trixie'}.artifact]]"))

    (one,) = loaded(small).system("ubi" if name == "rpm" else "trixie").artifacts

    assert (one.kind, one.file_name) == (name, suffix)


BAD = [
    ("neither suite nor base", TOP, 'suite = "trixie"\n', "", "systems.trixie.suite", "is missing"),
    ("base by tag", TOP, 'suite = "trixie"\n', 'base = "debian:13"\n', "systems.trixie.base", "an image by digest"),
    ("base and image", TOP, 'suite = "trixie"\n', f'base = "a@{DIGEST}"\nimage = "b@{DIGEST}"\n', "systems.trixie.image", "cannot stand beside base"),
    ("dnf without base", TOP, 'suite = "trixie"\n', 'suite = "trixie"\ninstaller = "dnf"\n', "systems.trixie.installer", "dnf needs a base"),
    ("unknown installer", TOP, 'suite = "trixie"\n', 'suite = "trixie"\ninstaller = "yum"\n', "systems.trixie.installer", "'apt' or 'dnf'"),
    ("artifact without a place", LAB, 'file = "vendor/client.tar.gz"\n', "", "artifact[0]", "needs either file or url"),
    ("artifact with two places", LAB, 'licence = "', 'url = "https://a/b.tgz"\nlicence = "', "artifact[0]", "needs either file or url"),
    ("file elsewhere", LAB, '"vendor/', '"../vendor/', "artifact[0].file", "leads out of the catalog"),
    ("absolute file", LAB, '"vendor/', '"/vendor/', "artifact[0].file", "leads out of the catalog"),
    ("address of another kind", LAB, 'file = "vendor/client', 'url = "ftp://vendor/client', "artifact[0].url", "beginning with https:// or http://"),
    ("password in the address", LAB, 'file = "vendor/', 'url = "https://ana:hunter2@vendor/', "artifact[0].url", "a secret in a shared place"),
    ("no hash", LAB, "b" * 64, "b" * 63, "artifact[0].sha256", "a SHA-256 digest"),
    ("no licence", LAB, 'licence = "Oracle"\n', "", "artifact[0].licence", "is missing"),
    ("terms nobody accepted", LAB, 'licence = "', 'eula = "https://vendor/terms"\nlicence = "', "artifact[0].eula", "eula_accepted_by is missing"),
    ("no target", LAB, 'target = "/opt/oracle"\n', "", "artifact[0].target", "is missing"),
    ("relative target", LAB, '"/opt/oracle"', '"opt"', "artifact[0].target", "an absolute path"),
    ("target of a package", LAB, "client.tar.gz", "client.deb", "artifact[0].target", "has its own places"),
    ("rpm for apt", LAB, 'client.tar.gz"', 'client.rpm"', "artifact[0]", "apt installs no .rpm"),
    ("twice", LAB, "[[artifact]]", ARTIFACT.replace("/opt/oracle", "/opt/two") + "\n[[artifact]]", "artifact[1].name", "duplicate artifact"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("file", "old", "new", "key", "why"), [case[1:] for case in BAD], ids=[case[0] for case in BAD]
)
def test_what_cannot_be_brought_in_is_told(small: Small, file: str, old: str, new: str, key: str, why: str) -> None:
    """At its key, before anything is made."""
    append(small, LAB, ARTIFACT)
    small.edit(file, old, new)

    with pytest.raises(CatalogError) as caught:
        loaded(small)

    told = [one for one in caught.value.problems if one.key == key]
    assert any(why in one.why for one in told), caught.value.problems
    assert "hunter2" not in str(caught.value.problems)


def test_accepted_terms_are_kept_with_who_accepted_them(small: Small) -> None:
    """They are shown with the release."""
    append(small, LAB, ARTIFACT + 'eula = "https://vendor/terms"\neula_accepted_by = "Ana, legal, 2026-11-02"\n')

    (one,) = loaded(small).families[0].artifacts

    assert (one.licence, one.eula_accepted_by) == ("Oracle", "Ana, legal, 2026-11-02")


@pytest.mark.parametrize(
    ("origin", "adds", "base", "packages"),
    [
        ("auto", "git", f"a@{DIGEST}", ("git",)),
        ("bootstrap", "git", "", ("python3", "git")),
        ("auto", "python3", "", ("python3",)),
    ],
)
def test_what_a_family_adds_to_a_registrys_image_goes_on_top_of_it(
    small: Small, origin: str, adds: str, base: str, packages: tuple[str, ...]
) -> None:
    """The image has the rest already, so nothing is made on it for that; where it is not taken, all is bootstrapped."""
    small.edit(TOP, 'suite = "trixie"', f'suite = "trixie"\nimage = "a@{DIGEST}"')
    append(small, TOP, f'[base]\norigin = "{origin}"\n')
    small.edit(LAB, "[policy]", f'system_packages = ["{adds}"]\n[policy]')

    system = loaded(small).system("trixie+lab")

    assert (system.base, system.packages) == (base, packages)
    assert system.image == (f"a@{DIGEST}" if adds == "python3" else "")
