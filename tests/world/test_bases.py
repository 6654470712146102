"""Bases: the host's own mirror, mmdebstrap's answers, and the same bytes twice (slow, needs root and a mirror)."""

from __future__ import annotations

import hashlib
import io
import itertools
import os
import subprocess
import tarfile
import time
from pathlib import Path

import pytest

from manager.core.apt import Mirror
from manager.errors import Failed, Unreachable
from manager.world.bases import DebPackage, Vendored, bootstrap, host_mirror, load

# An mmdebstrap that plays one: it makes what the options ask for, without a mirror.
FAKE = r"""#!/bin/sh
echo "I: downloading packages with apt..." >&2
for word in "$@"; do
    case "$word" in
        --customize-hook=sync-out*) debs=${word##* } ;;
        --customize-hook=copy-out*) status=${word##* } ;;
        *.tar) tarball=$word ;;
    esac
done
{behaviour}
printf 'one' > "$debs/libone_1%3a2.0-1_amd64.deb"
printf 'two' > "$debs/two_3_all.deb"
mkdir "$debs/partial" && touch "$debs/lock"
printf 'Package: libone\nStatus: install ok installed\nVersion: 1:2.0-1\n\n' > "$status/status"
printf 'Package: two\nStatus: install ok installed\nVersion: 3\n\n' >> "$status/status"
printf 'Package: was\nStatus: deinstall ok config-files\nVersion: 1\n' >> "$status/status"
printf 'root file system of %s' "$*" | head -c 20 > "$tarball"
echo run >> "$0.runs"
"""
PACKAGES = (
    DebPackage("libone", "1:2.0-1", "amd64", hashlib.sha256(b"one").hexdigest()),
    DebPackage("two", "3", "all", hashlib.sha256(b"two").hexdigest()),
)


def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, behaviour: str = "") -> Path:
    """Put a fake mmdebstrap on the path."""
    program = tmp_path / "bin" / "mmdebstrap"
    program.parent.mkdir(exist_ok=True)
    program.write_text(FAKE.replace("{behaviour}", behaviour))
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    return program


def silent(_: str) -> None:
    """Hear nothing."""


def test_a_base_knows_each_package_and_keeps_its_archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bootstrapped base lists its packages with the archives' hashes, and is loaded as it was."""
    fake(tmp_path, monkeypatch)

    base = bootstrap("trixie", ("python3",), tmp_path / "bases/one", silent)

    assert base.packages == PACKAGES
    assert base.digest == hashlib.sha256(base.tarball.read_bytes()).hexdigest()
    assert len(list((tmp_path / "bases/one/debs").iterdir())) == 2
    assert [one.name for one in (tmp_path / "bases").iterdir()] == ["one"]
    assert load(tmp_path / "bases/one") == base
    assert load(tmp_path / "bases/none") is None


def test_a_whole_base_is_made_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same request finds the base; another request, or a tarball that changed, makes it anew."""
    runs = fake(tmp_path, monkeypatch).with_name("mmdebstrap.runs")
    folder = tmp_path / "base"
    first = bootstrap("trixie", ("python3",), folder, silent)

    assert bootstrap("trixie", ("python3",), folder, silent) == first
    assert runs.read_text().count("run") == 1

    first.tarball.write_bytes(b"changed")
    assert bootstrap("trixie", ("python3",), folder, silent) == first
    assert runs.read_text().count("run") == 2

    bootstrap("trixie", ("python3", "git"), folder, silent)
    assert runs.read_text().count("run") == 3


def test_an_installed_package_without_its_archive_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A base that could not be made again from its archives is none; what was there stays."""
    fake(tmp_path, monkeypatch)
    before = bootstrap("trixie", ("python3",), tmp_path / "base", silent)
    program = fake(tmp_path, monkeypatch)
    program.write_text(program.read_text().replace('"$debs/two_3_all.deb"', "/dev/null"))

    with pytest.raises(Failed) as caught:
        bootstrap("trixie", ("git",), tmp_path / "base", silent)

    assert caught.value.why.endswith("not here: two 3")
    assert load(tmp_path / "base") == before


