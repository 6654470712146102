"""Mirrors: what the table may hold, how tables are joined, and what tools are given."""

from __future__ import annotations

import base64
import subprocess
import tomllib
from typing import TYPE_CHECKING

import pytest

from manager.core import apt
from manager.core.mirror_delivery import mirror_files
from manager.core.mirror_table import faults, origins, read
from manager.core.mirrors import NOTHING_SET, Mirrors, merged
from manager.core.reach import AS_IT_IS, Login, Reach, login_of
from manager.core.secrets import Secret
from manager.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

PASSWORD = "p@ss/w'ord%1"


def table(text: str, file: str = "config.toml") -> Mirrors:
    """Read a table as a file would give it."""
    found = tomllib.loads(text)["mirror"]
    assert list(faults(found)) == []
    return read(found, "/place", origins(text, file))


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ('python = "https://ana:geheim@index.example/simple"', "carries credentials"),
        ('proxy = "http://ana@proxy.example:3128"', "carries credentials"),
        ('apt = "ftp://mirror.example/debian"', "must be an http"),
        ('apt = "https://mirror.example/debian trixie main"', "must be an http"),
        ('npm = "https://npm.example/?token=geheim"', "must be an http"),
        ('cran = "https://cran.example/\\nx"', "must be an http"),
        ('python = "https://index.example:99999/simple"', "must be an http"),
        ('registry = "https://registry.example"', "must be a host"),
        ('registry = "ana:geheim@registry.example"', "must be a host"),
        ("no_proxy = 'localhost,x'", "must be an array"),
        ("no_proxy = ['a,b']", "must be a host name"),
        ("frozen = 'forky'", "must be an array"),
        ("frozen = ['forky main']", "must be a Debian suite"),
        ("pyhton = 'https://index.example'", "unknown key"),
        ("python = 1", "must be a string"),
        ('credentials = { python = "geheim" }', "no reference"),
        ('credentials = { pip = "env:X" }', "unknown key"),
        ("credentials = 'env:X'", "must be a table"),
    ],
)
def test_what_cannot_be_used_is_told_without_repeating_it(line: str, why: str) -> None:
    """Each wrong value is one fault; what may be a password is in none of them."""
    (fault,) = faults(tomllib.loads(line))

    assert why in fault.why
    assert "geheim" not in fault.why + fault.hint


def test_a_table_knows_where_each_key_stands() -> None:
    """Relative paths are the file's own; every key has its line, those of logins too."""
    text = '[mirror]\npython = "https://i.example/simple/"\nca_bundle = "ca.pem"\n\n'
    text += '[mirror.credentials]\npython = "env:X"\n'

    found = table(text)

    assert (found.python, found.ca_bundle) == ("https://i.example/simple", "/place/ca.pem")
    assert dict(found.origins) == {
        "python": "config.toml:2",
        "ca_bundle": "config.toml:3",
        "credentials.python": "config.toml:6",
    }


def test_above_wins_key_by_key_even_with_nothing() -> None:
    """A machine that stands elsewhere sets a key to nothing; the others stay."""
    below = table(
        '[mirror]\npython = "https://i.example"\nnpm = "https://n.example"\nca_bundle = "/ca.pem"\n', "catalog"
    )
    above = table('[mirror]\npython = ""\nproxy = "http://proxy.example:3128"\n', "person")

    joined = merged(below, above)

    assert (joined.python, joined.npm, joined.proxy) == ("", "https://n.example", "http://proxy.example:3128")
    assert dict(joined.origins)["python"] == "person:2"
    assert merged(below, NOTHING_SET) == below


def test_a_login_never_goes_to_another_address() -> None:
    """Who names another address leaves the login of the one below behind, and the security archive with apt's."""
    below = table(
        '[mirror]\npython = "https://i.example"\napt = "https://a.example"\napt_security = "https://s.example"\n'
        '[mirror.credentials]\npython = "env:SHARED"\napt = "env:SHARED"\n'
    )

    moved = merged(below, table('[mirror]\npython = "https://other.example"\napt = "https://b.example"\n'))
    same = merged(below, table('[mirror]\npython = "https://i.example"\n'))
    mine = merged(below, table('[mirror.credentials]\npython = "env:MINE"\n'))

    assert moved.credentials == ()
    assert moved.apt_security == ""
    assert not [key for key, _ in moved.origins if key.startswith(("credentials", "apt_"))]
    assert dict(same.credentials)["python"] == "env:SHARED"
    assert dict(mine.credentials)["python"] == "env:MINE"


@pytest.mark.parametrize(
    ("reference", "pulled"),
    [
        ("debian@sha256:1", "m.example/hub/library/debian@sha256:1"),
        ("team/base@sha256:1", "m.example/hub/team/base@sha256:1"),
        ("docker.example/team/base:1", "m.example/hub/team/base:1"),
        ("localhost/base", "m.example/hub/base"),
        ("127.0.0.1:5000/base@sha256:1", "m.example/hub/base@sha256:1"),
    ],
)
def test_the_registry_stands_in_for_a_host(reference: str, pulled: str) -> None:
    """The host of a reference is replaced, by Docker's own rule of what is one."""
    assert Mirrors(registry="m.example/hub").image(reference) == pulled
    assert NOTHING_SET.image(reference) == reference


