"""``adopt image``: what was made elsewhere gets dates, an owner and a successor, and is never launched."""

from __future__ import annotations

import json
import tomllib
from typing import TYPE_CHECKING, Any

import pytest

from manager.core.containers import ContainerSpec
from manager.world import files
from manager.world.registry import Tag

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import World

LAB = "/opt/venv/lib/python3.12/site-packages/jupyterlab-4.1.5.dist-info/METADATA"
NAME = "jupyterlab:team-2024"
FILE = "images/adopted.toml"


@pytest.fixture
def own(solvent: World, trusted: Path) -> Path:
    """Give a trusted catalog of one's own, and an image that somebody has built by hand."""
    digest = solvent.engine.add_image("team/jupyter:2024", {"maintainer": "ana"})
    solvent.engine.trees[digest] = {
        LAB: b"Name: jupyterlab\nVersion: 4.1.5\n",
        "/opt/venv/pyvenv.cfg": b"version = 3.12.1\n",
    }
    return trusted


def adopt(solvent: World, own: Path, *words: str, name: str = NAME, reference: str = "team/jupyter:2024") -> Any:
    """Run the command."""
    return solvent("adopt", "image", reference, "--as", name, "--catalog", str(own), "-o", "json", *words)


def written(own: Path) -> list[dict[str, Any]]:
    """Give the entries of the catalog's file."""
    found: list[dict[str, Any]] = tomllib.loads((own / FILE).read_text())["image"]
    return found


def test_an_image_becomes_a_release_with_dates_an_owner_and_a_successor(solvent: World, own: Path) -> None:
    """The entry names the digest; the catalog's check passes; the history says who decided it."""
    ran = adopt(solvent, own, "--successor", "jupyterlab:4.6-py3.13", "--end-of-life", "2027-03-31")

    assert ran.code == 0, ran.err
    (one,) = written(own)
    digest = solvent.engine.image("team/jupyter:2024").digest  # type: ignore[union-attr]
    assert (one["release"], one["digest"], one["reference"]) == (NAME, digest, "team/jupyter:2024")
    assert (one["owner"], one["python"], one["successor"]) == ("ana", "3.12", "jupyterlab:4.6-py3.13")
    assert (str(one["released"]), str(one["end_of_life"])) == ("2026-11-21", "2027-03-31")
    assert ran.json["adopted"]["written"] is True
    assert solvent("catalog", "validate", str(own)).code == 0
    entry = solvent.store.history()[0]
    assert (entry.kind, entry.target, entry.after) == ("adopt image", NAME, f"{digest}, until 2027-03-31")


def test_it_is_listed_with_its_stage_and_the_containers_on_it(solvent: World, own: Path) -> None:
    """Lists show it among the releases; what somebody runs on the image counts as its environments."""
    adopt(solvent, own, "--end-of-life", "2027-01-31", "--successor", "jupyterlab:4.6-py3.13")
    digest = solvent.engine.image("team/jupyter:2024").digest  # type: ignore[union-attr]
    for name in ("jupyter-ana", "jupyter-bob"):
        solvent.engine.create(ContainerSpec(name=name, image=digest, labels=()))

    rows = solvent("image", "list", "--catalog", str(own), "-o", "json").json["releases"]
    shown = solvent("image", "show", NAME, "--catalog", str(own), "-o", "json").json["release"]
    table = solvent("image", "show", NAME, "--catalog", str(own)).out

    (row,) = [one for one in rows if one["release"] == NAME]
    assert (row["stage"], row["environments"], row["build"]) == ("deprecated", 2, None)
    assert row["successor"] == "jupyterlab:4.6-py3.13"
    assert row["adopted"] == {"digest": digest, "reference": "team/jupyter:2024", "owner": "ana"}
    assert (shown["base"], shown["builds"], shown["schedule"]["bound_by"]) == (None, [], "catalog")
    assert "team/jupyter:2024" in table
    later = solvent("image", "list", "--all", "--catalog", str(own), "--as-of", "2027-02-01", "-o", "json").json
    assert [one["stage"] for one in later["releases"] if one["release"] == NAME] == ["retired"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("env", "launch", NAME), "was adopted: it is not launched"),
        (("image", "build", NAME), "was adopted: it is not built"),
        (("image", "lock", NAME), "was adopted: it has no lock"),
        (("image", "promote", NAME), ""),
        (("image", "push", NAME, "--to", "registry.example/x"), "has no promoted build"),
    ],
)
def test_nothing_of_it_is_launched_built_or_promoted(
    solvent: World, own: Path, words: tuple[str, ...], said: str
) -> None:
    """Every door refuses, and names the successor where there is one; the bare family never means it."""
    adopt(solvent, own, "--successor", "jupyterlab:4.6-py3.13", "--end-of-life", "2028-01-31")

    ran = solvent(*words, "--catalog", str(own))

    assert ran.code == 5, ran.err
    assert said in ran.err
    assert (
        solvent("image", "show", "jupyterlab", "--catalog", str(own), "-o", "json").json["release"]["release"] != NAME
    )