def test_failures_tell_the_mirror_from_the_request(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No mirror is unreachable, another failure is failed; both with mmdebstrap's last lines, nothing left behind."""
    fake(tmp_path, monkeypatch, 'echo "E: Unable to locate package nonsense" >&2; exit 1')
    with pytest.raises(Failed) as failed:
        bootstrap("trixie", ("nonsense",), tmp_path / "bases/one", silent)

    fake(tmp_path, monkeypatch, "echo \"Err: Could not resolve 'mirror.invalid'\" >&2; exit 1")
    with pytest.raises(Unreachable) as unreachable:
        bootstrap("trixie", ("python3",), tmp_path / "bases/one", silent)

    assert "locate package nonsense" in failed.value.why
    assert "mirror.invalid" in unreachable.value.why
    assert list((tmp_path / "bases").iterdir()) == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root's bootstrap mounts anything")
def test_a_killed_bootstrap_leaves_nothing_mounted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it mounts is in a namespace of its own: the host never has it, and it goes with the process."""
    seen, place = tmp_path / "seen", tmp_path / "new"
    place.mkdir()
    mounts = f"mount -t tmpfs none {place} && grep -c {place} /proc/self/mounts >{seen}; kill -9 $$"
    fake(tmp_path, monkeypatch, mounts)

    with pytest.raises(Failed):
        bootstrap("trixie", ("python3",), tmp_path / "base", silent)

    assert seen.read_text() == "1\n"
    assert str(place) not in Path("/proc/self/mounts").read_text()


def test_no_mmdebstrap_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the program there is a hint with the command that installs it."""
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(Unreachable) as caught:
        bootstrap("trixie", ("python3",), tmp_path / "base", silent)

    assert caught.value.hint == "apt-get install mmdebstrap"


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        (
            "sources.list.d/debian.sources",
            "Types: deb\nURIs: http://m.invalid/debian\nSuites: bookworm\nComponents: main\n\n"
            "Types: deb\nURIs: http://m.invalid/debian-security\nSuites: bookworm-security\nComponents: main\n",
            Mirror("http://m.invalid/debian", "http://m.invalid/debian-security"),
        ),
        (
            "sources.list",
            "# deb http://old.invalid/debian sid main\n"
            "deb [signed-by=/x.gpg] http://m.invalid/debian/ bookworm main contrib\n"
            "deb-src http://src.invalid/debian bookworm main\n",
            Mirror("http://m.invalid/debian"),
        ),
        ("sources.list", "deb http://m.invalid/ubuntu noble main universe\n", None),
        (
            "sources.list.d/off.sources",
            "Enabled: no\nTypes: deb\nURIs: http://m.invalid/debian\nSuites: sid\nComponents: main\n",
            None,
        ),
    ],
)
def test_the_mirror_is_the_hosts(tmp_path: Path, name: str, text: str, expected: Mirror | None) -> None:
    """Both formats of apt's sources are read; what is no Debian archive, or switched off, is no mirror."""
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text(text)

    assert host_mirror(tmp_path) == expected


def test_a_mirror_gives_updates_and_security_fixes() -> None:
    """A suite comes with its updates, and with security fixes where the host has them."""
    assert Mirror("http://m/debian").lines("trixie") == (
        "deb http://m/debian trixie main",
        "deb http://m/debian trixie-updates main",
    )
    assert Mirror("http://m/debian", "http://m/s").lines("trixie")[2] == "deb http://m/s trixie-security main"


# The engine's mark is for what is installed together with an engine: mmdebstrap.
@pytest.mark.engine
@pytest.mark.slow
def test_the_same_base_twice_is_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Folder, umask, time zone and where packages come from leave no trace; no mirror is named, no wait is silent.

    Vendors' files are in it: a package with what it depends on, which is kept with the others, and an archive.
    """
    heard: list[float] = []
    vendored = _vendored(tmp_path)

    first = bootstrap(
        "bookworm", ("ca-certificates",), tmp_path / "one", lambda _: heard.append(time.monotonic()), vendored=vendored
    )
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    before = os.umask(0o077)
    try:
        second = bootstrap("bookworm", ("ca-certificates",), tmp_path / "with a space", silent, vendored=vendored)
        # Where Debian's index no longer says what a minimal system has, the archive still does.
        debs = sorted((tmp_path / "one/debs").iterdir())
        third = bootstrap("bookworm", ("ca-certificates",), tmp_path / "3", silent, vendored=vendored, archive=debs)
    finally:
        os.umask(before)

    assert second.digest == first.digest == third.digest
    assert second.packages == first.packages == third.packages
    assert max(after - before for before, after in itertools.pairwise(heard)) < 2.5
    mirror = host_mirror() or Mirror("http://none.invalid/debian")
    named = mirror.main.split("/")[2].encode()
    with tarfile.open(first.tarball) as archive:
        settings = [one for one in archive.getmembers() if one.name.startswith(("./etc/", "./var/")) and one.isfile()]
        assert settings
        assert not [one.name for one in settings if named in archive.extractfile(one).read()]  # type: ignore[union-attr]
        assert not [name for name in archive.getnames() if "/share/man/" in name or "sources.list.d/" in name]
        assert not [name for name in archive.getnames() if name.startswith("./tmp/")]
        assert archive.extractfile("./opt/client/version").read() == b"19.1\n"  # type: ignore[union-attr]
        assert archive.extractfile("./opt/vendor/odbc").read() == b"driver\n"  # type: ignore[union-attr]
        status = archive.extractfile("./var/lib/dpkg/status").read().decode()  # type: ignore[union-attr]
    for name in ("vendor-odbc", "netbase"):
        assert f"Package: {name}\nStatus: install ok installed" in status
        assert any(one.name == name for one in first.packages)


def _vendored(folder: Path) -> Vendored:
    """Make a vendor's package, which depends on one of Debian's, under a name of the vendor's; and an archive."""
    root = folder / "odbc"
    (root / "DEBIAN").mkdir(parents=True)
    (root / "opt/vendor").mkdir(parents=True)
    (root / "opt/vendor/odbc").write_text("driver\n")
    (root / "DEBIAN/control").write_text(
        "Package: vendor-odbc\nVersion: 1:2.0-1\nArchitecture: all\nDepends: netbase\n"
        "Maintainer: Vendor <v@v.invalid>\nDescription: a driver\n"
    )
    package = folder / "msodbcsql 18.deb"
    subprocess.run(["dpkg-deb", "--build", "--root-owner-group", str(root), str(package)], check=True)
    with tarfile.open(folder / "client.tar", "w") as archive:
        info = tarfile.TarInfo("opt/client/version")
        info.size = 5
        archive.addfile(info, io.BytesIO(b"19.1\n"))
    return Vendored((package,), (folder / "client.tar",), "1")
