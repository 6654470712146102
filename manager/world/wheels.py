"""Fetches single wheels, for the archive, or only what one says of itself."""

from __future__ import annotations

import re
import shutil
import tempfile
import zipfile
from pathlib import Path
from typing import IO, TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from manager.core.reach import AS_IT_IS
from manager.core.zips import BROKEN
from manager.errors import Failed, Unreachable

if TYPE_CHECKING:
    from manager.core.reach import Reach
    from manager.core.wheels import Offer

_OK, _PART = 200, 206
# What describes a wheel lies at its end (PEP 427), with the table of what is in it.
_TAIL = 1024 * 1024
_DESCRIPTION = re.compile(r"[^/]+\.dist-info/METADATA")
_LENGTH = re.compile(r"bytes (\d+)-(\d+)/(\d+)")


def fetch(offer: Offer, out: Path, reach: Reach = AS_IT_IS) -> None:
    """Write a wheel's file, whatever is in it: its hash is held against it by whoever keeps it.

    The index's login goes to the index's own host and to no other. Raises Unreachable where nobody answers, Failed
    where the answer is no file.
    """
    parts = urlsplit(offer.address)
    try:
        if parts.scheme == "file":
            shutil.copyfile(unquote(parts.path), out)
            return
        from manager.web_client import NotAnswered, answer

        own = parts.hostname == urlsplit(reach.mirrors.python).hostname
        try:
            with answer(offer.address, reach, "python" if own else "") as found, out.open("wb") as file:
                if found.status_code != _OK:
                    raise Failed(f"{offer.name} cannot be had", why=f"{parts.hostname} answers {found.status_code}")
                for piece in found.iter_raw():
                    file.write(piece)
        except NotAnswered as error:
            raise Unreachable(f"{parts.hostname} does not answer", why=error.words) from None
    except OSError as error:
        raise Failed(f"{offer.name} cannot be had", why=error.strerror or str(error)) from error


def metadata(wheel: Path | IO[bytes]) -> bytes:
    """Give what a wheel says of itself; raises Failed for what is no wheel."""
    try:
        with zipfile.ZipFile(wheel) as archive:
            name = next(filter(_DESCRIPTION.fullmatch, archive.namelist()), "")
            return archive.read(name)
    except (*BROKEN, KeyError) as error:
        raise Failed("that is no wheel", why=str(error)) from None


def described(offer: Offer, reach: Reach = AS_IT_IS) -> bytes:
    """Give what a wheel of an index says of itself, without the wheel where that is possible.

    From beside the wheel (PEP 658), else from its end, else from the whole of it. Raises as :func:`fetch` does.
    """
    from manager.web_client import NotAnswered, answer

    with tempfile.TemporaryDirectory(prefix="solvent-wheel-") as name:
        whole = Path(name, "wheel")
        parts = urlsplit(offer.address)
        if parts.scheme != "file":
            key = "python" if parts.hostname == urlsplit(reach.mirrors.python).hostname else ""
            try:
                with answer(f"{offer.address}.metadata", reach, key) as found:
                    text = b"".join(found.iter_raw()) if found.status_code == _OK else b""
                if text.startswith(b"Metadata-Version:"):
                    return text
                with answer(offer.address, reach, key, headers={"Range": f"bytes=-{_TAIL}"}) as found:
                    place = _LENGTH.fullmatch(found.headers.get("content-range", ""))
                    if found.status_code == _PART and place:
                        return metadata(_sparse(whole, int(place[1]), b"".join(found.iter_raw())))
            except NotAnswered as error:
                raise Unreachable(f"{parts.hostname} does not answer", why=error.words) from None
            except Failed:
                # The end did not have it: the whole of it has.
                whole.unlink(missing_ok=True)
        fetch(offer, whole, reach)
        return metadata(whole)


def _sparse(place: Path, start: int, content: bytes) -> Path:
    """Write the end of a file; what comes before it is a hole."""
    with place.open("wb") as file:
        file.seek(start)
        file.write(content)
    return place
