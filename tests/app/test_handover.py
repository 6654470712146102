"""What the entry point reads from its standard input: modes, owners, content, and nothing else."""

from __future__ import annotations

import io
import tarfile

from manager.app.handover import archive
from manager.core.delivery import File

FILES = (
    File("connections/one/url", b"postgresql://u:p@h/d"),
    File("connections/one/secrets/password", "pä\n".encode()),
    File("connections/two/url", b""),
)


def members(content: bytes) -> dict[str, tarfile.TarInfo]:
    """Give the archive's members by name; each is there once."""
    with tarfile.open(fileobj=io.BytesIO(content)) as tar:
        assert len(set(tar.getnames())) == len(tar.getnames())
        return {member.name: member for member in tar.getmembers()}


def contents(content: bytes) -> dict[str, bytes]:
    """Give what the archive's files hold, by name."""
    with tarfile.open(fileobj=io.BytesIO(content)) as tar:
        return {one.name: tar.extractfile(one).read() for one in tar.getmembers() if one.isreg()}  # type: ignore[union-attr]


def test_the_token_stands_first_and_without_a_newline() -> None:
    """Jupyter takes the file as it is."""
    assert contents(archive("secret", (), 1000)) == {"token": b"secret"}
    assert next(iter(members(archive("secret", FILES, 1000)))) == "token"


def test_files_are_for_the_user_alone() -> None:
    """0600 and 0700, of the user's own id, regular files and folders only."""
    for member in members(archive("t", FILES, 1234)).values():
        assert (member.uid, member.gid) == (1234, 1234)
        assert member.mode == (0o700 if member.isdir() else 0o600)
        assert member.isdir() or member.isreg()


def test_contents_arrive_byte_for_byte() -> None:
    """Empty ones and line ends as well."""
    assert contents(archive("t", FILES, 1000)) == {"token": b"t"} | {file.path: file.content for file in FILES}


def test_folders_come_once_and_before_what_they_hold() -> None:
    """A shell's tar unpacks in order."""
    names = list(members(archive("t", FILES, 1000)))

    for name in names:
        parent = name.rpartition("/")[0]
        assert not parent or names.index(parent) < names.index(name)


def test_the_same_gives_the_same_bytes() -> None:
    """No time of day, no name of who made it."""
    assert archive("t", FILES, 1000) == archive("t", FILES, 1000)
    assert all((one.mtime, one.uname, one.gname) == (0, "", "") for one in members(archive("t", FILES, 1)).values())
