"""The operating-system base of a release: a root file system that mmdebstrap makes from Debian's packages.

The .deb files that it consists of are kept beside it with their hashes, so that it can be made again when the
mirror has moved on. The tarball names no mirror, and holds no log, cache, manual or machine's own file.
"""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import shutil
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import IO, TYPE_CHECKING

from manager.apt_files import CONFIGURATION, handed, mirror_of
from manager.core.reach import AS_IT_IS
from manager.errors import Failed, Refused, Unreachable
from manager.world.bases.archived import DebPackage, archived, check_complete, digest_of, named
from manager.world.bases.hosts import host_mirror
from manager.world.bases.repository import repository

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from manager.core.reach import Reach

# Newer time stamps become this one (mmdebstrap's SOURCE_DATE_EPOCH): 2026-01-01, any fixed day would do.
_EPOCH = 1767225600
# Counts up when the same packages shall give another tarball, so that none of before is taken for it.
_RECIPE = 2
# No silence longer than two seconds.
_BEAT = 1.9
# Run on the new root ("$1") last. First what differs by day, machine or mirror, or is remade when it is missing;
# then what nobody reads in a container. Licences stay, as distributing the packages asks for them. (dpkg's own
# path-exclude does the same, but mmdebstrap then unpacks through a filter: measured, 20 s more.)
# apt's note of what came as a dependency goes as well: for R's packages it is another one where they come from the
# archive, and without it nothing in a base is ever taken for superfluous.
_SCRUB = (
    'cd "$1" && rm -rf var/cache/* var/lib/apt/lists/* var/log/* tmp/* run/* var/lib/dpkg/*-old'
    " var/lib/apt/extended_states"
    " etc/apt/sources.list etc/apt/sources.list.d/* etc/apt/apt.conf.d/98solvent etc/dpkg/dpkg.cfg.d/unsafe-io"
    " && : > etc/machine-id && : > etc/hostname && : > etc/resolv.conf"
    " && mkdir -p var/cache/apt/archives/partial var/lib/apt/lists/partial var/log/apt"
    " && rm -rf usr/share/man/* usr/share/info/* usr/share/locale/* usr/share/lintian"
    " && find usr/share/doc -type f ! -name copyright -delete && find usr/share/doc -type d -empty -delete"
)
# Where vendors' packages lie while they are installed: a folder that the new system has as well, and empty in the end.
_BOTH = "/tmp"  # noqa: S108 - each run has a folder of its own in it
# Comes with mmdebstrap: /usr is merged from the start, so bookworm needs no usrmerge, which brings 50 MB of Perl.
_MERGED = Path("/usr/share/mmdebstrap/hooks/maybe-merged-usr")
_NO_MIRROR = re.compile(
    r"Could not (?:resolve|connect)|Temporary failure resolving|Connection (?:refused|timed out|failed)"
    r"|Unable to connect|Network is unreachable|Certificate verification failed|\b40[137]  \S|No route to host",
    re.IGNORECASE,
)
# apt's words for a Valid-Until that is over.
_EXPIRED = re.compile(r"Release file for \S+ is expired")


@dataclass(frozen=True, slots=True)
class Base:
    """A base: its root file system, what it consists of, the tarball's SHA-256 (hex), and what was asked for."""

    tarball: Path
    packages: tuple[DebPackage, ...]
    digest: str
    request: str


@dataclass(frozen=True, slots=True)
class Vendored:
    """Vendors' files that go into a base: packages, and tar archives that are unpacked at / after them.

    ``key`` digests all of it.
    """

    packages: tuple[Path, ...] = ()
    archives: tuple[Path, ...] = ()
    key: str = ""


