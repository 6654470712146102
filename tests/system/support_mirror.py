"""Makes what a company has: an authority of its own, an index, a signed Debian mirror, and logins to both."""

from __future__ import annotations

import hashlib
import json
import re
import secrets
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from email.utils import formatdate
from pathlib import Path

SERVER = Path(__file__).with_name("mirror_server.py")
PORT = 8443


@dataclass(frozen=True)
class Place:
    """A folder with everything that the server gives out; ``logins`` are ``user:password`` by key."""

    folder: Path
    logins: dict[str, str]

    @property
    def address(self) -> str:
        """Give the server's address in the namespace."""
        return f"https://127.0.0.1:{PORT}"

    @property
    def table(self) -> str:
        """Give the table ``[mirror]`` without logins."""
        return (
            f'[mirror]\npython = "{self.address}/simple"\napt = "{self.address}/debian"\n'
            f'apt_keyring = "{self.folder}/mirror.gpg"\nca_bundle = "{self.folder}/ca.pem"\n'
        )

    @property
    def credentials(self) -> str:
        """Give the table ``[mirror.credentials]``, by files that only the user can read."""
        return "[mirror.credentials]\n" + "".join(f'{key} = "file:{self.folder}/{key}.login"\n' for key in self.logins)

    def requests(self, status: int, part: str) -> list[str]:
        """Give the paths of requests that were answered so."""
        log = self.folder / "access.log"
        rows = [line.split(" ", 2) for line in log.read_text().splitlines()] if log.exists() else []
        return [row[2] for row in rows if row[:2] == [str(status), part]]


def place(folder: Path, debs: Path, suite: str, addresses: tuple[str, ...] = ()) -> Place:
    """Make the place: certificates for 127.0.0.1 and other addresses, and the archive of a suite from .deb files."""
    made = Place(folder, {key: f"ana:{secrets.token_urlsafe(24)}" for key in ("python", "apt")})
    for name in ("wheels", "debian"):
        (folder / name).mkdir(parents=True)
    (folder / "logins.json").write_text(json.dumps(made.logins))
    for key, login in made.logins.items():
        (folder / f"{key}.login").touch(mode=0o600)
        (folder / f"{key}.login").write_text(login)
    certificates(folder, ("127.0.0.1", *addresses))
    _archive(folder, debs, suite)
    return made


def run(*words: str, **more: object) -> subprocess.CompletedProcess[str]:
    """Run a command that has to succeed."""
    done = subprocess.run(words, text=True, capture_output=True, check=False, **more)  # type: ignore[call-overload]
    assert done.returncode == 0, f"{words}: {done.stderr}"
    return done  # type: ignore[no-any-return]


def wheels(folder: Path, requirements: tuple[str, ...], python: str) -> None:
    """Collect real wheels with what they need for both machines, from whatever index this machine has."""

    def collect(machine: str) -> None:
        platforms = [f"--platform=manylinux{glibc}_{machine}" for glibc in ("_2_28", "2014", "_2_17")]
        get = (sys.executable, "-m", "pip", "download", "-q", "--only-binary=:all:", "--disable-pip-version-check")
        run(*get, *platforms, f"--python-version={python}", "-d", str(folder / machine), *requirements)

    with ThreadPoolExecutor(2) as both:
        list(both.map(collect, ("x86_64", "aarch64")))
    for wheel in [*folder.glob("*/*.whl")]:
        wheel.replace(folder / wheel.name)


def certificates(folder: Path, addresses: tuple[str, ...]) -> None:
    """Make an authority, ``ca.pem``, and ``server.pem``, which it signed."""
    names = ",".join(f"IP:{one}" for one in addresses)
    new = (
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
        "-days",
        "2",
    )
    authority = ("-subj", "/CN=Example Authority", "-addext", "basicConstraints=critical,CA:TRUE")
    run(*new, *authority, "-keyout", str(folder / "ca.key"), "-out", str(folder / "ca.pem"))
    signed = ("-CA", str(folder / "ca.pem"), "-CAkey", str(folder / "ca.key"), "-subj", "/CN=mirror")
    about = ("-addext", f"subjectAltName={names},DNS:mirror.invalid", "-addext", "basicConstraints=critical,CA:FALSE")
    key, certificate = folder / "server.key", folder / "server.crt"
    run(*new, *signed, *about, "-keyout", str(key), "-out", str(certificate))
    (folder / "server.pem").touch(mode=0o600)
    (folder / "server.pem").write_text(key.read_text() + certificate.read_text())


def _archive(folder: Path, debs: Path, suite: str) -> None:
    """Make a Debian archive (repository format of the Debian wiki) of .deb files, signed with a key made for it."""
    pool = folder / "debian" / "pool"
    pool.mkdir()
    with ThreadPoolExecutor(4) as several:
        stanzas = list(several.map(lambda deb: _stanza(deb, pool), sorted(debs.glob("*.deb"))))
    home = folder / "gnupg"
    home.mkdir(mode=0o700)
    gpg = ("gpg", "--homedir", str(home), "--batch", "--yes", "--pinentry-mode", "loopback", "--passphrase", "")
    run(*gpg, "--quick-generate-key", "mirror@example.invalid", "ed25519", "sign", "never")
    run(*gpg, "--output", str(folder / "mirror.gpg"), "--export")
    for name, content in ((suite, "\n".join(stanzas)), (f"{suite}-updates", "")):
        dist = folder / "debian" / "dists" / name
        for architecture in ("amd64", "all"):
            index = dist / "main" / f"binary-{architecture}" / "Packages"
            index.parent.mkdir(parents=True)
            index.write_text(content if architecture == "amd64" else "")
        rows = [
            f" {hashlib.sha256(one.read_bytes()).hexdigest()} {one.stat().st_size} {one.relative_to(dist)}"
            for one in sorted(dist.rglob("Packages"))
        ]
        head = f"Origin: Example\nSuite: {name}\nCodename: {name}\nDate: {formatdate(usegmt=True)}\n"
        about = re.sub("GMT", "UTC", head) + "Architectures: amd64\nComponents: main\nSHA256:\n"
        (dist / "Release").write_text(about + "\n".join(rows) + "\n")
        run(*gpg, "--clearsign", "--output", str(dist / "InRelease"), str(dist / "Release"))
    subprocess.run(("gpgconf", "--homedir", str(home), "--kill", "all"), check=False, capture_output=True)


def _stanza(deb: Path, pool: Path) -> str:
    """Put a package into the pool; give its part of the index."""
    # An epoch's colon stands in the name as %3a, which a server would decode.
    name = deb.name.replace("%3a", "+")
    shutil.copyfile(deb, pool / name)
    fields = run("dpkg-deb", "--field", str(deb)).stdout.rstrip("\n")
    digest = hashlib.sha256(deb.read_bytes()).hexdigest()
    return f"{fields}\nFilename: pool/{name}\nSize: {deb.stat().st_size}\nSHA256: {digest}\n"
