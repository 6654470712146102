"""What every model of the catalog's files has in common. Importing this imports pydantic: see :mod:`.shape`."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Shape(BaseModel):
    """Nothing is coerced and no key goes unnoticed."""

    model_config = ConfigDict(strict=True, extra="forbid")