def bootstrap(
    suite: str,
    packages: tuple[str, ...],
    folder: Path,
    say: Callable[[str], None],
    apt: Path = Path("/etc/apt"),
    reach: Reach = AS_IT_IS,
    vendored: Vendored = Vendored(),
    archive: Iterable[Path] = (),
    *,
    anew: bool = False,
) -> Base:
    """Make the base of a suite with these packages: ``base.tar``, ``base.lock`` and ``debs/`` in ``folder``.

    The mirror is the one of ``reach``, else the host's own (from ``apt``), or mmdebstrap's default on a host that is
    no Debian. Its login and authorities lie outside of the new system, which remembers neither. With an ``archive``
    (.deb files) nothing else is asked, no mirror and no network: what comes of it is what it came of. ``folder``
    appears complete or not at all, in place of what was there; a whole base of the same suite and packages that
    lies there already is given back unless it is to be made ``anew``. ``say`` hears a line at least every two seconds.
    Raises Unreachable without mmdebstrap or without the mirror, Failed with mmdebstrap's last lines.
    """
    before = load(folder)
    request = _request(suite, packages, vendored)
    if before and not anew and before.request == request and _is_whole(before):
        say(f"base {suite}: made before")
        return before
    if not shutil.which("mmdebstrap"):
        raise Unreachable("mmdebstrap is not installed", why="it makes the base", hint="apt-get install mmdebstrap")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}-") as name,
        tempfile.TemporaryDirectory(dir=_BOTH, prefix="solvent-") as place,
        handed(reach) as beside,
    ):
        work = Path(name, "base")
        (work / "debs").mkdir(parents=True)
        kept = tuple(archive)
        sources = (repository(kept, suite, Path(place, "archive")),) if kept else _mirrored(suite, apt, reach, beside)
        brought = _named(vendored.packages, Path(place), suite)
        for file in brought:
            shutil.copyfile(file, work / "debs" / file.name)
        hooks = _hooks(brought, vendored.archives)
        wanted = (*(_all(kept, brought) or packages), *map(str, brought))
        _mmdebstrap(suite, wanted, hooks, work, sources, say, reach, beside)
        say(f"base {suite}: reading what it consists of")
        found = archived(work / "debs")
        check_complete(work / "status", found)
        (work / "status").unlink()
        digest = digest_of(work / "base.tar")
        base = Base(folder / "base.tar", found, digest, request)
        (work / "base.lock").write_text(_render(base))
        if folder.exists():
            folder.rename(Path(name, "before"))
        work.rename(folder)
    return base


def _all(archive: tuple[Path, ...], vendored: tuple[Path, ...]) -> tuple[str, ...]:
    """Name every package of an archive but the vendors', which are installed from their files.

    A mirror's index says what a minimal system has: its priorities are Debian's own, and not those in the packages.
    """
    beside = {one.name for one in vendored}
    return tuple(sorted({named(one.name)[0] for one in archive if one.name not in beside}))


def _mirrored(suite: str, apt: Path, reach: Reach, beside: Path) -> tuple[str, ...]:
    """Give apt's lines for the mirror; raises Refused for one whose address carries a login."""
    mirror = mirror_of(reach, beside) or host_mirror(apt, reach.mirrors.frozen)
    if mirror and mirror.carries_login:
        raise Refused(
            f"base {suite}: an address in the host's apt sources carries a login",
            why="mmdebstrap is given the address in its arguments, which every process of this machine can read",
            hint="set the address without it in [mirror]:  apt, and in [mirror.credentials]:  apt",
        )
    return mirror.lines(suite) if mirror else ()


def load(folder: Path) -> Base | None:
    """Give a base that :func:`bootstrap` made; None when there is none. The tarball is not read again."""
    try:
        text = (folder / "base.lock").read_text()
    except FileNotFoundError:
        return None
    request, digest, *packages = [line for line in text.splitlines() if not line.startswith("#")]
    found = tuple(DebPackage(*line.split()) for line in packages)
    return Base(folder / "base.tar", found, digest.removeprefix("sha256 "), request)


def _mmdebstrap(
    suite: str,
    packages: tuple[str, ...],
    hooks: list[str],
    work: Path,
    sources: tuple[str, ...],
    say: Callable[[str], None],
    reach: Reach,
    beside: Path,
) -> None:
    debs, status = shlex.quote(str(work / "debs")), shlex.quote(str(work))
    words = [*_apart(), "mmdebstrap", "--variant=minbase", f"--include={','.join(packages)}"]
    if (beside / CONFIGURATION).exists():
        # apt runs outside of the new system and reads the options that lie in it; the next hook asks it already.
        place = "/etc/apt/apt.conf.d/98solvent"
        words += [f'--setup-hook=cp {shlex.quote(str(beside / CONFIGURATION))} "$1"{place}']
    words += [f"--hook-directory={_MERGED}"] if _MERGED.is_dir() else []
    words += [
        # A base that is half on disk after a power cut is made again: syncing each file would buy nothing.
        '--setup-hook=echo force-unsafe-io > "$1"/etc/dpkg/dpkg.cfg.d/unsafe-io',
        # mmdebstrap would delete the archives of essential packages once they are installed.
        "--skip=essential/unlink",
        *hooks,
        f"--customize-hook=sync-out /var/cache/apt/archives {debs}",
        f"--customize-hook=copy-out /var/lib/dpkg/status {status}",
        f"--customize-hook={_SCRUB}",
        suite,
        str(work / "base.tar"),
        *sources,
    ]
    fixed = {"SOURCE_DATE_EPOCH": str(_EPOCH), "TZ": "UTC", "LC_ALL": "C.UTF-8"}
    environment = os.environ | fixed | dict(reach.proxy())
    began = time.monotonic()
    last: list[str] = []
    with subprocess.Popen(
        words,
        env=environment,
        umask=0o022,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
    ) as process:
        assert process.stderr
        reader = Thread(target=_keep, args=(process.stderr, last), daemon=True)
        reader.start()
        try:
            while _running(process):
                say(f"base {suite}: {_doing(last)} ({time.monotonic() - began:.0f} s)")
        except BaseException:
            # It removes its own temporary folder when it is asked to end.
            process.terminate()
            raise
        reader.join()
    if process.returncode:
        raise _translated(suite, reach.masked("\n".join(last)), reach)


