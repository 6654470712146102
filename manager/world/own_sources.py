"""A person's own sources: one TOML file each, beside their connections, written whole or not at all."""

from __future__ import annotations

import json
import tomllib
from typing import TYPE_CHECKING

from manager import whole_files
from manager.core.names import checked
from manager.core.own_sources import OwnSource, allowed
from manager.errors import Failed, Refused, UsageError

if TYPE_CHECKING:
    from pathlib import Path

_TEXTS = ("connection", "engine", "version", "schema")


class SourceFolder:
    """The folder that holds a person's own sources as ``NAME.toml``; it is made with the first one."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def names(self) -> tuple[str, ...]:
        """List the names, sorted."""
        return tuple(sorted(file.stem for file in self.path.glob("*.toml") if file.is_file()))

    def read(self, name: str) -> OwnSource:
        """Read one that is there; raises Failed for a file that is broken or cannot be read."""
        file = self._file(name)
        try:
            document = tomllib.loads(file.read_text(encoding="utf-8"))
            texts = {key: document.pop(key, "") for key in _TEXTS}
            saved, words = document.pop("saved", False), document.pop("able", [])
            if document:
                raise ValueError(f"unknown key {next(iter(document))!r}")
            if not (all(isinstance(one, str) for one in texts.values()) and isinstance(saved, bool)):
                raise ValueError("texts in quotes, and saved as true or false")
            if not (isinstance(words, list) and all(isinstance(one, str) for one in words)):
                raise ValueError("able is a list of words")
            if not texts["connection"] or not texts["engine"]:
                raise ValueError("connection and engine are needed")
            able, may = allowed(words, texts["schema"])
        except UsageError as error:
            raise Failed(f"the source {name} is broken", why=error.message, where=str(file)) from None
        except (OSError, ValueError, RecursionError) as error:
            raise Failed(f"the source {name} is broken", why=str(error), hint="edit the file, or remove the source",
                         where=str(file)) from None  # fmt: skip
        return OwnSource(
            name, texts["connection"], texts["engine"], texts["version"], able, may, texts["schema"], saved
        )

    def write(self, source: OwnSource) -> None:
        """Save one; raises Refused for a name that is taken, Failed where it cannot be written."""
        file = self._file(source.name)
        values = {key: getattr(source, key) for key in _TEXTS if getattr(source, key)}
        values |= {"able": list(source.capabilities), "saved": source.saved}
        # A JSON string is a TOML basic string but for DEL, which no name of these holds.
        text = "".join(f"{key} = {json.dumps(value, ensure_ascii=False)}\n" for key, value in values.items())
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            whole_files.write(file, text, mode=whole_files.PRIVATE)
        except FileExistsError:
            raise Refused(f"there is a source {source.name!r} already",
                          hint=f"solvent source remove {source.name}") from None  # fmt: skip
        except OSError as error:
            raise Failed(
                f"the source {source.name} cannot be saved", why=error.strerror or "", where=str(file)
            ) from None

    def remove(self, name: str) -> None:
        """Delete the file of one; raises Failed where that cannot be done."""
        try:
            self._file(name).unlink()
        except OSError as error:
            raise Failed(f"the source {name} cannot be removed", why=error.strerror or "") from None

    def _file(self, name: str) -> Path:
        return self.path / f"{checked(name, 'source name')}.toml"
