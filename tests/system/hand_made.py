"""Containers as people make them without Solvent: bytes by hand in the layouts of real package managers."""

from __future__ import annotations

import io
import json
import subprocess
import tarfile
import zipfile
from dataclasses import dataclass, field
from typing import Literal

from tests.system.world import docker

ELF = b"\x7fELF\x02\x01\x01" + bytes(57)
PYTHON = "/usr/local/lib/python3.13/site-packages"


@dataclass(frozen=True)
class HandMade:
    """A container: what is put into it, how it is made, what becomes of it, and what a scan has to say of it.

    ``image`` is empty for the session's base, and ``plain`` for one with nothing in it: ``files`` are copied into their
    containers. An image of its own has these files alone, and one that is ``deleted`` is so before anybody looks.
    ``BASE`` stands for the Python of the session's base, where the container stands on that.
    """

    name: str
    files: dict[str, bytes] = field(default_factory=dict)
    options: tuple[str, ...] = ()
    image: Literal["", "plain", "scratch", "deleted"] = ""
    then: tuple[str, ...] = ()
    ides: tuple[str, ...] = ()
    languages: tuple[str, ...] = ("BASE",)
    drivers: tuple[str, ...] = ()
    state: str = "created"
    owner: str = ""


def metadata(name: str, version: str, place: str = PYTHON) -> dict[str, bytes]:
    """Give an installed Python package."""
    text = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n\nText\n".encode()
    return {f"{place}/{name.replace('-', '_')}-{version}.dist-info/METADATA": text}


def conda(name: str, version: str) -> dict[str, bytes]:
    """Give an installed conda package."""
    return {
        f"/opt/conda/conda-meta/{name}-{version}-py39_0.json": json.dumps({"name": name, "version": version}).encode()
    }


def jar(*, driver: bool) -> bytes:
    """Give a jar."""
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as archive:
        archive.writestr("META-INF/MANIFEST.MF", "Manifest-Version: 1.0\n")
        if driver:
            archive.writestr("META-INF/services/java.sql.Driver", "org.postgresql.Driver")
    return whole.getvalue()


def packed(files: dict[str, bytes], uid: int = 0) -> bytes:
    """Give files as a tar."""
    whole = io.BytesIO()
    with tarfile.open(fileobj=whole, mode="w") as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(name.lstrip("/"))
            member.size, member.mode, member.uid, member.gid = len(content), 0o600 if uid else 0o755, uid, uid
            tar.addfile(member, io.BytesIO(content))
    return whole.getvalue()


def put(container: str, files: dict[str, bytes], place: str = "/", uid: int = 0) -> None:
    """Copy files into a container, as ``docker cp`` does."""
    words = ("docker", "cp", "-", f"{container}:{place}")
    subprocess.run(words, input=packed(files, uid), check=True, capture_output=True)


def imported(reference: str, files: dict[str, bytes]) -> None:
    """Make an image of these files alone."""
    words = ("docker", "import", "-c", 'CMD ["/nothing"]', "-", reference)
    subprocess.run(words, input=packed(files), check=True, capture_output=True)


def make(one: HandMade, base: str, prefix: str, meanings: dict[str, str]) -> None:
    """Make a container, ``meanings`` filled into its options, and do to it what shall become of it."""
    options = list(one.options)
    for word, meant in meanings.items():
        options = [option.replace(word, meant) for option in options]
    image, command = f"{prefix}plain:1" if one.image else base, ("sleep", "3600")
    if one.image in ("scratch", "deleted"):
        image, command = f"{prefix}{one.name}:1", ()
        imported(image, one.files)
    docker("create", "--name", prefix + one.name, *options, image, *command)
    if one.image == "deleted":
        docker("rmi", "-f", image)
    if one.files and one.image in ("", "plain"):
        put(prefix + one.name, one.files)
    for words in one.then:
        docker(*words.split(), prefix + one.name)


STATUS = (
    b"\nPackage: rstudio-server\nStatus: install ok installed\nVersion: 2024.04.2+764\n"
    b"\nPackage: r-base-core\nStatus: install ok installed\nVersion: 4.2.2.20221110-2\n"
)

