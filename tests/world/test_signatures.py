"""Signatures by SSH keys: who signed is told by the file of those who may, and everybody else is refused."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from manager.errors import Failed, Refused, Unreachable, UsageError
from manager.world import signatures
from manager.world.signatures import signed, signer

if TYPE_CHECKING:
    from pathlib import Path

LIST = b'{"schema": 1}'


def key(folder: Path, name: str, passphrase: str = "") -> Path:
    """Make a key."""
    words = ("ssh-keygen", "-q", "-t", "ed25519", "-N", passphrase, "-C", name, "-f", str(folder / name))
    subprocess.run(words, check=True)
    return folder / name


def signers(folder: Path, *lines: str) -> Path:
    """Write a file of allowed signers."""
    (folder / "signers").write_text("".join(f"{line}\n" for line in lines))
    return folder / "signers"


def public(key: Path) -> str:
    """Give a key's public half, type and key."""
    return " ".join(key.with_name(f"{key.name}.pub").read_text().split()[:2])


def test_a_signature_names_who_may_sign(tmp_path: Path) -> None:
    """By the name that stands beside the key; nothing of the private key is anywhere else."""
    mine = key(tmp_path, "ana")
    allowed = signers(tmp_path, f"ana@example.org {public(mine)}")
    before = sorted(one.name for one in tmp_path.iterdir())

    made = signed(LIST, mine)

    assert signer(LIST, made.encode(), allowed) == "ana@example.org"
    assert sorted(one.name for one in tmp_path.iterdir()) == before


def test_a_stranger_a_changed_list_and_another_purpose_are_refused(tmp_path: Path) -> None:
    """The stranger's key is shown, so that somebody can ask whose it is."""
    mine, other = key(tmp_path, "ana"), key(tmp_path, "eve")
    allowed = signers(tmp_path, f"ana@example.org {public(mine)}")
    message = tmp_path / "message"
    message.write_bytes(LIST)
    subprocess.run(("ssh-keygen", "-q", "-Y", "sign", "-f", str(mine), "-n", "git", str(message)), check=True)

    with pytest.raises(Refused, match=r"signed by nobody who may: ED25519 SHA256:"):
        signer(LIST, signed(LIST, other).encode(), allowed)
    with pytest.raises(Refused, match="does not hold"):
        signer(LIST + b" ", signed(LIST, mine).encode(), allowed)
    with pytest.raises(Refused):
        signer(LIST, (tmp_path / "message.sig").read_bytes(), allowed)
    with pytest.raises(Refused, match="cannot be read"):
        signer(LIST, b"no signature", allowed)


def test_whose_time_is_over_may_not_sign(tmp_path: Path) -> None:
    """OpenSSH's own options of allowed signers hold."""
    mine = key(tmp_path, "ana")
    allowed = signers(tmp_path, f'ana@example.org valid-before="20200101" {public(mine)}')

    with pytest.raises(Refused):
        signer(LIST, signed(LIST, mine).encode(), allowed)


def test_a_key_with_a_passphrase_asks_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It fails, and says how an agent signs."""
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)

    with pytest.raises(Failed, match="does not sign") as caught:
        signed(LIST, key(tmp_path, "locked", "secret words"))

    assert "ssh-add" in caught.value.hint


def test_what_is_not_there_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A key, a file of signers, the program."""
    mine = key(tmp_path, "ana")
    with pytest.raises(UsageError, match="there is no key"):
        signed(LIST, tmp_path / "none")
    with pytest.raises(UsageError, match="allowed signers"):
        signer(LIST, b"", tmp_path / "none")
    monkeypatch.setattr(signatures, "_PROGRAM", "no-such-program")
    with pytest.raises(Unreachable, match="not installed"):
        signed(LIST, mine)
