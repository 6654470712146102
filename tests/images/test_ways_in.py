"""The scripts by which an IDE's process gets the credential, run by the shell of this machine."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

IMAGES = Path(__file__).parents[2] / "images"
TOKEN = "kLx-9_the-credential-of-this-test-43-characters"


def _prepared(family: str, secrets: Path, home: Path) -> None:
    """Run a family's part of the entry point as the entry point reads it."""
    (secrets / "token").write_text(TOKEN)
    script = (IMAGES / family / "files/opt/solvent/bin/prepare").read_text()
    words = ["/bin/sh", "-c", f"set -u; secrets=$1; umask 077\n{script}", "entrypoint", str(secrets)]
    done = subprocess.run(words, env={"HOME": str(home), "PATH": "/usr/bin:/bin"}, capture_output=True, check=False)
    assert TOKEN.encode() not in done.stdout + done.stderr


def test_code_server_gets_its_password_from_a_file_that_only_the_user_reads(tmp_path: Path) -> None:
    """The password is quoted, so that it is text whatever it begins with; nothing of it lies in the home."""
    secrets, home = tmp_path / "secrets", tmp_path / "home"
    secrets.mkdir()
    home.mkdir()

    _prepared("code-server", secrets, home)

    written = secrets / "code-server.yaml"
    assert written.read_text() == f'auth: password\npassword: "{TOKEN}"\ncert: false\n'
    assert written.stat().st_mode & 0o777 == 0o600
    assert not [path for path in home.rglob("*") if path.is_file() and TOKEN in path.read_text()]


def test_rstudio_has_its_folder_in_memory(tmp_path: Path) -> None:
    """What the server has to write does not lie in the image."""
    _prepared("rstudio", tmp_path, tmp_path)

    assert (tmp_path / "rstudio").is_dir()


@pytest.mark.parametrize(
    ("user", "given", "code"),
    [
        ("solvent", TOKEN, 0),
        ("solvent", f"{TOKEN}\n", 0),
        ("solvent", "wrong", 1),
        ("solvent", "", 1),
        ("root", TOKEN, 1),
    ],
)
def test_rstudio_lets_the_one_person_in(tmp_path: Path, user: str, given: str, code: int) -> None:
    """The user and the environment's password, and nobody else."""
    (tmp_path / "token").write_text(TOKEN)
    script = (IMAGES / "rstudio/files/opt/solvent/bin/rstudio-password").read_text()
    script = script.replace("/run/solvent", str(tmp_path))

    done = subprocess.run(["/bin/sh", "-c", script, "helper", user], input=given, text=True, check=False)

    assert done.returncode == code


def test_rstudio_lets_nobody_in_without_a_credential(tmp_path: Path) -> None:
    """An empty password is none."""
    script = (IMAGES / "rstudio/files/opt/solvent/bin/rstudio-password").read_text()
    (tmp_path / "token").write_text("")
    script = script.replace("/run/solvent", str(tmp_path))

    assert subprocess.run(["/bin/sh", "-c", script, "helper", "solvent"], input="", text=True, check=False).returncode


@pytest.mark.parametrize("line", sorted((IMAGES / "marimo/locks").iterdir()), ids=lambda line: line.name)
def test_marimo_is_the_same_in_server_and_notebook(line: Path) -> None:
    """The two talk to each other in marimo's own words, which change with its versions."""
    both = [(line / f"{kind}.lock").read_text().splitlines() for kind in ("ide", "kernel")]
    for name in ("marimo", "msgspec", "pyzmq"):
        pins = {one.split(" ")[0] for text in both for one in text if one.startswith(f"{name}==")}
        assert len(pins) == 1, pins
