"""Builds of one's own catalog: nothing twice, nothing half, nothing but what was sealed."""

from __future__ import annotations

import hashlib
import io
import json
import os
import secrets
import shutil
import signal
import subprocess
import tarfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from manager.app.layers import parts
from manager.app.steps import images
from manager.app.steps.trees import make_tree, trees
from manager.core.build_actions import MakeImage, MakeTree
from manager.core.builds import layer_groups
from manager.core.ingredients import kernel_requirements
from manager.core.locks import parse
from manager.errors import Failed
from manager.world.resolver import lock
from tests.fakes.progress import Quiet
from tests.system.support_running import managed
from tests.system.world import docker

if TYPE_CHECKING:
    from pathlib import Path

    from tests.system.world import World

pytestmark = [pytest.mark.engine, pytest.mark.slow]

# A line of this run's own, so that a kept world has no build of it.
LINE, OWN = "4.6-py3.13", f"9.{secrets.randbelow(10**6)}-py3.13"
RELEASE = f"jupyterlab:{OWN}"
CONFIG = "images/jupyterlab/files/etc/jupyter/jupyter_server_config.py"


@dataclass(frozen=True)
class Own:
    """A catalog of one's own, with a release that only it has."""

    world: World
    root: Path

    def build(self, *words: str, code: int = 0) -> subprocess.CompletedProcess[str]:
        """Run ``image build`` of the release."""
        return self.world("image", "build", RELEASE, "--catalog", str(self.root), *words, code=code)

    def built(self) -> Any:
        """Run ``image build -o json``; give the one build."""
        (one,) = json.loads(self.build("-o", "json").stdout)["builds"]
        return one

    def change(self, text: str) -> None:
        """Change one file of the family."""
        with (self.root / CONFIG).open("a") as file:
            file.write(f"# {text}\n")


def _things(world: World) -> set[str]:
    """Give every image and container of the realm, dangling ones and steps of builds among them."""
    mine = ("--quiet", "--no-trunc", "--all", "--filter", f"label=io.solvent.realm={world.realm}")
    return {*docker("images", *mine).split(), *docker("ps", *mine).split()}


@pytest.fixture(scope="module")
def own(ready_world: World, tmp_path_factory: pytest.TempPathFactory) -> Own:
    """Make a catalog by ``solvent init`` and give its newest release another line, so that it is nobody else's."""
    root = tmp_path_factory.mktemp("own") / "catalog"
    ready_world("init", str(root))
    family = root / "images/jupyterlab"
    text = (family / "family.toml").read_text()
    (family / "family.toml").write_text(text.replace(LINE, OWN))
    (family / "locks" / LINE).rename(family / "locks" / OWN)
    return Own(ready_world, root)


@pytest.fixture(scope="module")
def first(own: Own) -> Any:
    """Build the release for the first time; give the build as JSON."""
    return own.built()


def test_a_build_tells_what_it_did(first: Any) -> None:
    """The JSON of a build has its family, version, digest, layers, seconds and reasons."""
    assert first.keys() == {
        "family", "release", "version", "digest", "layers", "spec_hash", "status", "seconds", "reused", "reasons",
    }  # fmt: skip
    assert (first["release"], first["status"], first["reused"]) == (RELEASE, "promoted", False)
    assert first["reasons"] == ["there is no build of it yet"]
    assert [layer["group"] for layer in first["layers"]] == [
        "ide", "kernel runtime", "kernel dialects", "kernel duckdb-pytz", "kernel mysql-mysql-connector-python",
        "kernel postgresql-psycopg2-binary", "kernel duckdb", "kernel mysql", "kernel odbc", "kernel postgresql",
        "kernel sqlite", "files",
    ]  # fmt: skip
    assert all(layer["digest"].startswith("sha256:") for layer in first["layers"])
    assert first["seconds"] > 0


def test_nothing_changed_does_nothing(own: Own, first: Any) -> None:
    """The build of before is reused: no image, no step, exit 0, also for --check."""
    before = _things(own.world)

    again = own.built()
    checked = own.build("--check")

    assert _things(own.world) == before
    assert (again["digest"], again["reused"], again["reasons"]) == (first["digest"], True, [])
    assert [layer["reused"] for layer in again["layers"]] == [True] * len(first["layers"])
    assert "nothing to do" in checked.stdout