def test_building_everything_says_that_it_leaves_it_out(solvent: World, own: Path) -> None:
    """`image build --all` goes on without it."""
    adopt(solvent, own)

    ran = solvent("image", "build", "--all", "--dry-run", "--catalog", str(own))

    assert ran.code == 0, ran.err
    assert f"{NAME} was adopted: it is not built" in ran.out + ran.err


def test_a_family_that_the_catalog_has_not_is_made_of_it(solvent: World, own: Path) -> None:
    """Any IDE can be given dates; a release of that name that is built comes later beside it."""
    ran = adopt(solvent, own, name="zeppelin:0.11")

    assert ran.code == 0, ran.err
    assert written(own)[0]["title"] == "jupyterlab 4.1.5"
    catalog = files.load(own, shipped=False)
    assert [one.name for one in catalog.family("zeppelin").releases] == ["zeppelin:0.11"]
    assert solvent("env", "launch", "zeppelin", "--catalog", str(own)).code == 2
    assert solvent("lifecycle", "list", "--catalog", str(own), "-q").out.count("zeppelin:0.11") == 1


@pytest.mark.parametrize("name", [NAME, "zeppelin:0.11"])
def test_it_is_decided_about_as_any_other_release(solvent: World, own: Path, name: str) -> None:
    """An extension is judged, written and loaded, whether its family is built here or not."""
    assert adopt(solvent, own, "--end-of-life", "2027-03-31", name=name).code == 0

    ran = solvent(
        "lifecycle", "extend", name, "--until", "2027-06-30", "--reason", "exams", "--catalog", str(own)
    )  # fmt: skip

    assert ran.code == 0, ran.err
    assert solvent("catalog", "validate", str(own)).code == 0
    found = solvent("lifecycle", "why", name, "--catalog", str(own))
    assert "2027-06-30" in found.out, found.err


def test_without_a_date_the_policy_gives_one_and_never_less_than_its_notice(solvent: World, own: Path) -> None:
    """What is long out of upstream support still gets the minimum notice; the file says what the date follows from."""
    digest = solvent.engine.image("team/jupyter:2024").digest  # type: ignore[union-attr]

    usual = adopt(solvent, own, "--dry-run").json["adopted"]
    solvent.store.scanned.clear()
    solvent.engine.trees[digest]["/opt/venv/pyvenv.cfg"] = b"version = 3.9.2\n"
    old = adopt(solvent, own).json["adopted"]

    assert usual["end_of_life"] > "2027-11-01"
    assert old["end_of_life"] == "2026-12-21"
    assert old["because"].startswith("python 3.9 ended on ")
    assert "# python 3.9 ended on" in (own / FILE).read_text()


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ({"reference": "team/jupiter:2024"}, 2, "did you mean team/jupyter:2024?"),
        ({"reference": "team/\udcff"}, 2, "it is no text in UTF-8"),
        ({"name": "Jupyter Lab"}, 2, "names no release"),
        ({"name": "jupyterlab:4.6-py3.13"}, 5, "is there already"),
        ({"words": ("--successor", "jupyterlab:9.9")}, 2, "no release 'jupyterlab:9.9'"),
        ({"words": ("--end-of-life", "2026-11-20")}, 2, "has passed already"),
        ({"words": ("--end-of-life", "soon")}, 2, "is no day"),
        ({"words": ("--owner", " ")}, 2, "it is empty"),
        ({"words": ("--message", "\udcff")}, 2, "it is no text in UTF-8"),
        ({"words": ("--as-of", "2026-01-01")}, 5, "a catalog is written today"),
    ],
)
def test_bad_input_is_told_and_writes_nothing(
    solvent: World, own: Path, words: dict[str, Any], code: int, said: str
) -> None:
    """Unknown images and successors, names that are taken, days that are over."""
    more = words.pop("words", ())
    ran = adopt(solvent, own, *more, **words)

    assert ran.code == code, ran.err
    assert said in ran.err
    assert not (own / FILE).exists()


