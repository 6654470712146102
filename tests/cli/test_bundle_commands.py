"""``bundle load``: nothing before everything was checked, only what is lacking, and the same again changes nothing."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import shutil
import subprocess
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from manager.core.bundles import Bundle, Carried, Entry, render
from manager.core.components import Component
from manager.core.ingredients import spec_hash
from manager.core.observed import Build, BuildStatus
from manager.errors import Failed, Interrupted
from manager.world import bundle_file, signatures
from manager.world.archive import Packed
from tests.cli.conftest import RELEASE
from tests.cli.test_affected import document

if TYPE_CHECKING:
    from collections.abc import Callable

    from manager.app.manager import Manager
    from tests.cli.conftest import World

MADE = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
ANSWER = json.dumps({"files": [{"filename": "psycopg-9.9.9-py3-none-any.whl", "upload-time": "2026-11-01T00:00:00Z"}]})
WHEEL = "alpha-1.0-py3-none-any.whl"


def sha(content: bytes) -> str:
    """Give a content's SHA-256."""
    return hashlib.sha256(content).hexdigest()


class Parts(NamedTuple):
    """A bundle before it is written."""

    bundle: Bundle
    blobs: dict[str, bytes]

    def write(self, place: Path, key: Path | None = None, text: str = "") -> Path:
        """Write it, signed with a key where there is one."""
        text = text or render(self.bundle)
        signature = signatures.signed(text.encode(), key) if key else ""
        bundle_file.write(place, text, signature, dict(self.blobs), lambda _: None)
        return place


INPUTS = (("python", "3.13"),)
LABELS = {
    "io.solvent.realm": "solvent",
    "io.solvent.kind": "image",
    "io.solvent.release": RELEASE,
    "io.solvent.version": "20261120.9",
    "io.solvent.spec-hash": spec_hash(INPUTS),
}
INSIDE = (Component("python", "alpha", "1.0", "kernel"),)


@pytest.fixture(autouse=True)
def _read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every image say what is inside."""
    monkeypatch.setattr("manager.app.contents.asked", lambda *_: INSIDE)


def parts(realm: str = "solvent", labels: dict[str, str] | None = None, **more: object) -> Parts:
    """Give a bundle that has one thing of each kind; ``more`` is what it says of its build."""
    named, layered = LABELS if labels is None else labels, [f"sha256:{sha(b'layer')}"]
    configuration = json.dumps({"config": {"Labels": named}, "rootfs": {"type": "layers", "diff_ids": layered}})
    image = f"sha256:{sha(configuration.encode())}"
    dangers = [document(), document("nobody-has-it", id="GHSA-9-9-9")]
    contents: dict[tuple[str, str], bytes] = {
        ("package", WHEEL): b"wheel",
        ("package", "libc6_2.41_amd64.deb"): b"deb",
        ("metadata", f"{sha(b'wheel')}/{WHEEL}"): b"Metadata-Version: 2.1\nName: alpha\nVersion: 1.0\n",
        ("artifact", sha(b"vendor")): b"vendor",
        ("npm", "_cacache/content-v2/sha512/aa/bb/cc"): b"npm",
        ("npm", "_cacache/index-v5/aa/bb/cc"): b"\n1\tcarried",
        ("answer", "python/psycopg"): json.dumps({"at": MADE.isoformat(), "text": ANSWER}).encode(),
        ("advisories", "advisories.json"): json.dumps(dangers).encode(),
        ("catalog", "solvent.toml"): b'schema = 1\nname = "carried"\n',
        ("catalog", "images/jupyterlab/tests/run"): b"#!/bin/sh\n",
        ("image", image): configuration.encode(),
        ("layer", f"sha256:{sha(b'layer')}"): b"layer",
    }  # fmt: skip
    made = {
        "spec_hash": spec_hash(INPUTS),
        "inputs": [list(one) for one in INPUTS],
        "layers": [],
        "created": MADE.isoformat(),
        "size": 5,
    } | more
    layers = (f"sha256:{sha(b'layer')}",)
    bundle = Bundle(
        MADE, "ana", "0.1.0", platform.machine(), realm, "carried", "c" * 64, (RELEASE,),
        entries=tuple(Entry(kind, name, sha(one), len(one)) for (kind, name), one in contents.items()),  # type: ignore[arg-type]
        choices={"0" * 32: (WHEEL, sha(b"wheel"))},
        lists={f"base-{'b' * 64}": (("libc6_2.41_amd64.deb", sha(b"deb")),)},
        bases={"e" * 64: "b" * 64},
        images=(Carried("build", image, RELEASE, "20261120.9", "", layers, made),),
        programs=("images/jupyterlab/tests/run",),
    )  # fmt: skip
    return Parts(bundle, {sha(one): one for one in contents.values()})


@pytest.fixture
def key(tmp_path: Path) -> Path:
    """Give a key, and name it as one that may sign."""
    subprocess.run(("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(tmp_path / "key")), check=True)
    (tmp_path / "signers").write_text(f"ana@example.org {(tmp_path / 'key.pub').read_text()}")
    return tmp_path / "key"


@pytest.fixture
def bundle(tmp_path: Path, key: Path) -> Path:
    """Give a signed bundle."""
    return parts().write(tmp_path / "x.bundle", key)


def manager(solvent: World) -> Manager:
    """Open the Manager of another command."""
    return solvent.open(None, None)


def state(solvent: World) -> dict[str, str]:
    """Digest every file of the home but the database's and those that were open."""
    settings = manager(solvent).settings
    roots = (settings.state_dir / "archive", settings.cache_dir / "artifacts", settings.cache_dir / "upstream")
    files = [one for root in roots for one in root.rglob("*") if one.is_file()]
    kept = settings.state_dir / "advisories.json"
    return {str(one): sha(one.read_bytes()) for one in (*files, *([kept] if kept.exists() else []))}