def test_what_was_sealed_is_what_ships(own: Own, first: Any) -> None:
    """The image's label names the digest of its kernel tree, and the files in the image give that digest."""
    labels = json.loads(docker("image", "inspect", "--format", "{{json .Config.Labels}}", first["digest"]))
    container = docker("create", "--label", f"io.solvent.realm={own.world.realm}", first["digest"]).strip()
    try:
        tar = subprocess.run(
            ["docker", "cp", f"{container}:/opt/solvent/kernel/.", "-"], capture_output=True, check=True
        ).stdout
    finally:
        docker("rm", container)

    assert _digest(tar, _not_the_trees(own)) == labels["io.solvent.tree-kernel"]
    assert (own.world.home / "cache/trees" / labels["io.solvent.tree-kernel"] / "tree").is_dir()


def _not_the_trees(own: Own) -> set[str]:
    """Give what the layer of the family's own files puts into the kernel's prefix."""
    folders = [own.root / "images" / name / "files/opt/solvent/kernel" for name in ("common", "jupyterlab")]
    found = (path.relative_to(folder) for folder in folders for path in folder.rglob("*"))
    return {path.as_posix().replace("@PYTHON@", "3.13") for path in found}


def _digest(tar: bytes, without: set[str]) -> str:
    """Digest files of a tar as a tree is digested: a line a file of kind, mode, hash and path, sorted."""
    lines = {}
    with tarfile.open(fileobj=io.BytesIO(tar)) as archive:
        for member in archive:
            path = os.path.normpath(member.name)
            if member.isdir() or path in without:
                continue
            content = member.linkname.encode() if member.issym() else _read(archive, member)
            kind, mode = ("l", 0o777) if member.issym() else ("f", member.mode & 0o7777)
            lines[path] = f"{kind} {mode:04o} {hashlib.sha256(content).hexdigest()} {path}\0".encode()
    return hashlib.sha256(b"".join(lines[path] for path in sorted(lines))).hexdigest()


