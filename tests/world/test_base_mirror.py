"""Bases from a mirror that is set: what mmdebstrap is told, where the login lies, and what an error says."""

from __future__ import annotations

import re
import stat
from pathlib import Path

import pytest

from manager.core.mirrors import Mirrors
from manager.core.reach import Login, Reach
from manager.core.secrets import Secret
from manager.errors import Failed, Refused, Unreachable
from manager.world.bases import bootstrap
from tests.world.test_bases import fake, silent


def test_apts_login_lies_beside_the_new_system_and_goes_with_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Mmdebstrap gets the mirror's lines and the place of apt's options; the login is in a file of its own, 0600."""
    behaviour = (
        'printf "%s\\n" "$@" > "$0.argv"; for word in "$@"; do case "$word" in --setup-hook=cp*) '
        'conf=$(echo "$word" | cut -d" " -f2); cat "$conf" > "$0.conf"; '
        'cp -p "${conf%/*}/auth.conf" "${conf%/*}/authorities.pem" "${0%/*}"; esac; done'
    )
    program = fake(tmp_path, monkeypatch, behaviour)
    mirrors = Mirrors(apt="https://a.example/debian", proxy="http://p.example:3128")
    way = Reach(mirrors, (("apt", Login("ana", Secret("geheim"))),), "OWN", "ALL", b"key")

    bootstrap("trixie", ("python3",), tmp_path / "base", silent, reach=way)

    argv, conf = program.with_name("mmdebstrap.argv").read_text(), program.with_name("mmdebstrap.conf").read_text()
    assert "geheim" not in argv + conf
    assert 'apt-key.gpg"] https://a.example/debian trixie main' in argv
    login = program.with_name("auth.conf")
    assert login.read_text() == "machine https://a.example/debian login ana password geheim\n"
    assert stat.S_IMODE(login.stat().st_mode) == 0o600
    assert program.with_name("authorities.pem").read_text() == "ALL"
    named = re.findall(r'"(/\S+)"', conf)
    assert len(named) == 2
    assert not [one for one in named if Path(one).exists()]


def test_a_mirror_that_does_not_let_in_names_the_keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An unknown authority, a refused login and an unknown key each have their own remedy."""
    way = Reach(Mirrors(apt="https://a.example/debian"))
    said = {
        "Certificate verification failed: The certificate is NOT trusted.": "mirror.ca_bundle",
        "401  Unauthorized [IP: 127.0.0.1 8443]": "mirror.credentials.apt",
        "The following signatures could not be verified: NO_PUBKEY 5F11": "apt_keyring",
    }
    for words, hint in said.items():
        fake(tmp_path, monkeypatch, f'echo "{words}" >&2; exit 1')
        with pytest.raises((Failed, Unreachable)) as told:
            bootstrap("trixie", ("python3",), tmp_path / "base", silent, reach=way)
        assert hint in told.value.hint


def test_a_suite_that_stands_still_is_taken_where_that_is_declared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The host's own mirror, too; without the declaration, apt's refusal names it."""
    (tmp_path / "apt").mkdir()
    (tmp_path / "apt/sources.list").write_text("deb https://a.example/debian bookworm main\n")
    behaviour = 'printf "%s\\n" "$@" > "$0.argv"'
    program = fake(tmp_path, monkeypatch, behaviour)

    bootstrap("forky", (), tmp_path / "base", silent, tmp_path / "apt", Reach(Mirrors(frozen=("forky",))))

    lines = program.with_name("mmdebstrap.argv").read_text().splitlines()
    assert "deb [check-valid-until=no] https://a.example/debian forky main" in lines
    fake(tmp_path, monkeypatch, "echo 'E: Release file for https://a.example is expired' >&2; exit 1")
    with pytest.raises(Failed) as told:
        bootstrap("forky", (), tmp_path / "other", silent, tmp_path / "apt")
    assert 'frozen = ["forky"]' in told.value.hint


def test_a_login_in_the_hosts_own_apt_lines_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It would stand in mmdebstrap's arguments; the way out is the table."""
    program = fake(tmp_path, monkeypatch)
    (tmp_path / "apt").mkdir()
    (tmp_path / "apt/sources.list").write_text("deb https://ana:geheim@a.example/debian trixie main\n")

    with pytest.raises(Refused) as told:
        bootstrap("trixie", ("python3",), tmp_path / "base", silent, apt=tmp_path / "apt")

    assert "[mirror.credentials]" in told.value.hint
    assert "geheim" not in f"{told.value.message}{told.value.why}"
    assert not program.with_name("mmdebstrap.runs").exists()
