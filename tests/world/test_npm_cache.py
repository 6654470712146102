"""What of npm's cache belongs to locks: no package of anybody else, and nothing of who asked."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import tarfile
from typing import TYPE_CHECKING, Any

from manager.world import npm_cache

if TYPE_CHECKING:
    from pathlib import Path

LOGIN = "Basic cmVhZGVyOnNlY3JldA=="
AT = "make-fetch-happen:request-cache:https://npm.example/"


def integrity(content: bytes) -> str:
    """Give a content's hash as npm spells it."""
    return "sha512-" + base64.b64encode(hashlib.sha512(content).digest()).decode()


def keep(folder: Path, key: str, content: bytes, **headers: Any) -> str:
    """Put a content with its entry into a cache, as npm does; give its hash."""
    value = hashlib.sha512(content).hexdigest()
    place = folder / "_cacache/content-v2/sha512" / value[:2] / value[2:4] / value[4:]
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(content)
    metadata = {"time": 1, "url": key.removeprefix("make-fetch-happen:request-cache:")} | headers
    text = json.dumps({"key": key, "integrity": integrity(content), "time": 1, "size": 1, "metadata": metadata})
    name = hashlib.sha256(key.encode()).hexdigest()
    place = folder / "_cacache/index-v5" / name[:2] / name[2:4] / name[4:]
    place.parent.mkdir(parents=True, exist_ok=True)
    with place.open("a") as file:
        file.write(f"\n{hashlib.sha1(text.encode()).hexdigest()}\t{text}")
    return integrity(content)


def lock(**packages: str) -> str:
    """Give a lock of packages at 1.0.0 with these hashes."""
    rows = {f"node_modules/{name}": {"version": "1.0.0", "integrity": value} for name, value in packages.items()}
    return json.dumps({"lockfileVersion": 3, "packages": {"": {}} | rows})


def contents(found: dict[str, Path | bytes]) -> set[bytes]:
    """Give the contents of what is carried, without the index."""
    return {one if isinstance(one, bytes) else one.read_bytes() for name, one in found.items() if "/index-" not in name}


def index(found: dict[str, Path | bytes]) -> dict[str, Any]:
    """Read the entries of what is carried, each held against its checksum as npm does."""
    rows = {}
    for name, one in found.items():
        if "/index-" in name:
            assert isinstance(one, bytes)
            for line in one.decode().split("\n")[1:]:
                digest, _, text = line.partition("\t")
                assert digest == hashlib.sha1(text.encode()).hexdigest()
                rows[json.loads(text)["key"]] = json.loads(text)
    return rows


def test_only_what_the_locks_name_is_carried_with_what_the_registry_said_of_it(tmp_path: Path) -> None:
    """Another team's package of the same registry stays; the control lock names it."""
    ide = keep(tmp_path, f"{AT}ide/-/ide-1.0.0.tgz", b"ide")
    keep(tmp_path, f"{AT}ide", b"of ide")
    theirs = keep(tmp_path, f"{AT}@other%2fprivate", b"of private")
    keep(tmp_path, "pacote:tarball:ide@1.0.0", b"ide")
    keep(tmp_path, "pacote:tarball:ide@2.0.0", b"another ide")
    keep(tmp_path, f"{AT}ide?token=secret", b"with a token")
    keep(tmp_path, "make-fetch-happen:request-cache:https://ana:secret@npm.example/ide", b"with a login")

    found, lacking = npm_cache.files(tmp_path, [lock(ide=ide)])
    other, _ = npm_cache.files(tmp_path, [lock(**{"@other/private": theirs})])

    assert (contents(found), lacking) == ({b"ide", b"of ide"}, ())
    assert set(index(found)) == {f"{AT}ide/-/ide-1.0.0.tgz", f"{AT}ide", "pacote:tarball:ide@1.0.0"}
    assert contents(other) == {b"of private"}


def test_no_login_is_carried(tmp_path: Path) -> None:
    """Npm keeps the headers by which a registry varies; without them the entry is for everybody."""
    keep(
        tmp_path,
        f"{AT}ide",
        b"of ide",
        url="https://ana:secret@npm.example/ide",
        reqHeaders={"authorization": LOGIN, "cookie": "secret", "accept": "application/json"},
        resHeaders={
            "vary": "Authorization, Accept, Cookie",
            "etag": "x",
            "location": "https://cdn.example/?key=secret",
        },
    )

    found, lacking = npm_cache.files(tmp_path, [lock(ide=integrity(b"ide"))])

    metadata = index(found)[f"{AT}ide"]["metadata"]
    assert metadata["reqHeaders"] == {"accept": "application/json"}
    assert metadata["resHeaders"] == {"vary": "accept", "etag": "x"}
    assert LOGIN not in repr(found)
    assert "secret" not in repr(found)
    assert lacking == ("ide@1.0.0",)


def test_what_an_archive_brings_lock_files_for_is_carried_too(tmp_path: Path) -> None:
    """Npm fills those folders from the same cache; lock files of packages in node_modules count for nothing."""
    inner, foreign = keep(tmp_path, f"{AT}inner", b"inner"), keep(tmp_path, f"{AT}foreign", b"foreign")
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for name, text in {
            "package/lib/package-lock.json": json.dumps(
                {"dependencies": {"old": {"version": "1.0.0", "integrity": inner, "resolved": "x"}}}
            ),
            "package/lib/node_modules/x/package-lock.json": lock(foreign=foreign),
        }.items():
            member = tarfile.TarInfo(name)
            member.size = len(text)
            archive.addfile(member, io.BytesIO(text.encode()))
    ide = keep(tmp_path, f"{AT}ide", packed.getvalue())

    found, _ = npm_cache.files(tmp_path, [lock(ide=ide)])

    assert contents(found) == {packed.getvalue(), b"inner"}


def test_what_is_no_lock_names_nothing(tmp_path: Path) -> None:
    """An archive that is none, a lock that is none, an index that was cut."""
    ide = keep(tmp_path, f"{AT}ide", b"no archive")
    for place in (tmp_path / "_cacache/index-v5").glob("*/*/*"):
        place.write_bytes(place.read_bytes()[:-3])

    found, lacking = npm_cache.files(tmp_path, ["[]", "{", lock(ide=ide, gone="sha512-!")])

    assert (contents(found), index(found), lacking) == ({b"no archive"}, {}, ("gone@1.0.0",))