def _read(archive: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    file = archive.extractfile(member)
    assert file is not None
    return file.read()


def test_a_byte_changed_in_the_store_does_not_ship(own: Own, first: Any, tmp_path: Path) -> None:
    """Between seal and build one byte of a tree is changed: the build says which file, and makes no image."""
    before = _things(own.world)
    cache = tmp_path / "cache"
    # Links to the same bytes; the one file that is changed gets bytes of its own.
    shutil.copytree(own.world.home / "cache/trees", cache / "trees", symlinks=True, copy_function=os.link)
    # Layers whose digests are known are the engine's own and not packed from the tree again.
    shutil.rmtree(cache / "trees/archives")
    with managed(own.world, own.root, cache=cache) as manager:
        labels = manager.engine.image(first["digest"])
        assert labels is not None
        tree = cache / "trees" / labels.labels["io.solvent.tree-kernel"] / "tree"
        victim = next(tree.glob("lib/python*/site-packages/psycopg/__init__.py"))
        content = victim.read_bytes()
        victim.unlink()
        victim.write_bytes(content.replace(b"import", b"inport", 1))
        quiet: Any = Quiet()

        with pytest.raises(Failed) as refused:
            images.make_image(manager, MakeImage(RELEASE, "changed"), quiet)

    assert "was not what was sealed" in refused.value.message
    assert "changed: lib/python3.13/site-packages/psycopg/__init__.py" in refused.value.why
    assert not tree.exists()
    assert _things(own.world) == before


def test_a_build_that_fails_in_the_middle_leaves_nothing(own: Own, first: Any) -> None:
    """A bad instruction after a new layer: exit 1, the last lines of the log, and only what was there before."""
    dockerfile = own.root / "images/jupyterlab/Dockerfile"
    good, config = dockerfile.read_text(), (own.root / CONFIG).read_text()
    before = _things(own.world)
    try:
        own.change("so that there is a new layer before the failure")
        dockerfile.write_text(good + "\nADD nothere.tar /\n")
        failed = own.build(code=1)
    finally:
        dockerfile.write_text(good)
        (own.root / CONFIG).write_text(config)

    assert "nothere.tar" in failed.stderr
    assert "ADD files.tar /" in failed.stderr or "Step" in failed.stderr
    assert _things(own.world) == before
    assert not list((own.world.home / "cache").glob("context-*"))
    assert own.built()["digest"] == first["digest"]
    plan = own.world("env", "launch", RELEASE, "--name", "after", "--catalog", str(own.root), "--dry-run")
    assert "build image" not in plan.stdout + plan.stderr


def test_a_changed_file_is_the_reason_of_a_build(own: Own, first: Any) -> None:
    """--check changes nothing, ends with 3 and names the file."""
    own.change("a reason")
    before = _things(own.world)

    plan = json.loads(own.build("--check", "-o", "json", code=3).stdout)

    (build,) = (step for step in plan["steps"] if step["kind"] == "build image")
    assert build["cause"] == "file files/etc/jupyter/jupyter_server_config.py changed"
    assert _things(own.world) == before


def test_an_interrupted_build_leaves_nothing_and_is_continued(own: Own, first: Any) -> None:
    """Ctrl-C while the image is built: 130 and nothing half-made; the next run makes only the layer that changed."""
    own.change("another reason")
    before = _things(own.world)
    words = own.world.command("image", "build", RELEASE, "--catalog", str(own.root), "--progress", "plain")
    with subprocess.Popen(
        words, env=own.world.environ, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
    ) as running:
        assert running.stderr is not None
        said = next(line for line in running.stderr if "start" in line and f"build image {RELEASE}" in line)
        running.send_signal(signal.SIGINT)
        rest = running.stderr.read()

    assert running.returncode == 130, said + rest
    assert _things(own.world) == before
    assert not list((own.world.home / "cache").glob("context-*"))

    made = own.built()

    assert (made["status"], made["reused"]) == ("promoted", False)
    assert made["reasons"] == ["file files/etc/jupyter/jupyter_server_config.py changed"]
    assert {layer["group"]: layer["reused"] for layer in made["layers"]} == {
        layer["group"]: layer["group"] != "files" for layer in first["layers"]
    }
    old, new = ({layer["digest"] for layer in one["layers"]} for one in (first, made))
    assert len(new - old) == 1


@pytest.fixture(scope="module")
def moved(own: Own, first: Any) -> Any:
    """Build with an older psycopg, and nothing else moved; give the build as JSON."""
    place = own.root / "images/jupyterlab/locks" / OWN / "kernel.lock"
    text = place.read_text()
    newest = next(pin.version for pin in parse(text) if pin.name == "psycopg")
    with managed(own.world, own.root) as manager:
        release = manager.catalog.release(RELEASE, manager.today)
        wanted = [f"psycopg[binary]<{newest}", *kernel_requirements(manager.catalog, release)]
        place.write_text(lock(tuple(wanted), release.python, text, ("psycopg", "psycopg-binary")))
    return own.built()


def test_a_moved_driver_makes_its_own_layer_and_no_other(own: Own, moved: Any) -> None:
    """The layers below are the engine's own; those above are the same bytes."""
    assert moved["status"] == "promoted"
    assert [layer["group"] for layer in moved["layers"] if not layer["reused"]] == ["kernel postgresql"]


def test_a_tree_that_grew_and_its_layers_are_those_made_from_nothing(own: Own, moved: Any, tmp_path: Path) -> None:
    """On an empty cache the same lock gives the same tree, and its layers the same digests."""
    quiet: Any = Quiet()
    with managed(own.world, own.root, cache=tmp_path) as manager:
        image = manager.engine.image(moved["digest"])
        assert image is not None

        tree = make_tree(manager, MakeTree(RELEASE, "kernel"), quiet)

        assert tree.digest == image.labels["io.solvent.tree-kernel"]
        release = manager.catalog.release(RELEASE, manager.today)
        family = manager.catalog.family(release.family)
        store, groups = trees(manager), layer_groups(manager.catalog, release)
        packed = {
            part.name: part.pack(tmp_path / part.file)
            for part in parts(family, release, store, {"ide": tree, "kernel": tree}, groups)
            if part.name != "ide"
        }
    assert packed == {layer["group"]: layer["digest"] for layer in moved["layers"] if layer["group"] != "ide"}


def test_locking_again_changes_nothing(own: Own) -> None:
    """With nothing upgraded, resolving again writes the same bytes."""
    locks = sorted((own.root / "images/jupyterlab/locks" / OWN).glob("*.lock"))
    before = [lock.read_bytes() for lock in locks]

    own.world("image", "lock", RELEASE, "--catalog", str(own.root))

    assert len(locks) == 2
    assert [lock.read_bytes() for lock in locks] == before


def test_the_shipped_catalog_is_not_locked(ready_world: World, tmp_path: Path) -> None:
    """It is read-only, and the way to one of one's own is named."""
    refused = subprocess.run(
        ready_world.command("image", "lock", "jupyterlab"), env=ready_world.environ, cwd=tmp_path, text=True,
        capture_output=True, check=False,
    )  # fmt: skip

    assert refused.returncode == 5
    assert "solvent init" in refused.stderr
