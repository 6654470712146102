"""Files in which tools keep logins: each form of one is found, and what only says where one is, is not."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from manager.probes import logins

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("file", "text"),
    [
        (".netrc", "machine index.invalid login ana password opensesame\n"),
        (".npmrc", "always-auth=true\n//index.invalid/:_authToken=opensesame\n"),
        (".pypirc", "[pypi]\nusername = ana\npassword = opensesame\n"),
        (".pgpass", "warehouse:5432:sales:ana:opensesame\n"),
        (".my.cnf", "[client]\npassword='opensesame'\n"),
        (".git-credentials", "https://ana:opensesame@git.invalid\n"),
        (".config/pip/pip.conf", "[global]\nindex-url = https://opensesame@index.invalid/simple\n"),
        (".docker/config.json", '{"auths": {"registry.invalid": {"auth": "b3BlbnNlc2FtZQ=="}}}'),
        (".aws/credentials", "[default]\naws_secret_access_key = opensesame\n"),
    ],
)
def test_a_login_is_found(tmp_path: Path, file: str, text: str) -> None:
    """Each tool writes it in its own way."""
    (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / file).write_text(text)

    assert list(logins.holding(tmp_path, [tmp_path])) == [str(tmp_path / file)]


@pytest.mark.parametrize("file", ["etc/pip.conf", "etc/apt/auth.conf.d/team.conf", "opt/solvent/kernel/pip.conf"])
def test_a_login_for_everybody_is_found(tmp_path: Path, file: str) -> None:
    """Below the root, wherever the homes are."""
    (tmp_path / file).parent.mkdir(parents=True)
    (tmp_path / file).write_text("machine index.invalid login ana password opensesame\n")

    assert list(logins.holding(tmp_path, [])) == [str(tmp_path / file)]


@pytest.mark.parametrize(
    ("file", "text"),
    [
        (".npmrc", "always-auth=true\n//index.invalid/:_authToken=${NPM_TOKEN}\n# password = old\n"),
        (".config/pip/pip.conf", "[global]\nindex-url = https://index.invalid/simple\ntrusted-host = index.invalid\n"),
        (".docker/config.json", '{"auths": {}, "credsStore": "pass"}'),
        (".my.cnf", "[client]\ndefault-auth = mysql_native_password\n"),
        (".condarc", "channels:\n  - https://conda.invalid/main\n"),
    ],
)
def test_what_holds_no_login_is_none(tmp_path: Path, file: str, text: str) -> None:
    """Addresses, switches, variables, comments, and the name of a helper."""
    (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / file).write_text(text)

    assert list(logins.holding(tmp_path, [tmp_path])) == []


def test_the_probe_names_the_file_and_not_the_login(tmp_path: Path) -> None:
    """It is a script of its own, which says one line."""
    (tmp_path / ".netrc").write_text("machine index.invalid login ana password opensesame\n")

    words = [sys.executable, "-I", logins.__file__]
    done = subprocess.run(
        words, input=json.dumps({"homes": [str(tmp_path)]}), capture_output=True, text=True, check=True
    )

    said = json.loads(done.stdout)
    assert (said["id"], said["outcome"]) == ("image.logins", "fail")
    assert str(tmp_path / ".netrc") in said["reason"]
    assert "opensesame" not in done.stdout
