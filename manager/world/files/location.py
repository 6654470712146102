"""Which catalog is meant: named, around the working folder, configured, or the shipped one."""

from __future__ import annotations

from pathlib import Path

from manager.errors import CatalogError, Failed

MARK = "solvent.toml"
_HERE = Path(__file__).resolve()


def shipped_root() -> Path:
    """Give the shipped catalog: inside the package in a wheel, beside it in an editable install.

    Raises Failed when neither is there.
    """
    package = _HERE.parents[2]
    for root in (package / "_shipped", package.parent):
        if (root / MARK).is_file():
            return root
    raise Failed(
        "the shipped catalog is not where the package was installed",
        why=f"no {package / '_shipped' / MARK}",
        hint="install solvent again, or name a catalog with --catalog DIR",
    )


def find(
    start: Path | None,
    explicit: Path | None = None,
    environment: str | None = None,
    configured: Path | None = None,
) -> tuple[Path, bool]:
    """Give the catalog's root (absolute, resolved) and whether it is the shipped one.

    In this order: ``explicit`` (``--catalog``), ``environment`` (the value of SOLVENT_CATALOG), the nearest
    folder with a solvent.toml from ``start`` upwards, ``configured`` (the settings' default), the shipped one.
    Raises CatalogError when a place that was named is no catalog.
    """
    if explicit is not None:
        root = _named(explicit, "--catalog")
    elif environment:
        root = _named(Path(environment), "SOLVENT_CATALOG")
    elif around := _around(start):
        root = around
    elif configured is not None:
        root = _named(configured, "the settings")
    else:
        return shipped_root(), True
    try:
        return root, root == shipped_root()
    except Failed:
        return root, False


def _around(start: Path | None) -> Path | None:
    if start is None:
        return None
    here = start.resolve()
    return next((folder for folder in (here, *here.parents) if _is_catalog(folder)), None)


def _is_catalog(folder: Path) -> bool:
    try:
        return (folder / MARK).is_file()
    except OSError:
        return False


def _named(folder: Path, by: str) -> Path:
    root = folder.expanduser().resolve()
    if not _is_catalog(root):
        what = "it has no solvent.toml" if root.is_dir() else "there is no such folder"
        raise CatalogError(f"{root} (from {by}) is not a catalog: {what}", hint=f"make one:  solvent init {folder}")
    return root