def test_a_login_is_user_and_password() -> None:
    """A password may hold a colon; what is no login is refused without a word of it."""
    assert login_of("python", Secret("ana:a:b")) == Login("ana", Secret("a:b"))
    for wrong in ("geheim", ":geheim", "geheim:", "ana:ge\nheim"):
        with pytest.raises(UsageError) as told:
            login_of("python", Secret(wrong))
        assert "geheim" not in told.value.message
    assert login_of("python", Secret("ana:two words"))
    with pytest.raises(UsageError):
        login_of("apt", Secret("ana:two words"))


def reach(**more: str) -> Reach:
    """Give a way with a login to everything."""
    mirrors = Mirrors(
        python="https://i.example/simple", apt="https://a.example/debian", npm="https://n.example/npm",
        cran="https://c.example", proxy="http://proxy.example:3128", no_proxy=(".example",), **more,
    )  # fmt: skip
    login = Login("ana", Secret(PASSWORD))
    return Reach(mirrors, tuple((key, login) for key in ("python", "apt", "npm", "cran", "proxy")), "PEM\n", "ALL\n")


def test_passwords_show_nowhere_and_are_taken_out_of_what_programs_say() -> None:
    """A way can be printed; an error of a program that repeats an address cannot give it away."""
    way = reach()

    assert PASSWORD not in repr(way)
    assert PASSWORD not in way.masked(f"no answer from {PASSWORD} at {way.opened('python')}")
    assert "ana" in way.opened("python")
    assert "ord%251@i.example/simple" in way.opened("python")
    assert AS_IT_IS.proxy() == {}


def test_tools_inside_find_the_mirrors(tmp_path: Path) -> None:
    """Each tool has its file, and the shell's variables name them, whatever the password holds."""
    files = {file.path.removeprefix("mirror/"): file.content.decode() for file in mirror_files(reach(), "trixie")}
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)

    script = f'. {tmp_path}/variables; printf "%s\\n" "$HTTPS_PROXY" "$NO_PROXY" "$XDG_CONFIG_DIRS" "$SSL_CERT_FILE"'
    printed = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True).stdout.splitlines()

    way = reach()
    assert printed[0] == way.opened("proxy")
    assert printed[1] == "localhost,127.0.0.1,::1,.example"
    assert printed[2] == "/run/solvent/mirror:/etc/xdg"
    assert printed[3] == "/run/solvent/mirror/authorities.pem"
    assert way.opened("python") in files["pip/pip.conf"]
    assert tomllib.loads(files["uv/uv.toml"])["index"] == [{"url": way.opened("python"), "default": True}]
    word = base64.b64encode(f"ana:{PASSWORD}".encode()).decode()
    assert files["npmrc"] == f"registry=https://n.example/npm/\n//n.example/npm/:_auth={word}\n"
    assert way.opened("cran") in files["Rprofile"]
    assert files["apt/auth.conf"] == f"machine https://a.example/debian login ana password {PASSWORD}\n"
    assert PASSWORD not in files["apt/apt.conf"] + files["apt/sources.list"]
    assert "https://a.example/debian trixie main" in files["apt/sources.list"]


def test_nothing_set_gives_nothing() -> None:
    """Where no mirror is set, an environment gets no file and no variable."""
    assert mirror_files(AS_IT_IS, "trixie") == ()


def test_what_a_build_is_told_holds_no_login() -> None:
    """A build's arguments stay in the history: the mirror's address, its key and its authorities, and no password."""
    way = reach()

    told = apt.build_sources(way.mirrors, "PEM", b"key")

    assert PASSWORD not in repr(told)
    assert told.mirror == apt.Mirror("https://a.example/debian", "", "/run/apt-key.gpg")
    assert 'Acquire::https::Proxy::a.example "DIRECT";' in told.options
    assert not told.carries_login
    assert apt.BuildSources(apt.Mirror("http://ana:geheim@a.example/debian")).carries_login


def test_dates_are_not_held_against_a_suite_that_stands_still_and_against_no_other() -> None:
    """Here or inside an environment: its lines say so, those of other suites do not, and the signature counts."""
    mirrors = table("[mirror]\napt = 'https://a.example/debian'\nfrozen = ['forky']")
    way = Reach(mirrors, keyring=b"key")

    told = {
        suite: (
            apt.Mirror(mirrors.apt, keyring="/key", frozen=mirrors.frozen).lines(suite)[0],
            next(one for one in mirror_files(way, suite) if one.path == "mirror/apt/sources.list").content.decode(),
        )
        for suite in ("forky", "trixie")
    }

    assert told["forky"][0] == 'deb [signed-by="/key" check-valid-until=no] https://a.example/debian forky main'
    assert told["forky"][1].count("check-valid-until=no") == 2
    assert told["trixie"][0] == 'deb [signed-by="/key"] https://a.example/debian trixie main'
    assert "valid" not in told["trixie"][1]
    assert "trusted" not in str(told)