TWENTY = (
    HandMade(
        "jupyter-pip", metadata("jupyterlab", "4.1.5"), then=("start",), ides=("jupyterlab 4.1.5",), state="running"
    ),
    HandMade(
        "jupyter-ana",
        metadata("notebook", "6.5.7") | metadata("psycopg", "3.1.18"),
        ("--label", "owner=ana"),
        ides=("notebook 6.5.7",),
        drivers=("psycopg 3.1.18",),
        owner="ana",
    ),
    HandMade(
        "conda",
        conda("python", "3.9.7") | conda("jupyterlab", "3.6.1") | {"/opt/conda/bin/python3.9": ELF},
        ides=("jupyterlab 3.6.1",),
        languages=("BASE", "Python 3.9.7"), image="plain"),
    HandMade(
        "venv",
        {"/srv/venv/pyvenv.cfg": b"home = /usr/bin\nversion = 3.11.2\n"}
        | metadata("jupyterlab", "4.0.9", "/srv/venv/lib/python3.11/site-packages"),
        then=("start", "stop -t 0"),
        ides=("jupyterlab 4.0.9",),
        languages=("BASE", "Python 3.11.2"),
        state="stopped",
    ),
    HandMade(
        "r",
        {
            "/usr/lib/R/library/base/DESCRIPTION": b"Package: base\nVersion: 4.2.2\n",
            "/usr/local/lib/R/site-library/RPostgres/DESCRIPTION": b"Package: RPostgres\nVersion: 1.4.6\n",
        },
        languages=("BASE", "R 4.2.2"),
        drivers=("RPostgres 1.4.6",), image="plain"),
    HandMade(
        "rstudio",
        {"/var/lib/dpkg/status": STATUS},
        ides=("rstudio 2024.04.2+764",),
        languages=("Python 3.13", "R 4.2.2.20221110"),
    ),
    HandMade(
        "code",
        {"/usr/lib/code-server/package.json": b'{"name": "code-server", "version": "4.91.1"}'},
        ides=("code-server 4.91.1",), image="plain"),
    HandMade(
        "vscode",
        {"/root/.vscode-server/bin/1/product.json": b'{"applicationName": "code", "version": "1.90.0"}'},
        ides=("vscode 1.90.0",), image="plain"),
    HandMade(
        "marimo",
        metadata("marimo", "0.10.0", "/root/.local/lib/python3.13/site-packages"),
        ides=("marimo 0.10.0",),
        image="plain",
    ),
    HandMade(
        "zeppelin",
        {"/opt/zeppelin/lib/zeppelin-server-0.11.1.jar": jar(driver=False)},
        ides=("zeppelin 0.11.1",), image="plain"),
    HandMade(
        "drivers",
        {
            "/opt/microsoft/msodbcsql18/lib64/libmsodbcsql-18.3.so.2.1": ELF,
            "/srv/jars/postgresql-42.7.3.jar": jar(driver=True),
        },
        drivers=("JDBC postgresql 42.7.3", "ODBC msodbcsql 18.3"), image="plain"),
    HandMade("nothing", then=("start", "pause"), state="paused"),
    HandMade(
        "distroless",
        {"/var/lib/dpkg/status.d/python3": b"Package: python3.11\nVersion: 3.11.2-6\n", **metadata("voila", "0.5")},
        image="scratch",
        languages=("Python 3.11.2",),
    ),
    HandMade(
        "alpine",
        {"/lib/apk/db/installed": b"P:nodejs\nV:20.11.1-r0\n\nP:python3\nV:3.12.3-r1\n"},
        image="scratch",
        languages=("Python 3.12.3", "Node 20.11.1"),
    ),
    HandMade("published", metadata("jupyterlab", "4.2.0"), ("-p", "8888"), then=("start",), ides=("jupyterlab 4.2.0",),
             state="running"),
    HandMade("mounts", {}, ("-v", "VOLUME:/work", "-v", "/data-unnamed", "-v", "/etc/hosts:/h:ro")),
    HandMade("composed", {}, ("--label", "com.docker.compose.project=risk"), owner="risk", image="plain"),
    HandMade("Z.9__weird--Name..", metadata("jupyterlab", "4.3.0"), ides=("jupyterlab 4.3.0",), image="plain"),
    HandMade("ours-in-words", {}, ("--label", "io.solvent.kind=environment", "--label", "io.solvent.owner=eve"),
             owner="eve", image="plain"),
    HandMade("our-realm", {}, ("--label", "io.solvent.realm=REALM", "--label", "io.solvent.kind=environment"),),
    HandMade("damaged", {f"{PYTHON}/jupyterlab-4.dist-info/METADATA": b"\xff\xfe", **metadata("marimo", "0.9")},
             ides=("marimo 0.9",), image="plain"),
    HandMade("lost", metadata("jupyterlab", "4.0.0"), image="deleted", ides=("jupyterlab 4.0.0",), languages=()),
)  # fmt: skip