def test_an_image_is_adopted_once_and_a_build_never(solvent: World, own: Path) -> None:
    """The second name for the same bytes is refused, and a successor has to be one that can be launched."""
    build = solvent.build()
    adopt(solvent, own)
    other = solvent.engine.add_image("team/other:1")

    twice = adopt(solvent, own, name="jupyterlab:again")
    ours = adopt(solvent, own, name="jupyterlab:ours", reference=build.digest)
    chain = adopt(solvent, own, "--successor", NAME, name="jupyterlab:chain", reference=other)

    assert (twice.code, ours.code, chain.code) == (5, 5, 5)
    assert f"this image is {NAME} already" in twice.err
    assert f"is build {build.version} of" in ours.err
    assert "was adopted as well" in chain.err
    assert len(written(own)) == 1


def test_the_shipped_catalog_is_not_written(solvent: World, own: Path) -> None:
    """It is read-only; the hint says how to get one that is not."""
    ran = solvent("adopt", "image", "team/jupyter:2024", "--as", NAME)

    assert ran.code == 5
    assert "solvent init" in ran.err


def test_looking_first_writes_nothing(solvent: World, own: Path) -> None:
    """--dry-run prints the file as it would be, --check ends with 3."""
    shown = solvent("adopt", "image", "team/jupyter:2024", "--as", NAME, "--catalog", str(own), "--dry-run")
    words = ("adopt", "image", "team/jupyter:2024", "--as", NAME, "--catalog", str(own), "--dry-run")
    names = [solvent(*words, *more).out for more in (("-q",), ("-o", "name"))]
    checked = adopt(solvent, own, "--check")

    assert names == [f"{NAME}\n"] * 2
    assert tomllib.loads(shown.out)["image"][0]["release"] == NAME
    assert (checked.code, checked.json["adopted"]["written"]) == (3, False)
    assert not (own / FILE).exists()
    assert solvent.store.history() == ()


def test_its_dates_are_judged_by_the_policy_of_its_family(solvent: World, own: Path) -> None:
    """One that leads out of the calendar is told with its line."""
    adopt(solvent, own, "--end-of-life", "9998-11-30")
    assert solvent("catalog", "validate", str(own)).code == 0
    family = own / "images/jupyterlab/family.toml"
    family.write_text(family.read_text().replace("[policy]", '[policy]\nremove_after = "P800D"'))

    ran = solvent("catalog", "validate", str(own))

    assert (ran.code, "its dates leave the calendar" in ran.err, FILE in ran.err) == (4, True, True)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (('digest = "sha256:', 'digest = "'), "image[0].digest"),
        (('owner = "ana"', "owner = 1"), "image[0].owner"),
        (("released = 2026-11-21", "released = 2030-01-01"), "lies before released"),
        (('owner = "ana"', 'owner = "ana"\nsuccessor = "jupyterlab:9.9"'), "unknown successor"),
        (('owner = "ana"', 'owner = "ana"\ncolour = "red"'), "colour"),
        ((f'release = "{NAME}"', 'release = "jupyterlab:4.6-py3.13"'), "duplicate release"),
    ],
)
def test_a_file_that_was_edited_by_hand_is_checked(
    solvent: World, own: Path, change: tuple[str, str], said: str
) -> None:
    """Each mistake is told with file, line and key."""
    adopt(solvent, own, "--end-of-life", "2027-01-31")
    file = own / FILE
    before = file.read_text()
    assert change[0] in before
    file.write_text(before.replace(*change))

    ran = solvent("catalog", "validate", str(own))

    assert ran.code == 4
    assert said in ran.err
    assert FILE in ran.err


