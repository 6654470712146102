"""npm as a subprocess, played by a script: what it is told of mirrors, and how its complaints are worded."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from manager.core.mirrors import Mirrors
from manager.core.reach import Login, Reach
from manager.core.secrets import Secret
from manager.errors import Failed, Unreachable
from manager.world import npm

HASH = "sha512-fUYvJVdz4ZoVJfakGiGWXFMpF8K1ObsrpGvX17ZxNpKOzdNHs7lANT670JTr4ZhA8DnWqyvvmFG/d3HV9Yy6ew=="
PACKAGE = {"version": "4.1.0", "integrity": HASH, "resolved": "https://packages.example/ide-4.1.0.tgz"}
LOCK = json.dumps({"lockfileVersion": 3, "packages": {"": {}, "node_modules/ide": PACKAGE}})
PASSWORD = "a-password-for-npm"


def node(folder: Path, does: str) -> Path:
    """Make a Node.js that does this instead of running npm; its words are noted in ``said``."""
    (folder / "bin").mkdir()
    program = folder / "bin/node"
    program.write_text(f'#!/bin/sh\necho "$@" >>"{folder}/said"\nenv >"{folder}/environment"\n{does}\n')
    program.chmod(0o755)
    return folder


def test_a_lock_has_no_address(tmp_path: Path) -> None:
    """What npm writes is kept in one form; no script of a package is run."""
    played = node(tmp_path, f"cat >package-lock.json <<'END'\n{LOCK}\nEND")

    text = npm.lock(played, "ide==4.1.*")

    assert "packages.example" not in text
    assert json.loads(text)["packages"]["node_modules/ide"]["version"] == "4.1.0"
    assert "--ignore-scripts" in (tmp_path / "said").read_text()


def test_pins_stay_unless_they_are_to_move(tmp_path: Path) -> None:
    """The previous lock lies there when npm resolves; what is to be newer is named to it."""
    played = node(tmp_path, f'cp package-lock.json "{tmp_path}/previous"')

    npm.lock(played, "ide==4.1.*", LOCK, ("ide",))

    assert (tmp_path / "previous").read_text() == LOCK
    said = (tmp_path / "said").read_text().splitlines()
    assert [line.split()[1] for line in said] == ["install", "update"]
    assert said[1].split()[-len(npm._QUIET) - 1] == "ide"


def test_the_mirrors_login_is_in_a_file_and_in_no_word(tmp_path: Path) -> None:
    """Npm is told of the registry by a file that only this person reads, and which is gone afterwards."""
    keeps = f'cp "$npm_config_userconfig" "{tmp_path}/npmrc"; stat -c %a "$npm_config_userconfig" >"{tmp_path}/mode"'
    played = node(tmp_path, f"{keeps}\ncat >package-lock.json <<'END'\n{LOCK}\nEND")
    mirror = Mirrors(npm="https://npm.example/registry", ca_bundle="/ca.pem")
    way = Reach(mirror, (("npm", Login("reader", Secret(PASSWORD))),), "own", "all")

    npm.lock(played, "ide==4.1.*", reach=way)

    environment = dict(
        line.split("=", 1) for line in (tmp_path / "environment").read_text().splitlines() if "=" in line
    )
    assert "registry=https://npm.example/registry/" in (tmp_path / "npmrc").read_text()
    assert (tmp_path / "mode").read_text().strip() == "600"
    assert PASSWORD not in (tmp_path / "said").read_text() + str(environment)
    assert not Path(environment["npm_config_userconfig"]).exists()
    assert "NODE_EXTRA_CA_CERTS" in environment


@pytest.mark.parametrize(
    ("complaint", "kind"),
    [
        ("npm error code ENOTFOUND", Unreachable),
        ("npm error code E401", Unreachable),
        ("npm error code SELF_SIGNED_CERT_IN_CHAIN", Unreachable),
        ("npm error code ETARGET: no matching version", Failed),
    ],
)
def test_a_registry_in_trouble_is_told_from_a_request_that_cannot_be_met(
    tmp_path: Path, complaint: str, kind: type
) -> None:
    """The one is mended by asking again or elsewhere, the other in the catalog."""
    with pytest.raises(kind) as caught:
        npm.lock(node(tmp_path, f'echo "{complaint} at https://reader:{PASSWORD}@npm.example/"; exit 1'), "ide==4.1.*")

    assert PASSWORD not in str(vars(caught.value))
    assert type(caught.value) is kind


def test_folders_that_an_archive_brings_locks_for_are_filled(tmp_path: Path) -> None:
    """The IDE's own lock was npm's to follow; those of folders inside it are asked for one by one."""
    folder = tmp_path / "tree"
    inner = folder / "node_modules/ide/lib/vscode"
    does = f'[ -d "{inner}" ] || {{ mkdir -p "{inner}/node_modules/x"; for at in "{folder}/node_modules/ide" "{inner}" '
    does += f'"{inner}/node_modules/x"; do echo "{{}}" >"$at/npm-shrinkwrap.json"; done; }}; pwd >>"{tmp_path}/places"'
    (tmp_path / "node").mkdir()
    folder.mkdir()

    npm.fetch(node(tmp_path / "node", does), LOCK, "ide==4.1.*", folder)

    assert (tmp_path / "places").read_text().split() == [str(folder), str(inner)]


def test_the_registry_is_the_one_that_npm_names(tmp_path: Path) -> None:
    """An address among npm's words; without one there is none."""
    played = node(tmp_path, "echo 'npm notice of a new version'; echo https://npm.example/registry/")

    assert npm.registry(played) == "https://npm.example/registry/"
    (tmp_path / "bin/node").write_text("#!/bin/sh\necho undefined\n")
    assert npm.registry(played) == ""