def test_what_is_lacking_is_put_where_it_is_looked_for(solvent: World, bundle: Path, key: Path, tmp_path: Path) -> None:
    """Packages, descriptions, files, answers, advisories, the image; the history says who signed."""
    ran = solvent("bundle", "load", str(bundle), "--signers", str(tmp_path / "signers"), "-o", "json")

    assert ran.code == 0, ran.err
    found = ran.json["bundle"]
    assert (found["signer"], found["releases"], found["machine"]) == ("ana@example.org", [RELEASE], platform.machine())
    assert [one["kind"] for one in found["loaded"]] == [
        "load packages",
        "load answers",
        "load advisories",
        "load image",
    ]
    here = manager(solvent)
    from manager.app import archiving, dangers, watch

    store = archiving.archive(here)
    assert store.wrong(Packed(WHEEL, sha(b"wheel"))) == ""
    assert store.choice("0" * 32) == Packed(WHEEL, sha(b"wheel"))
    assert store.base("e" * 64) == "b" * 64
    assert store.listed(f"base-{'b' * 64}") == (Packed("libc6_2.41_amd64.deb", sha(b"deb")),)
    assert (store.folder / "npm/_cacache/content-v2/sha512/aa/bb/cc").read_bytes() == b"npm"
    assert (here.settings.cache_dir / "artifacts" / sha(b"vendor")).read_bytes() == b"vendor"
    assert [one.id for one in dangers.known(here)] == [document()["id"]]
    learnt = watch.opened(here).learnt(("psycopg",))["psycopg"]
    assert (learnt.at, learnt.text) == (MADE, ANSWER)
    build = next(one for one in here.store.builds() if one.version == "20261120.9")
    assert (build.status, solvent.engine.image(build.digest) is not None) == ("candidate", True)
    assert here.store.components(build.digest) == INSIDE
    assert "signed by ana@example.org" in here.store.history(1)[0].cause
    assert not list(here.settings.state_dir.rglob(".unfinished-*"))


def test_a_second_load_changes_nothing(solvent: World, bundle: Path, key: Path, tmp_path: Path) -> None:
    """The signers may stand in the settings; a dry run says what would be done and does nothing."""
    config = manager(solvent).settings.config_dir / "config.toml"
    config.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(tmp_path / "signers", config.parent / "signers")
    config.write_text('bundle_signers = "signers"\n')

    dry = solvent("bundle", "load", str(bundle), "--dry-run")
    before = state(solvent)
    first = solvent("bundle", "load", str(bundle))
    after = state(solvent)
    entries = len(manager(solvent).store.history())
    second = solvent("bundle", "load", str(bundle))

    assert "1. load packages" in dry.out
    assert "2 packages" in dry.out
    assert before == {}
    assert (first.code, second.code) == (0, 0), first.err + second.err
    assert "nothing to do" in second.err
    assert state(solvent) == after
    assert len(manager(solvent).store.history()) == entries


