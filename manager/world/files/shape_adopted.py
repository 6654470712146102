"""The shape of ``images/adopted.toml``. Importing this imports pydantic: see :mod:`.shape`."""

from __future__ import annotations

from datetime import date  # noqa: TC003 - pydantic reads the annotations when the models are made
from typing import Annotated

from pydantic import Field

from manager.world.files.patterns import CONFIG_DIGEST, FULL_NAME, PYTHON, Filled
from manager.world.files.strict import Shape


class AdoptedTable(Shape):
    """An image that was made elsewhere, the release that it is here, and its dates."""

    release: Annotated[str, Field(pattern=FULL_NAME)]
    title: Filled = ""
    digest: Annotated[str, Field(pattern=CONFIG_DIGEST)]
    reference: Filled
    owner: Filled
    python: Annotated[str, Field(pattern=r"^$|" + PYTHON)] = ""
    released: date
    deprecated: date | None = None
    create_block: date | None = None
    end_of_life: date
    restart_block: date | None = None
    remove_after: date | None = None
    successor: Annotated[str, Field(pattern=r"^$|" + FULL_NAME)] = ""
    message: str = ""


class AdoptedFile(Shape):
    """``images/adopted.toml``: images that were not built from this catalog."""

    image: list[AdoptedTable] = []