@pytest.mark.parametrize(("version", "line"), [("3.12.4", "3.12"), ("3.11-slim", "3.11"), ("3.x", "")])
def test_a_registrys_tag_is_adopted_without_being_pulled(
    solvent: World, own: Path, monkeypatch: pytest.MonkeyPatch, version: str, line: str
) -> None:
    """What the engine has not is looked up where its name says; what Solvent pushed itself is no stranger."""
    digest = "sha256:" + "d" * 64
    ours = {"Env": [f"PYTHON_VERSION={version}"], "Labels": {"io.solvent.realm": "solvent"}}
    configurations = {"7": json.dumps({"config": ours | {"Labels": {}}}), "8": json.dumps({"config": ours})}

    class Shelf:
        def __init__(self, repository: str, *_words: object) -> None:
            self.name = repository

        def tags(self) -> tuple[str, ...]:
            return tuple(configurations)

        def tag(self, name: str) -> Tag:
            return Tag(f"{self.name}:{name}", digest, configurations[name])

    monkeypatch.setattr("manager.world.registry.Registry", Shelf)

    seen = solvent("adopt", "scan", "--tags", "registry.example/team/lab", "-o", "json")
    ran = adopt(solvent, own, reference="registry.example/team/lab:7")
    absent = adopt(solvent, own, reference="registry.example/team/lab:9")

    (one,) = seen.json["unmanaged"]
    assert (one["kind"], one["digest"], one["scan"]["languages"]) == ("tag", digest, [f"Python {version}"])
    assert "1 tag Solvent has pushed" in seen.err
    assert (ran.code, written(own)[0]["digest"], written(own)[0].get("python", "")) == (0, digest, line)
    assert absent.code == 2
    assert not [name for name, _ in solvent.engine.calls if name == "pull"]


def test_containers_on_it_are_its_owners_and_no_longer_nobodys(solvent: World, own: Path) -> None:
    """Status leaves them out, and impact names whom the notices go to rather than whom a name suggests."""
    digest = solvent.engine.image("team/jupyter:2024").digest  # type: ignore[union-attr]
    solvent.engine.create(ContainerSpec(name="jupyter-bob", image=digest, labels=()))

    def nobodys() -> list[str]:
        matters = solvent("status", "--catalog", str(own), "-o", "json").json["matters"]
        return [one["text"] for one in matters if one["kind"] == "unmanaged"]

    before = nobodys()
    adopt(solvent, own, "--end-of-life", "2028-01-31", "--owner", "team")
    hit = solvent("lifecycle", "impact", NAME, "--catalog", str(own), "-o", "json").json["impact"]
    names = solvent("lifecycle", "impact", NAME, "--catalog", str(own), "-o", "name")

    assert (before, nobodys()) == (["nobody manages jupyter-bob"], [])
    assert [(one["name"], one["owner"]) for one in hit["unmanaged"]] == [("jupyter-bob", "team")]
    assert (names.code, names.out) == (0, "")


def test_a_containers_name_is_answered_with_its_image(solvent: World, own: Path) -> None:
    """An image is adopted, not a container."""
    digest = solvent.engine.image("team/jupyter:2024").digest  # type: ignore[union-attr]
    solvent.engine.create(ContainerSpec(name="jupyter-bob", image=digest, labels=()))

    ran = adopt(solvent, own, reference="jupyter-bob")

    assert ran.code == 2
    assert "jupyter-bob is a container, of image " in ran.err