def test_a_load_that_was_cut_short_goes_on(solvent: World, bundle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wherever it is killed: what is in place is whole, and the next one ends like one that was never disturbed."""
    left_behind = manager(solvent).settings.state_dir / "archive/.unfinished-before"
    left_behind.mkdir(parents=True)
    os.utime(left_behind, (0, 0))
    for cut in range(6):
        left = [cut]
        original = bundle_file.BundleFile.copy

        def copied(self: bundle_file.BundleFile, digest: str, target: Path, left: list[int] = left) -> None:
            left[0] -= 1
            if left[0] < 0:
                raise Interrupted("killed")
            original(self, digest, target)  # noqa: B023 - the same function each time

        with monkeypatch.context() as killed:
            killed.setattr(bundle_file.BundleFile, "copy", copied)
            solvent("bundle", "load", str(bundle), "--unsigned")
    ran = solvent("bundle", "load", str(bundle), "--unsigned")
    again = solvent("bundle", "load", str(bundle), "--unsigned")

    assert ran.code == 0, ran.err
    assert "nothing to do" in again.err
    assert Packed(WHEEL, sha(b"wheel")).name in {Path(one).name for one in state(solvent)}
    assert not left_behind.exists()


def test_newer_answers_and_other_builds_stay(solvent: World, bundle: Path) -> None:
    """What is known here of a later day counts; a version that is another build here is left out with a note."""
    from manager.app import watch

    later = MADE.replace(day=21)
    watch.opened(manager(solvent)).bring("python/psycopg", '{"files": []}', later)
    digest = solvent.engine.add_image("solvent/other", {"io.solvent.realm": "solvent", "io.solvent.kind": "image"})
    status = BuildStatus.CANDIDATE
    solvent.store.add_build(Build(RELEASE, "20261120.9", digest, "0" * 64, (), status, MADE, 1))

    ran = solvent("bundle", "load", str(bundle), "--unsigned", "-o", "json")

    assert [one["kind"] for one in ran.json["bundle"]["loaded"]] == ["load packages", "load advisories"]
    assert "is another build here: it is left out" in ran.err
    assert watch.opened(manager(solvent)).learnt(("psycopg",))["psycopg"].at == later


def test_what_npm_knew_here_and_what_was_brought_are_both_known(solvent: World, bundle: Path) -> None:
    """What npm adds to its index are lines, of which the last counts."""
    place = manager(solvent).settings.state_dir / "archive/npm/_cacache/index-v5/aa/bb/cc"
    place.parent.mkdir(parents=True)
    place.write_bytes(b"\n0\there")

    first = solvent("bundle", "load", str(bundle), "--unsigned")
    again = solvent("bundle", "load", str(bundle), "--unsigned")

    assert first.code == 0, first.err
    assert place.read_bytes() == b"\n0\there\n\n1\tcarried"
    assert "nothing to do" in again.err


@pytest.mark.parametrize(
    ("labels", "made", "said"),
    [
        (LABELS | {"io.solvent.realm": "elsewhere"}, {}, "realm"),
        (LABELS | {"io.solvent.kind": "base"}, {}, "kind"),
        (LABELS | {"io.solvent.release": "jupyterlab:1"}, {}, "release"),
        (LABELS | {"io.solvent.version": "20261120.8"}, {}, "version"),
        (LABELS | {"io.solvent.spec-hash": "f" * 64}, {}, "spec-hash"),
        (LABELS, {"inputs": [["python", "3.12"]]}, "ingredients"),
        ({}, {}, "realm, kind, release, version, spec-hash"),
    ],
)
def test_an_image_that_is_not_what_the_list_says_is_refused(
    solvent: World, tmp_path: Path, labels: dict[str, str], made: dict[str, object], said: str
) -> None:
    """Whether the engine has it already or not; the control is the bundle of the first test."""
    wrong = parts("solvent", labels, **made)
    digest = wrong.bundle.images[0].digest

    ran = solvent("bundle", "load", str(wrong.write(tmp_path / "x.bundle")), "--unsigned", "-o", "json")

    assert ran.code == 5, ran.err
    assert f"other than its list says: {said}" in ran.err
    assert solvent.engine.image(digest) is None
    assert digest not in [one.digest for one in manager(solvent).store.builds()]


def test_a_build_that_cannot_be_read_is_not_kept(solvent: World, bundle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody could say whether something forbidden is inside; the control is read when it is run again."""
    digest = parts().bundle.images[0].digest

    def nothing(*_: object) -> None:
        raise Failed("what is inside the image could not be read")

    with monkeypatch.context() as silent:
        silent.setattr("manager.app.contents.asked", nothing)
        ran = solvent("bundle", "load", str(bundle), "--unsigned")
    there = solvent.engine.image(digest)
    known = [one.digest for one in manager(solvent).store.builds()]
    again = solvent("bundle", "load", str(bundle), "--unsigned")

    assert (ran.code, there) == (1, None), ran.err
    assert digest not in known
    assert again.code == 0, again.err
    assert manager(solvent).store.components(digest) == INSIDE


def test_the_ingredients_of_a_quarantined_build_do_not_come_back(solvent: World, bundle: Path) -> None:
    """Under another version and digest they are the same thing."""
    digest = solvent.engine.add_image("solvent/other", LABELS)
    status = BuildStatus.CANDIDATE
    solvent.store.add_build(Build(RELEASE, "20261120.1", digest, spec_hash(INPUTS), INPUTS, status, MADE, 1))
    solvent.store.set_status(digest, BuildStatus.QUARANTINED, "it hurts")

    ran = solvent("bundle", "load", str(bundle), "--unsigned", "-o", "json")

    assert ran.code == 5, ran.err
    assert "it hurts" in ran.err
    assert [one.version for one in manager(solvent).store.builds() if one.spec_hash == spec_hash(INPUTS)] == [
        "20261120.1"
    ]


def test_an_older_bundle_takes_no_base_back(solvent: World, tmp_path: Path) -> None:
    """Old, new, old: the control is the new one, which does. One of a day to come would stay for ever."""
    from manager.app import archiving

    old = parts()
    later = replace(old.bundle, made=MADE.replace(hour=10), bases={"e" * 64: "c" * 64})
    new = old._replace(bundle=later).write(tmp_path / "new.bundle")
    ahead = old._replace(bundle=replace(old.bundle, made=MADE.replace(year=2036))).write(tmp_path / "ahead.bundle")
    place, bases = old.write(tmp_path / "old.bundle"), []
    for one in (place, new, place):
        ran = solvent("bundle", "load", str(one), "--unsigned")
        assert ran.code == 0, ran.err
        bases.append(archiving.archive(manager(solvent)).base("e" * 64))

    assert bases == ["b" * 64, "c" * 64, "c" * 64]
    assert "a newer bundle named other bases here" in ran.err
    assert solvent("bundle", "load", str(ahead), "--unsigned").code == 5


def test_images_of_another_realm_are_left_out(solvent: World, tmp_path: Path) -> None:
    """As a registry's are; packages come all the same."""
    ran = solvent("bundle", "load", str(parts("elsewhere").write(tmp_path / "x.bundle")), "--unsigned", "-o", "json")

    assert "images are of the realm elsewhere, and this one is solvent" in ran.err
    assert "load image" not in [one["kind"] for one in ran.json["bundle"]["loaded"]]


def test_the_catalog_is_written_to_a_new_folder_and_trusted_nowhere(
    solvent: World, bundle: Path, tmp_path: Path
) -> None:
    """Programs stay programs; a folder with anything else is refused."""
    target, other = tmp_path / "new/catalog", tmp_path / "other"
    other.mkdir()
    (other / "mine").touch()

    ran = solvent("bundle", "load", str(bundle), "--unsigned", "--catalog-to", str(target))
    refused = solvent("bundle", "load", str(bundle), "--unsigned", "--catalog-to", str(other), "-o", "json")

    assert ran.code == 0, ran.err
    assert "solvent catalog trust" in ran.err
    assert (target / "solvent.toml").read_bytes() == b'schema = 1\nname = "carried"\n'
    assert (target / "images/jupyterlab/tests/run").stat().st_mode & 0o777 == 0o755
    assert (target / "solvent.toml").stat().st_mode & 0o777 == 0o644
    assert refused.code == 5
    assert sorted(one.name for one in other.iterdir()) == ["mine"]


def _flipped(place: Path, key: Path) -> None:
    content = bytearray(parts().write(place, key).read_bytes())
    content[content.index(b"vendor")] ^= 1
    place.write_bytes(content)


def _cut(place: Path, key: Path) -> None:
    place.write_bytes(parts().write(place, key).read_bytes()[:-4096])


def _missing(place: Path, key: Path) -> None:
    made = parts()
    made._replace(blobs={key: one for key, one in made.blobs.items() if one != b"deb"}).write(place, key)


def _foreign(place: Path, key: Path) -> None:
    made = parts()
    made._replace(blobs=made.blobs | {sha(b"more"): b"more"}).write(place, key)


def _escaping(place: Path, key: Path) -> None:
    document = json.loads(render(parts().bundle))
    document["entries"].append({"kind": "catalog", "name": "../escaped", "sha256": sha(b"deb"), "size": 3})
    parts().write(place, key, json.dumps(document))


def _newer(place: Path, key: Path) -> None:
    parts().write(place, key, json.dumps(json.loads(render(parts().bundle)) | {"schema": 2}))


def _machine(place: Path, key: Path) -> None:
    made = parts()
    made._replace(bundle=replace(made.bundle, machine="riscv64")).write(place, key)


def _ahead(place: Path, key: Path) -> None:
    """Answer for an index on a day that has not come."""
    made = parts()
    content = json.dumps({"at": MADE.replace(year=2036).isoformat(), "text": ANSWER}).encode()
    answer = Entry("answer", "python/psycopg", sha(content), len(content))
    others = tuple(one for one in made.bundle.entries if one.kind != "answer")
    named = {one.sha256 for one in others}
    blobs = {name: one for name, one in made.blobs.items() if name in named} | {answer.sha256: content}
    Parts(replace(made.bundle, entries=(*others, answer)), blobs).write(place, key)


def _unsigned(place: Path, key: Path) -> None:
    parts().write(place)


def _stranger(place: Path, key: Path) -> None:
    subprocess.run(("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(place.with_name("eve"))), check=True)
    parts().write(place, place.with_name("eve"))


def _resigned(place: Path, key: Path) -> None:
    """Put another list under a signature that holds for the first."""
    signature = signatures.signed(render(parts().bundle).encode(), key)
    other = render(replace(parts().bundle, by="eve"))
    bundle_file.write(place, other, signature, dict(parts().blobs), lambda _: None)


WRONG: dict[str, tuple[Callable[[Path, Path], None], int, str]] = {
    "a flipped byte": (_flipped, 1, "it was changed"),
    "a cut file": (_cut, 1, "it is cut"),
    "a missing blob": (_missing, 1, "it is missing"),
    "a blob that nobody named": (_foreign, 1, "the list does not name it"),
    "a path that leads out": (_escaping, 1, "may not be called so: '../escaped'"),
    "a newer schema": (_newer, 5, "made by another Solvent"),
    "another machine": (_machine, 5, "is for riscv64, and this machine is"),
    "an answer of a day to come": (_ahead, 5, "the carried answer about python/psycopg is of a day to come"),
    "no signature": (_unsigned, 5, "is not signed"),
    "a stranger's signature": (_stranger, 5, "signed by nobody who may"),
    "the signature of another list": (_resigned, 5, "the signature of ana@example.org does not hold"),
}


@pytest.mark.parametrize(("make", "code", "words"), WRONG.values(), ids=WRONG.keys())
def test_what_is_wrong_is_named_and_nothing_is_loaded(
    solvent: World, tmp_path: Path, key: Path, make: Callable[[Path, Path], None], code: int, words: str
) -> None:
    """The control is the bundle of the first test, which differs in nothing else."""
    make(tmp_path / "x.bundle", key)

    ran = solvent("bundle", "load", str(tmp_path / "x.bundle"), "--signers", str(tmp_path / "signers"), "-o", "json")

    assert ran.code == code, ran.err
    assert words in f"{ran.error['message']}: {ran.error['why']}"
    assert state(solvent) == {}
    assert manager(solvent).store.history() == ()
    assert not (tmp_path / "escaped").exists()


def test_a_disk_without_room_is_said_before_anything_is_put_there(
    solvent: World, bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control has it."""
    usage = shutil.disk_usage("/")._replace(free=1000)
    with monkeypatch.context() as full:
        full.setattr("manager.app.unpacking.shutil.disk_usage", lambda _: usage)
        ran = solvent("bundle", "load", str(bundle), "--unsigned", "-o", "json")

    assert (ran.code, state(solvent)) == (1, {})
    assert "there is no room for this bundle" in ran.error["message"]
    assert solvent("bundle", "load", str(bundle), "--unsigned").code == 0


def test_a_signed_bundle_asks_who_may_sign(solvent: World, bundle: Path) -> None:
    """Nobody is named yet; both ways on are told."""
    ran = solvent("bundle", "load", str(bundle), "-o", "json")

    assert ran.code == 5
    assert "--signers FILE" in ran.error["hint"]
    assert solvent("bundle", "load", str(bundle), "--signers", "x", "--unsigned").code == 2
    assert solvent("bundle", "load", "none").code == 2


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("x.bundle",), 5, "no release has a promoted build"),
        ((".", RELEASE), 2, "is a folder"),
        (("none/x.bundle", RELEASE), 2, "there is no folder"),
        (("x.bundle", "jupyterlap"), 2, "jupyterlab"),
    ],
)
def test_what_cannot_be_carried_is_said_before_anything_is_fetched(
    solvent: World, tmp_path: Path, words: tuple[str, ...], code: int, said: str
) -> None:
    """Nothing is left behind."""
    ran = solvent("bundle", "create", *words, "-o", "json")

    assert ran.code == code, ran.err
    assert said in f"{ran.error['message']} {ran.error['hint']}"
    assert not list(tmp_path.glob("*.bundle"))
    assert not list(tmp_path.glob(".unfinished-*"))