def _apart() -> tuple[str, ...]:
    """Give what begins a program in a mount namespace of its own.

    As root mmdebstrap mounts the host's /proc, /sys and devices in the new system. Where it is killed they go with the
    namespace; they would stay, and whoever clears its folder away would reach through them. A user has no such mounts.
    """
    return ("unshare", "--mount", "--propagation", "private") if os.geteuid() == 0 else ()


def _named(debs: tuple[Path, ...], folder: Path, suite: str) -> tuple[Path, ...]:
    """Copy vendors' packages under the names that apt gives archives; raises Failed for one that is none."""
    # In a user's own name space another user reads them.
    folder.chmod(0o755)
    found = []
    for deb in debs:
        form = "${Package}_${Version}_${Architecture}"
        words = ["dpkg-deb", "--show", f"--showformat={form}", str(deb)]
        read = subprocess.run(words, capture_output=True, text=True, check=False)
        if read.returncode:
            raise Failed(f"base {suite}: {deb.name} is no Debian package", why=read.stderr.strip())
        found.append(Path(shutil.copyfile(deb, folder / f"{read.stdout.replace(':', '%3a')}.deb")))
    return tuple(found)


def _hooks(debs: tuple[Path, ...], archives: tuple[Path, ...]) -> list[str]:
    """Give the hooks that bring in vendors' files.

    apt runs outside of the new system and dpkg inside of it, so a package lies at one path in both while it is
    installed.
    """
    words = []
    if debs:
        place = shlex.quote(str(debs[0].parent))
        words.append(f'--essential-hook=mkdir -p "$1"{place}')
        words += [f"--essential-hook=upload {shlex.quote(str(one))} {shlex.quote(str(one))}" for one in debs]
    return [*words, *(f"--customize-hook=tar-in {shlex.quote(str(one))} /" for one in archives)]


def _running(process: subprocess.Popen[str]) -> bool:
    try:
        process.wait(_BEAT)
    except subprocess.TimeoutExpired:
        return True
    return False


def _doing(last: list[str]) -> str:
    """Give mmdebstrap's own last word, without apt's and without the text of our hooks."""
    said = next((line[3:] for line in reversed(last) if line.startswith("I: ")), "starting")
    return "tidying up" if said.startswith("running --") else said


def _keep(stream: IO[str], last: list[str]) -> None:
    # An interrupt closes the stream under its reader.
    with contextlib.suppress(ValueError):
        for line in stream:
            if line.strip():
                last.append(line.strip()[:300])
                del last[:-30]


def _translated(suite: str, why: str, reach: Reach) -> Failed | Unreachable:
    if _NO_MIRROR.search(why):
        hint = "apt's sources name it: apt-get update"
        if reach.mirrors.apt:
            hint = "see  mirror.apt, mirror.ca_bundle  and  mirror.credentials.apt  in  solvent config show"
        return Unreachable(f"base {suite}: the Debian mirror does not answer", why=why, hint=hint)
    if _EXPIRED.search(why):
        hint = f'if that mirror stands still on purpose, say so in [mirror]:  frozen = ["{suite}"]'
        return Failed(f"base {suite}: the Release file of the Debian mirror is past its date", why=why, hint=hint)
    if "NO_PUBKEY" in why:
        hint = 'name the key that signs it in [mirror]:  apt_keyring = "FILE"'
        return Failed(f"base {suite}: the Debian mirror is signed with a key that is not known", why=why, hint=hint)
    return Failed(f"base {suite}: mmdebstrap failed", why=why, hint="its last line says why")


def _request(suite: str, packages: tuple[str, ...], vendored: Vendored) -> str:
    return f"{suite} {','.join(packages)} recipe {_RECIPE}" + (f" with {vendored.key}" if vendored.key else "")


def _is_whole(base: Base) -> bool:
    return base.tarball.is_file() and digest_of(base.tarball) == base.digest


def _render(base: Base) -> str:
    lines = ["# what was asked for, the tarball, then: package version architecture sha256", base.request]
    lines.append(f"sha256 {base.digest}")
    lines += [f"{one.name} {one.version} {one.architecture} {one.sha256}" for one in base.packages]
    return "\n".join(lines) + "\n"
