"""Fetches single wheels, for the archive."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from manager.core.reach import AS_IT_IS
from manager.errors import Failed, Unreachable

if TYPE_CHECKING:
    from pathlib import Path

    from manager.core.reach import Reach
    from manager.core.wheels import Offer

_OK = 200


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
